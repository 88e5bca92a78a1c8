"""What a person sees and reaches: notifications and their buttons, commands, the launcher, the password."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.desktop.agent_checks import agents, alerts, comes
from tests.desktop.container import PEOPLE, Container
from tests.desktop.hands import (
    dismiss,
    escape,
    kind,
    press_button,
    shot,
    shot_path,
    shows_button,
    shows_notification,
    stir,
    type_word,
)

# A browser of the person's own, which writes down what it is asked to show.
_BROWSER = (
    "[Desktop Entry]\nType=Application\nName=Browser\nExec=/opt/desktop/browser %u\nMimeType=text/html;\n"
)
_HELPER = ("pgrep", "-f", "polkit-agent-helper")


def first_start(c: Container, desktop: str) -> str:
    """What the first start shows: a notification, where anybody here says that one is shown."""
    if kind(desktop) == "kde":
        comes(lambda: bool(agents(c)), 60, "no agent was started")
        comes(lambda: c.run("pgrep", "-x", "ksplashqml") == "", 60, "the desktop does not come")
        time.sleep(2)
    else:
        comes(lambda: _is_shown_to_somebody(c, desktop), 90, "no notification was shown")
        time.sleep(1)  # it slides in
    return shot(c, desktop, "first-start")


def _is_shown_to_somebody(c: Container, desktop: str) -> bool:
    """Whether a notification is on the screen, which GNOME keeps until somebody moves the mouse."""
    if shows_notification(c, desktop):
        return True
    stir(c, desktop)
    return False


def notification(c: Container, desktop: str, way: str) -> str:
    """The countdown's notification, as a picture: its button is pressed, or it names the way that there is."""
    replies: list[str] = []
    command = ("python3", "/opt/desktop/probe.py", "notice", way)
    asks = threading.Thread(target=lambda: replies.append(c.as_user(*command, timeout_s=80)))
    dismiss(c, desktop)
    asks.start()

    def is_seen() -> bool:
        # What the agent itself has shown before goes first.
        stir(c, desktop)
        return shows_button(c, desktop)

    if kind(desktop) == "kde":
        time.sleep(5)
    else:
        comes(is_seen, 50, "it was not shown")
        time.sleep(1)
    picture = shot(c, desktop, "notification")
    while asks.is_alive() and kind(desktop) in ("gnome", "xfce", "kde"):
        press_button(c, desktop)
        asks.join(2)
    asks.join()
    answer = json.loads(replies[0].splitlines()[-1])
    named = _names_the_way(answer, way)
    dismiss(c, desktop)
    return f"{picture}; {'pressed' if answer['pressed'] else named}"


def _names_the_way(answer: dict[str, Any], way: str) -> str:
    words = {
        "menu": "Choose “That was me” in the tray's menu.",
        "command": "Type this in a terminal: steadyhand was-me",
    }
    asked = "Choose “That was me”." if answer["pressed"] else words[way]
    assert asked in answer["text"], answer
    return asked


def commands(c: Container) -> str:
    """`status`, `open` and the launcher entry, which show the page in the person's browser."""
    c.write("/opt/desktop/browser", '#!/bin/sh\nprintf "%s\\n" "$1" >>/home/anna/browsed\n')
    c.run("chmod", "755", "/opt/desktop/browser")
    c.write("/usr/share/applications/desktop-test-browser.desktop", _BROWSER)
    c.run("update-desktop-database")
    c.as_user("xdg-mime", "default", "desktop-test-browser.desktop", "text/html")
    c.run("rm", "-f", "/home/anna/browsed")
    try:
        _in_a_terminal(c, "/usr/bin/steadyhand open", 1)
        _in_a_terminal(c, "gio launch /usr/share/applications/steadyhand.desktop", 2)
        return c.run("cat", "/home/anna/browsed").split()[0]
    finally:
        c.run("rm", "-f", "/usr/share/applications/desktop-test-browser.desktop", "/opt/desktop/browser")


def _in_a_terminal(c: Container, command: str, pages: int) -> None:
    """A command from a terminal that stays, as what a service starts would end with it."""
    waits = f'until [ "$(cat browsed 2>/dev/null | wc -l)" -ge {pages} ] || [ $((i += 1)) -gt 80 ]; do sleep 0.5; done'
    said = c.as_user("sh", "-c", f"cd /home/anna; i=0; {command} 2>&1; {waits}")
    time.sleep(1)  # a second page that nobody asked for would come now
    browsed = c.run("cat", "/home/anna/browsed").split()
    assert len(browsed) == pages, f"the browser was asked for {browsed}, not {pages} pages: {said}"
    assert all(page.endswith("status.html") for page in browsed), browsed


def proven_pause(c: Container, desktop: str) -> dict[str, str]:
    """A pause that nobody proves is not made; polkit's question is shown, and the right password makes it."""
    before = alerts(c, "paused")
    wrong = _asked(c, desktop, lambda: _refused_word(c, desktop))
    assert "done" not in wrong.splitlines(), wrong
    assert alerts(c, "paused") == before, "an unproven pause was made"
    right = _asked(c, desktop, lambda: type_word(c, desktop, PEOPLE["anna"]))
    assert right.splitlines() == ["done"], right
    assert len(alerts(c, "paused")) == len(before) + 1, "no alert says so"
    resumed = c.as_user("/usr/bin/steadyhand", "resume")
    assert resumed.splitlines() == ["done"], resumed
    return {"picture": shot_path(c, desktop, "password"), "wrong": wrong.strip()}


def unproven_pause(c: Container, desktop: str) -> dict[str, str]:
    """The question is shown, and a pause that nobody proves is not made; where nothing here can press Enter in it."""
    before = alerts(c, "paused")
    reply = _asked(c, desktop, lambda: None)
    assert "done" not in reply.splitlines(), reply
    assert alerts(c, "paused") == before, "an unproven pause was made"
    return {"picture": shot_path(c, desktop, "password"), "unanswered": reply.strip()}


def _refused_word(c: Container, desktop: str) -> None:
    """A wrong password, which is asked for again; then the question is given up."""
    first = c.run(*_HELPER)
    type_word(c, desktop, "not" + PEOPLE["anna"])
    try:
        comes(lambda: c.run(*_HELPER) not in ("", first), 20, "the wrong password was not asked for again")
        time.sleep(1)
    finally:
        shot(c, desktop, "refused")
        escape(c, desktop)


def _asked(c: Container, desktop: str, answer: Callable[[], None]) -> str:
    """What `steadyhand pause` says when polkit's question is answered like that."""
    replies: list[str] = []
    asks = threading.Thread(
        target=lambda: replies.append(c.as_user("sh", "-c", "/usr/bin/steadyhand pause 2>&1", timeout_s=80))
    )
    asks.start()
    try:
        comes(lambda: c.run(*_HELPER) != "", 30, "nobody asks for the password")
        time.sleep(1.5)  # the dialogue is drawn
        shot(c, desktop, "password")
        answer()
    finally:
        asks.join()
    return replies[0]
