"""Notifications, re-authentication and idle time, over a scripted bus."""

from __future__ import annotations

import os
import queue
from pathlib import Path
from typing import Any

import pytest

from agent.host.linux.bus import BusError, BusOwner, Signal
from agent.host.linux.idle import LinuxIdle
from agent.host.linux.notice_buttons import ACTION as ACTION_KEY
from agent.host.linux.notify import DesktopNotifier
from agent.host.linux.reauthenticate import ACTION, PolkitConfirmation, start_time
from agent.host.notifier import NoticeButton

POLKIT = "org.freedesktop.PolicyKit1.Authority"
NOTIFY = "org.freedesktop.Notifications.Notify"


def test_a_notification_is_plain_text_and_as_urgent_as_asked(bus: Any) -> None:
    bus.signals["SESSION"] = []
    bus.answers[NOTIFY] = (7,)
    notifier = DesktopNotifier(bus)
    assert notifier.show("Locked", "a <b> & c", urgent=True)
    assert notifier.show("Hello", "x")
    (_, urgent), (_, calm) = bus.calls
    assert urgent[3:5] == ("Locked", "a &lt;b&gt; &amp; c")
    assert urgent[6]["urgency"] == ("y", 2)
    assert calm[6]["urgency"] == ("y", 1)


def test_a_notification_takes_the_place_of_its_like_and_of_no_other(bus: Any) -> None:
    bus.signals["SESSION"] = []
    bus.answers[NOTIFY] = [(7,), (8,), (7,), BusError("nobody"), (9,)]
    notifier = DesktopNotifier(bus)
    for about in ("countdown", "", "countdown", "countdown", "countdown"):
        notifier.show("a", "b", replaces=about)
    assert [body[1] for _, body in bus.calls] == [0, 0, 7, 7, 7]


@pytest.mark.parametrize(("urgent", "icon", "urgency"), [(False, "", 1), (True, "dialog-warning", 2)])
def test_what_is_urgent_carries_a_warning_and_no_tick(
    bus: Any, urgent: bool, icon: str, urgency: int
) -> None:
    bus.signals["SESSION"] = []
    bus.answers[NOTIFY] = (7,)
    DesktopNotifier(bus).show("The screen locks in 10 seconds", "x", urgent=urgent)
    ((_, body),) = bus.calls
    assert (body[2], body[6]["urgency"]) == (icon, ("y", urgency))


def test_a_notification_that_nobody_shows_is_told(bus: Any) -> None:
    bus.signals["SESSION"] = []
    bus.answers[NOTIFY] = BusError("nobody")
    assert not DesktopNotifier(bus).show("a", "b")


def test_the_connection_lasts_as_long_as_the_notification_without_a_button(bus: Any) -> None:
    """GNOME takes it away with the connection."""
    bus.signals["SESSION"] = []
    bus.answers[NOTIFY] = [(7,), (8,)]
    notifier = DesktopNotifier(bus)
    assert notifier.show("What Steadyhand records", "x")
    assert notifier.show("Steadyhand cannot see the mouse", "x")
    (conversation,) = bus.conversations
    conversation.say(closed(7))
    assert not conversation.closed.wait(0.1)
    conversation.say(closed(8))
    assert conversation.closed.wait(5)


def test_buttons_are_offered_only_where_the_desktop_says_that_it_has_them(bus: Any) -> None:
    bus.answers["org.freedesktop.Notifications.GetCapabilities"] = [
        (["body", "actions"],),
        (["body"],),
        ("actions",),
        BusError("nobody"),
    ]
    bus.answers["org.freedesktop.Notifications.GetServerInformation"] = [
        ("gnome-shell", "GNOME", "48", "1.2")
    ]
    assert [DesktopNotifier(bus).has_buttons() for _ in range(4)] == [True, False, False, False]


def test_a_service_that_takes_actions_and_shows_none_has_no_buttons(bus: Any) -> None:
    bus.answers["org.freedesktop.Notifications.GetCapabilities"] = (["body", "actions"],)
    bus.answers["org.freedesktop.Notifications.GetServerInformation"] = [
        ("mako", "emersion", "1.10", "1.2"),
        (),
        BusError("nobody"),
    ]
    assert [DesktopNotifier(bus).has_buttons() for _ in range(3)] == [False, False, False]


def pressed(number: int, action: str = ACTION_KEY) -> Signal:
    return Signal(
        "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "ActionInvoked", (number, action)
    )


def closed(number: int) -> Signal:
    return Signal(
        "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "NotificationClosed", (number, 2)
    )


def test_a_press_counts_once_and_only_for_the_notification_that_is_on_the_screen(bus: Any) -> None:
    bus.signals["SESSION"] = []
    bus.answers[NOTIFY] = (7,)
    presses: queue.SimpleQueue[str] = queue.SimpleQueue()
    notifier = DesktopNotifier(bus)
    for word in ("first", "second"):
        button = NoticeButton("That was me", lambda word=word: presses.put(word))
        assert notifier.show_with_button("Locks", "x", button, urgent=True, replaces="countdown")
    (_, first), (_, second) = bus.calls
    assert first[5] == [ACTION_KEY, "That was me"]
    assert (first[1], second[1]) == (0, 7)
    (conversation,) = bus.conversations
    for signal in (pressed(8), pressed(7, "other"), pressed(7), pressed(7), closed(7)):
        conversation.say(signal)
    assert conversation.closed.wait(5), "no notification is left"
    assert presses.get_nowait() == "second"
    assert presses.empty()


def test_a_notification_without_a_button_takes_the_button_away(bus: Any) -> None:
    bus.signals["SESSION"] = []
    bus.answers[NOTIFY] = (7,)
    notifier = DesktopNotifier(bus)
    presses: list[str] = []
    button = NoticeButton("That was me", lambda: presses.append("pressed"))
    notifier.show_with_button("Locks", "x", button, replaces="countdown")
    notifier.show("Locked", "x", replaces="countdown")
    (conversation,) = bus.conversations
    conversation.say(pressed(7))
    conversation.say(closed(7))
    assert conversation.closed.wait(5)
    assert presses == []


def test_where_the_button_cannot_be_shown_that_is_told_and_the_next_begins_anew(bus: Any) -> None:
    bus.signals["SESSION"] = []
    bus.answers[NOTIFY] = [BusError("gone"), (9,)]
    notifier, button = DesktopNotifier(bus), NoticeButton("That was me", lambda: None)
    assert [notifier.show_with_button("Locks", "x", button) for _ in range(2)] == [False, True]
    assert [conversation.closed.is_set() for conversation in bus.conversations] == [True, False]
    bus.conversations[-1].say(closed(9))
    assert bus.conversations[-1].closed.wait(5)


def polkit(bus: Any) -> PolkitConfirmation:
    bus.owners.setdefault("org.freedesktop.PolicyKit1", BusOwner(":1.7", 0, 41))
    return PolkitConfirmation(bus, pid=99, started=lambda pid: 12345)


def test_a_password_can_be_asked_only_where_our_action_is_installed(bus: Any) -> None:
    others = ([("org.freedesktop.policykit.exec", "", "")],)
    bus.answers[f"{POLKIT}.EnumerateActions"] = [others, ([(ACTION, "", "")],), BusError("nobody")]
    assert [polkit(bus).available() for _ in range(3)] == [False, True, False]


@pytest.mark.parametrize("answer", [True, False])
def test_only_polkits_yes_is_a_yes(bus: Any, answer: bool) -> None:
    bus.answers[f"{POLKIT}.CheckAuthorization"] = ((answer, True, {}),)
    assert polkit(bus).confirm("pause") is answer
    _, (subject, action, details, flags, _) = bus.calls[0]
    assert subject == (
        "unix-process",
        {"pid": ("u", 99), "start-time": ("t", 12345), "uid": ("i", os.getuid())},
    )
    assert (action, details, flags) == (ACTION, {}, 1)


def test_a_polkit_that_does_not_answer_is_a_no(bus: Any) -> None:
    bus.answers[f"{POLKIT}.CheckAuthorization"] = BusError("no answer in time")
    assert polkit(bus).confirm("pause") is False


def test_the_start_time_is_read_behind_any_name(tmp_path: Path) -> None:
    (tmp_path / "5").mkdir()
    fields = " ".join(str(n) for n in range(3, 30))
    (tmp_path / "5" / "stat").write_text(f"5 (a ) b) {fields}\n")
    assert start_time(5, tmp_path) == 22
    assert start_time(os.getpid()) > 0


def test_idle_time_comes_from_mutter_where_there_is_no_x(bus: Any) -> None:
    bus.answers["org.gnome.Mutter.IdleMonitor.GetIdletime"] = [(1234,), BusError("not GNOME")]
    idle = LinuxIdle(bus, {})
    assert idle.idle_ms() == 1234
    assert idle.idle_ms() is None
