"""Notices: which changes are told, in what words, and how often."""

from __future__ import annotations

import pytest

from agent.runtime.status.snapshot import State, Status
from agent.ui.notices import AGAIN_AFTER_NS, Notices, notice


class Shown:
    """A notifier that keeps what it showed."""

    def __init__(self, works: bool = True) -> None:
        self.titles: list[str] = []
        self.urgent: list[bool] = []
        self.replaced: list[str] = []
        self._works = works

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        assert text.endswith((".", "menu if it is yours."))
        self.titles.append(title)
        self.urgent.append(urgent)
        self.replaced.append(replaces)
        return self._works


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


@pytest.mark.parametrize(
    ("before", "now", "title"),
    [
        (State.LEARNING, State.PROTECTING, "Protection has started"),
        (State.NO_EVIDENCE, State.PROTECTING, "Protection has started"),
        (State.PAUSED, State.PROTECTING, "The pause has ended"),
        (State.PAUSED, State.NO_EVIDENCE, "The pause has ended"),
        (State.CANNOT_SEE, State.PROTECTING, "Steadyhand sees the mouse again"),
        (State.PROTECTING, State.SUSPICIOUS, "Unusual mouse movement"),
        (State.PROTECTING, State.UNKNOWN_MOUSE, "Unknown mouse"),
        (State.PROTECTING, State.CANNOT_SEE, "Steadyhand cannot see the mouse"),
        (State.STARTING, State.LEARNING, "Steadyhand is learning how you move the mouse"),
    ],
)
def test_told(before: State, now: State, title: str) -> None:
    told = notice(Status(before), Status(now))
    assert told is not None
    assert told.title == title
    assert not told.urgent


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (State.STARTING, State.PROTECTING),
        (State.SUSPICIOUS, State.PROTECTING),
        (State.PROTECTING, State.NO_EVIDENCE),
        (State.PROTECTING, State.PAUSED),
        (State.SUSPICIOUS, State.LOCKED),
        (State.PAUSED, State.LOCKED),
        *((state, state) for state in State),
    ],
)
def test_not_told(before: State, now: State) -> None:
    assert notice(Status(before, trust=90), Status(now, trust=10)) is None


def test_suspicion_says_whether_it_locks() -> None:
    shadow = notice(Status(State.PROTECTING), Status(State.SUSPICIOUS, mode="shadow"))
    enforce = notice(Status(State.PROTECTING), Status(State.SUSPICIOUS, mode="enforce"))
    assert shadow is not None
    assert enforce is not None
    assert "shadow mode" in shadow.text
    assert "the screen locks" in enforce.text


def test_that_was_me_is_only_offered_where_it_can_be_answered() -> None:
    changes = (Status(State.SUSPICIOUS), Status(State.PROTECTING, countdown_s=5.0))
    for now in changes:
        offered = [notice(Status(State.PROTECTING), now, can_answer=can) for can in (True, False)]
        assert ["That was me" in told.text for told in offered if told] == [True, False]


def test_the_countdown_counts_in_one_urgent_notification_and_says_how_it_ended() -> None:
    shown, clock = Shown(), Clock()
    notices = Notices(shown, clock)
    for end, lock in (("The screen was locked", "locked"), ("The screen stays open", "withdrawn")):
        for left in (3.0, 2.0, 2.0, 1.0, None):
            notices.status_changed(
                Status(State.SUSPICIOUS, countdown_s=left, last_lock=lock if left is None else "")
            )
        words = ["3 seconds", "2 seconds", "1 second"]
        assert shown.titles == [*(f"The screen locks in {left}" for left in words), end]
        assert shown.urgent == [True] * 4
        assert shown.replaced == ["countdown"] * 4
        for kept in (shown.titles, shown.urgent, shown.replaced):
            kept.clear()
    notices.status_changed(Status(State.SUSPICIOUS, countdown_s=1.0))
    notices.status_changed(Status(State.SUSPICIOUS, last_lock="failed"))
    assert shown.titles == ["The screen locks in 1 second"], "that it failed is told by whoever tried"


def test_the_same_is_not_told_again_within_five_minutes() -> None:
    shown, clock = Shown(), Clock()
    notices = Notices(shown, clock)
    for clock.now_ns in (0, AGAIN_AFTER_NS // 2, AGAIN_AFTER_NS - 1, AGAIN_AFTER_NS):
        notices.status_changed(Status(State.SUSPICIOUS))
        notices.status_changed(Status(State.NO_EVIDENCE))
    assert shown.titles == ["Unusual mouse movement"] * 2


def test_what_the_person_knows_already_is_held_back_for_five_minutes() -> None:
    shown, clock = Shown(), Clock()
    notices = Notices(shown, clock)
    notices.hold_back("learning")
    notices.status_changed(Status(State.LEARNING))
    assert shown.titles == []
    clock.now_ns = AGAIN_AFTER_NS
    notices.status_changed(Status(State.STARTING))
    assert notices.status_changed(Status(State.LEARNING)) is not None


def test_one_kind_does_not_hold_back_another() -> None:
    shown = Shown()
    notices = Notices(shown, Clock())
    for state in (State.SUSPICIOUS, State.UNKNOWN_MOUSE, State.CANNOT_SEE):
        assert notices.status_changed(Status(state)) is not None
    assert len(shown.titles) == 3


def test_a_desktop_without_notifications_is_no_error() -> None:
    assert Notices(Shown(works=False), Clock()).status_changed(Status(State.CANNOT_SEE)) is None
