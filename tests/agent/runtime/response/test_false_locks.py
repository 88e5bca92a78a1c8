"""After so many confirmed false locks a day the agent only alerts, until the day is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from agent.config.schema import ResponseSettings
from agent.runtime.response.false_locks import FalseLockCounter


class Wall:
    """A wall clock that stands at a time of day."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 9, 30).astimezone()

    def ns(self) -> int:
        return int(self.now.timestamp() * 1e9)


def test_the_second_false_lock_of_a_day_suspends_locks_until_midnight() -> None:
    wall = Wall()
    counter = FalseLockCounter(ResponseSettings(), wall.ns)
    assert not counter.locks_suspended
    assert counter.add() is False
    assert not counter.locks_suspended
    wall.now += timedelta(hours=5)
    assert counter.add() is True
    assert counter.locks_suspended
    assert counter.add() is False, "it is said once"
    wall.now = wall.now.replace(hour=23, minute=59)
    assert counter.locks_suspended
    wall.now += timedelta(minutes=2)
    assert not counter.locks_suspended


def test_false_locks_of_two_days_do_not_add_up() -> None:
    wall = Wall()
    counter = FalseLockCounter(ResponseSettings(), wall.ns)
    for _ in range(5):
        assert counter.add() is False
        assert not counter.locks_suspended
        wall.now += timedelta(days=1)


def test_policy_sets_how_many() -> None:
    wall = Wall()
    counter = FalseLockCounter(ResponseSettings(false_locks_most_per_day=1), wall.ns)
    assert counter.add() is True
    counter.apply_settings(ResponseSettings(false_locks_most_per_day=3))
    assert not counter.locks_suspended
    assert counter.add() is False
    assert counter.add() is True
