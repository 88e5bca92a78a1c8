"""The log of day baselines: sixty days of them, whole or a line that says what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.files.baseline_log import BaselineRecord, append_baseline, read_baselines

DAY_S = 86_400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    os.chmod(tmp_path, 0o700)
    return tmp_path / "baselines.jsonl"


def on_day(day: int) -> BaselineRecord:
    return BaselineRecord(day * DAY_S, "login", "gdm-password", 84, -0.25)


def test_what_is_older_than_sixty_days_goes_with_the_next(path: Path) -> None:
    assert read_baselines(path) == ()
    for day in (1, 2, 61, 62):
        append_baseline(path, on_day(day))
    assert [baseline.t_unix_s // DAY_S for baseline in read_baselines(path)] == [2, 61, 62]
    assert read_baselines(path)[0] == on_day(2)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "damage",
    [
        "{}",
        "[",
        '{"t_unix_s": 1, "proof": "login", "authority": "x", "actions": 5, "departure_sd": 1e999}',
        '{"t_unix_s": -1, "proof": "login", "authority": "x", "actions": 5, "departure_sd": 0}',
        '{"t_unix_s": 1, "proof": 7, "authority": "x", "actions": 5, "departure_sd": 0}',
    ],
)
def test_damage_is_one_line_and_nothing_is_written_over_it(path: Path, damage: str) -> None:
    path.write_text(damage + "\n")
    path.chmod(0o600)
    with pytest.raises(SteadyhandError, match=r"baselines\.jsonl is damaged") as error:
        read_baselines(path)
    assert "\n" not in str(error.value)
    with pytest.raises(SteadyhandError):
        append_baseline(path, on_day(3))
    assert path.read_text() == damage + "\n"
