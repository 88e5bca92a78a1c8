"""While the screen is locked or the agent paused, nothing is judged or learnt."""

from __future__ import annotations

import pytest

from agent.engine.events import Cause
from agent.runtime.pipeline.gate import Gate, Passage

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    "cause",
    [
        Cause.SCREEN_LOCKED,
        Cause.LOCKED_BY_VERDICT,
        Cause.SLEEP,
        Cause.USER_SWITCH,
        Cause.USER_BACK,
        Cause.PAUSED,
    ],
)
def test_closes(cause: Cause) -> None:
    gate = Gate(is_locked=lambda: True)
    assert gate.events(5 * SECOND) is Passage.OPEN
    gate.boundary(cause)
    assert gate.events(6 * SECOND) is Passage.CLOSED


@pytest.mark.parametrize(
    ("closes", "opens"), [(Cause.SCREEN_LOCKED, Cause.SCREEN_UNLOCKED), (Cause.PAUSED, Cause.RESUMED)]
)
def test_opens_again(closes: Cause, opens: Cause) -> None:
    gate = Gate(is_locked=lambda: True)
    gate.boundary(closes)
    gate.boundary(opens)
    assert gate.events(5 * SECOND) is Passage.OPEN


def test_an_unlock_does_not_end_a_pause() -> None:
    gate = Gate(is_locked=lambda: True)
    for cause in (Cause.PAUSED, Cause.SCREEN_LOCKED, Cause.SCREEN_UNLOCKED):
        gate.boundary(cause)
    assert gate.events(5 * SECOND) is Passage.CLOSED


def test_input_makes_it_look_whether_the_lock_still_stands_once_a_second() -> None:
    looks = iter([True, True, False])
    gate = Gate(is_locked=lambda: next(looks))
    gate.boundary(Cause.LOCKED_BY_VERDICT)
    passages = [gate.events(int(t * SECOND)) for t in (10, 10.5, 11.1, 11.2, 12.2)]
    assert passages == [Passage.CLOSED] * 4 + [Passage.UNLOCKED_WITHOUT_SIGNAL]


def test_a_screen_that_cannot_be_seen_counts_as_locked() -> None:
    gate = Gate(is_locked=lambda: None)
    gate.boundary(Cause.SCREEN_LOCKED)
    assert gate.events(10 * SECOND) is Passage.CLOSED


@pytest.mark.parametrize("cause", [Cause.SLEEP, Cause.USER_BACK])
def test_where_no_lock_was_seen_and_none_can_be_seen_input_opens_it(cause: Cause) -> None:
    gate = Gate(is_locked=lambda: None)
    gate.boundary(cause)
    assert gate.events(10 * SECOND) is Passage.UNLOCKED_WITHOUT_SIGNAL


def test_behind_another_users_screen_nothing_opens_it() -> None:
    """With evdev the other user's hand is seen, and this user's screen is not locked."""
    gate = Gate(is_locked=lambda: False)
    gate.boundary(Cause.USER_SWITCH)
    assert [gate.events(t * SECOND) for t in (5, 7, 9)] == [Passage.CLOSED] * 3
    gate.boundary(Cause.SCREEN_UNLOCKED)
    assert gate.events(11 * SECOND) is Passage.CLOSED
    gate.boundary(Cause.USER_BACK)
    assert gate.events(13 * SECOND) is Passage.UNLOCKED_WITHOUT_SIGNAL


def test_back_at_a_locked_screen_it_stays_closed() -> None:
    gate = Gate(is_locked=lambda: True)
    gate.boundary(Cause.USER_SWITCH)
    gate.boundary(Cause.USER_BACK)
    assert gate.events(13 * SECOND) is Passage.CLOSED
