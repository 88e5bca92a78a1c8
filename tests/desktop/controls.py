"""What a person sees and reaches: notifications and their buttons, commands, the launcher, the password."""

from __future__ import annotations

import shlex
import shutil
import threading
import time

from tests.desktop.agent_checks import alerts, comes
from tests.desktop.container import PEOPLE, Container
from tests.desktop.suites import FOLDER, ROOT

_SHELL_SHOT = (
    *("gdbus", "call", "--session", "-d", "org.gnome.Shell.Screenshot", "-o", "/org/gnome/Shell/Screenshot"),
    *("-m", "org.gnome.Shell.Screenshot.Screenshot", "false", "false"),
)
_SHOT = "/home/anna/shot.png"
_TAKERS: dict[str, tuple[str, ...]] = {
    "gnome": (*_SHELL_SHOT, _SHOT),
    "sway": ("grim", _SHOT),
    "labwc": ("grim", _SHOT),
    "xfce": ("scrot", "-o", _SHOT),
}
_PRESS = {
    "sway": ("makoctl", "invoke", "steadyhand-button"),
    "labwc": ("makoctl", "invoke", "steadyhand-button"),
    "gnome": ("python3", "/opt/desktop/typist.py", "shell-button"),
    # Where its notifications stand on a screen of this size.
    "xfce": ("xdotool", "mousemove", "1199", "149", "click", "1"),
}
# A browser of the person's own, which writes down what it is asked to show.
_BROWSER = (
    "[Desktop Entry]\nType=Application\nName=Browser\nExec=/opt/desktop/browser %u\nMimeType=text/html;\n"
)


def shot(c: Container, desktop: str, name: str) -> str:
    """A picture of the screen, kept."""
    if desktop not in _TAKERS:
        return "no picture: KWin gives none without OpenGL"
    said = c.as_user("sh", "-c", f"{shlex.join(_TAKERS[desktop])} 2>&1")
    made = c.tree / _SHOT.lstrip("/")
    assert made.exists(), f"no picture was made: {said}"
    target = shot_path(c, desktop, name)
    shutil.move(made, ROOT / target)
    return target


def shot_path(c: Container, desktop: str, name: str) -> str:
    """Where a picture is kept, from the repository's root."""
    return str((FOLDER / f"{c.tree.name}-{name}-{desktop}.png").relative_to(ROOT))


def notification(c: Container, desktop: str) -> str:
    """A notification of the agent's with its button, as a picture; pressed where something here can press it."""
    answers: list[str] = []
    asks = threading.Thread(
        target=lambda: answers.append(c.as_user("python3", "/opt/desktop/probe.py", "notice", timeout_s=40))
    )
    asks.start()
    # What the agent itself has shown before goes first.
    if desktop == "gnome":
        c.as_user("python3", "/opt/desktop/typist.py", "stir-gnome")
    else:
        time.sleep(9)
    picture = shot(c, desktop, "notification")
    if desktop not in _PRESS:
        asks.join()
        assert '"shown": true' in answers[0], answers
        return f"{picture}; the button was not pressed here"
    while asks.is_alive():
        c.as_user(*_PRESS[desktop])
        asks.join(2)
    assert '"pressed": true' in answers[0], answers
    return f"{picture}; pressed"


def commands(c: Container) -> str:
    """`status`, `open` and the launcher entry, which show the page in the person's browser."""
    c.write("/opt/desktop/browser", '#!/bin/sh\nprintf "%s\\n" "$1" >>/home/anna/browsed\n')
    c.run("chmod", "755", "/opt/desktop/browser")
    c.write("/usr/share/applications/desktop-test-browser.desktop", _BROWSER)
    c.run("update-desktop-database")
    c.as_user("xdg-mime", "default", "desktop-test-browser.desktop", "text/html")
    c.run("rm", "-f", "/home/anna/browsed")
    try:
        # What a service starts ends with it: a terminal stays.
        c.as_user("sh", "-c", "/usr/bin/steadyhand open; sleep 10")
        _comes_to_the_browser(c, 1)
        c.as_user("sh", "-c", "gio launch /usr/share/applications/steadyhand.desktop; sleep 10")
        _comes_to_the_browser(c, 2)
        return c.run("cat", "/home/anna/browsed").split()[0]
    finally:
        c.run("rm", "-f", "/usr/share/applications/desktop-test-browser.desktop", "/opt/desktop/browser")


def _comes_to_the_browser(c: Container, times: int) -> None:
    def pages() -> list[str]:
        return c.run("cat", "/home/anna/browsed").split()

    comes(lambda: len(pages()) == times, 15, f"the browser was asked for {pages()}, not {times} pages")
    assert all(page.endswith("status.html") for page in pages()), pages()


def proven_pause(c: Container, desktop: str) -> dict[str, str]:
    """A pause that nobody proves is not made; polkit's question is shown, and the right password makes it."""
    before = alerts(c, "paused")
    wrong = _asked(c, desktop, "not" + PEOPLE["anna"])
    assert "done" not in wrong.splitlines(), wrong
    right = _asked(c, desktop, PEOPLE["anna"])
    assert right.splitlines() == ["done"], right
    assert len(alerts(c, "paused")) == len(before) + 1, "no alert says so"
    resumed = c.as_user("/usr/bin/steadyhand", "resume")
    assert resumed.splitlines() == ["done"], resumed
    return {"picture": shot_path(c, desktop, "password"), "wrong": wrong.strip()}


def unproven_pause(c: Container, desktop: str) -> dict[str, str]:
    """The question is shown, and a pause that nobody proves is not made; where nothing here can type into it."""
    before = alerts(c, "paused")
    reply = _asked(c, desktop, "")
    assert "done" not in reply.splitlines(), reply
    assert alerts(c, "paused") == before, "an unproven pause was made"
    return {"picture": shot_path(c, desktop, "password"), "unanswered": reply.strip()}


def _asked(c: Container, desktop: str, password: str) -> str:
    """What `steadyhand pause` answers when a password is typed, or none."""
    replies: list[str] = []
    asks = threading.Thread(
        target=lambda: replies.append(c.as_user("sh", "-c", "/usr/bin/steadyhand pause 2>&1", timeout_s=80))
    )
    asks.start()
    time.sleep(4)
    shot(c, desktop, "password")
    if password:
        c.as_user("python3", "/opt/desktop/typist.py", f"type-{desktop}", password)
    asks.join()
    return replies[0]
