"""The diary's file: kept for a day, private, and no trouble where a crash left half a line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.files.day_log_file import KEPT_S, Spell, append_spell, read_day, rewrite_day

NOW = 1_700_000_000
SPELL = Spell(NOW - 600, "protecting", 80, 97)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    os.chmod(tmp_path, 0o700)
    return tmp_path / "day.jsonl"


def test_comes_back_as_it_was_written(path: Path) -> None:
    later = Spell(NOW - 300, "paused", None, None)
    append_spell(path, later)
    append_spell(path, SPELL)
    assert read_day(path, NOW) == (SPELL, later)
    assert path.stat().st_mode & 0o777 == 0o600


def test_older_than_a_day_is_not_told_and_is_gone_after_a_rewrite(path: Path) -> None:
    old = Spell(NOW - KEPT_S - 1, "protecting", 1, 1)
    append_spell(path, old)
    append_spell(path, SPELL)
    assert read_day(path, NOW) == (SPELL,)
    rewrite_day(path, read_day(path, NOW))
    assert str(old.t_unix_s) not in path.read_text()


@pytest.mark.parametrize(
    "line",
    [
        '{"t_unix_s": 17',
        "[]",
        '{"t_unix_s": "x", "state": "protecting", "low": 1, "last": 2}',
        f'{{"t_unix_s": {NOW}, "state": "protecting", "low": 1, "last": 2000}}',
        f'{{"t_unix_s": {NOW}, "state": 7, "low": 1, "last": 2}}',
        f'{{"t_unix_s": {NOW}, "state": "protecting"}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_line_is_left_out(path: Path, line: str) -> None:
    append_spell(path, SPELL)
    with path.open("a") as file:
        file.write(line + "\n")
    assert read_day(path, NOW) == (SPELL,)


def test_no_file_is_an_empty_day_and_an_open_one_is_refused(path: Path) -> None:
    assert read_day(path, NOW) == ()
    append_spell(path, SPELL)
    path.chmod(0o644)
    with pytest.raises(SteadyhandError, match="chmod 600"):
        read_day(path, NOW)
