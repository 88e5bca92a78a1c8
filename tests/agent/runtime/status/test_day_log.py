"""Trust over the day: five minutes become a line, rests leave gaps, a day is forgotten."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.files.day_log_file import KEPT_S, Spell, read_day
from agent.runtime.status.day_log import SPELL_S, DayLog
from agent.runtime.status.snapshot import State, Status

BEGIN = 1_700_000_100 // SPELL_S * SPELL_S


class ClockReading:
    """Wall clock that stands still until it is moved."""

    now_s = float(BEGIN)

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> ClockReading:
    return ClockReading()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    os.chmod(tmp_path, 0o700)
    return tmp_path / "day.jsonl"


def tell(diary: DayLog, clock: ClockReading, after_s: float, trust: int | None, state: State) -> None:
    clock.now_s = BEGIN + after_s
    diary.told(Status(state, trust=trust))


def test_five_minutes_become_one_line_with_the_lowest_and_the_last(path: Path, clock: ClockReading) -> None:
    diary = DayLog(path, clock)
    diary.begin()
    for after_s, trust in ((0, 90), (100, 40), (200, 70)):
        tell(diary, clock, after_s, trust, State.PROTECTING)
    assert diary.spells == (Spell(BEGIN, "protecting", 40, 70),), "the open one is told as well"
    assert read_day(path, clock.now_s) == ()
    tell(diary, clock, 3 * SPELL_S, None, State.PAUSED)
    assert read_day(path, clock.now_s) == (Spell(BEGIN, "protecting", 40, 70),)
    assert [spell.t_unix_s - BEGIN for spell in diary.spells] == [0, 3 * SPELL_S], "a rest is a gap"
    diary.close()
    assert read_day(path, clock.now_s)[-1] == Spell(BEGIN + 3 * SPELL_S, "paused", None, None)


def test_a_restart_goes_on_with_the_day(path: Path, clock: ClockReading) -> None:
    first = DayLog(path, clock)
    tell(first, clock, 0, 90, State.PROTECTING)
    first.close()
    second = DayLog(path, clock)
    second.begin()
    tell(second, clock, SPELL_S, 80, State.PROTECTING)
    assert [spell.last for spell in second.spells] == [90, 80]


def test_nothing_is_kept_for_longer_than_a_day(path: Path, clock: ClockReading) -> None:
    diary = DayLog(path, clock)
    tell(diary, clock, 0, 90, State.PROTECTING)
    tell(diary, clock, KEPT_S + 1, 80, State.PROTECTING)
    tell(diary, clock, KEPT_S + 1 + SPELL_S, 70, State.PROTECTING)
    assert [spell.last for spell in diary.spells] == [80, 70]
    assert str(BEGIN) not in path.read_text()


def test_a_disk_that_takes_nothing_is_logged_and_the_day_goes_on(
    path: Path, clock: ClockReading, caplog: pytest.LogCaptureFixture
) -> None:
    path.mkdir()
    diary = DayLog(path, clock)
    tell(diary, clock, 0, 90, State.PROTECTING)
    tell(diary, clock, SPELL_S, 80, State.PROTECTING)
    assert [spell.last for spell in diary.spells] == [90, 80]
    assert str(path) in caplog.text
