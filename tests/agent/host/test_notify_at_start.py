"""Notifications that nobody shows yet, on a desktop that is still starting; time is made up."""

from __future__ import annotations

import threading
from collections.abc import Callable

from agent.host.linux.notify_at_start import FIRST_S, NotifierAtStart
from agent.host.notifier import NoticeButton

BUTTON = NoticeButton("That was me", lambda: None)


class Starting:
    """A desktop whose notification service answers from the call of that number on, and its clock."""

    def __init__(self, answers_from: int) -> None:
        self._answers_from = answers_from
        self.now_s = 100.0
        self.calls: list[str] = []
        self.shown: list[str] = []
        self.rested = threading.Semaphore(0)
        self.goes_on = threading.Semaphore(0)

    def has_buttons(self) -> bool:
        return True

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        self.calls.append(title)
        if len(self.calls) < self._answers_from:
            return False
        self.shown.append(f"{title}: {text}, {urgent}, {replaces}")
        return True

    def show_with_button(
        self, title: str, text: str, button: NoticeButton, *, urgent: bool = False, replaces: str = ""
    ) -> bool:
        assert button is BUTTON
        return self.show(title, f"{text} [{button.label}]", urgent=urgent, replaces=replaces)

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.rested.release()
        assert self.goes_on.acquire(timeout=5)
        self.now_s += seconds


def test_what_nobody_shows_at_the_start_is_shown_once_somebody_does() -> None:
    desktop = Starting(answers_from=4)
    notifier = NotifierAtStart(desktop, desktop.clock, desktop.sleep)
    assert not notifier.show("What is recorded", "All of it")
    assert desktop.rested.acquire(timeout=5)
    assert not notifier.show_with_button("Locks", "soon", BUTTON, urgent=True, replaces="countdown")
    desktop.goes_on.release()
    wait_for(lambda: len(desktop.shown) == 1)
    assert desktop.rested.acquire(timeout=5)
    desktop.goes_on.release()
    wait_for(lambda: len(desktop.shown) == 2)
    assert sorted(desktop.shown) == [
        "Locks: soon [That was me], True, countdown",
        "What is recorded: All of it, False, ",
    ]
    assert notifier.show("Later", "shown at once")
    assert notifier.has_buttons()


def test_the_newer_of_two_about_the_same_is_shown_alone() -> None:
    desktop = Starting(answers_from=3)
    notifier = NotifierAtStart(desktop, desktop.clock, desktop.sleep)
    assert not notifier.show("In 2 seconds", "x", replaces="countdown")
    assert desktop.rested.acquire(timeout=5)
    assert not notifier.show("In 1 second", "x", replaces="countdown")
    desktop.goes_on.release()
    wait_for(lambda: bool(desktop.shown))
    assert desktop.shown == ["In 1 second: x, False, countdown"]


def test_a_desktop_without_notifications_is_left_alone_after_a_minute() -> None:
    desktop = Starting(answers_from=1_000)
    notifier = NotifierAtStart(desktop, desktop.clock, desktop.sleep)
    assert not notifier.show("a", "b")
    assert desktop.rested.acquire(timeout=5)
    desktop.now_s += FIRST_S
    desktop.goes_on.release()
    wait_for(lambda: not any(t.name == "steadyhand-notices-at-start" for t in threading.enumerate()))
    assert not notifier.show("c", "d")
    assert desktop.calls == ["a", "c"]


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait for another thread, up to five seconds."""
    ready = threading.Event()
    for _ in range(500):
        if happened():
            return
        ready.wait(0.01)
    raise AssertionError("it did not happen")
