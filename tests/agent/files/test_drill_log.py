"""Outcomes of drills come back as they were written; a torn line costs nothing, a damaged one is named."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.errors import SteadyhandError
from agent.files.drill_log import DrillOutcome, append_drill, read_drills

FOUND = DrillOutcome(1_780_000_000, 61.5, 48, 34.2, 29)
MISSED = DrillOutcome(1_780_000_900, 300.0, 210, None, None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path / "drills.jsonl"


def test_what_was_written_is_read(path: Path) -> None:
    assert read_drills(path) == ()
    append_drill(path, FOUND)
    append_drill(path, MISSED)
    assert read_drills(path) == (FOUND, MISSED)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_torn_by_a_crash_is_passed_over(path: Path) -> None:
    append_drill(path, FOUND)
    with path.open("ab") as file:
        file.write(b'{"t_unix_s": 178')
    assert read_drills(path) == (FOUND,)


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[]",
        b"\xff",
        b'{"t_unix_s": 1, "seconds": 1e999, "judged_actions": 1, "found_s": null, "found_actions": null}',
        b'{"t_unix_s": 1, "seconds": 1, "judged_actions": 1, "found_s": 2, "found_actions": null}',
    ],
)
def test_a_damaged_line_is_one_error(path: Path, line: bytes) -> None:
    append_drill(path, FOUND)
    with path.open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(SteadyhandError, match="is damaged"):
        read_drills(path)


@given(st.binary(max_size=300))
def test_no_content_is_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("drills") / "drills.jsonl"
    file.write_bytes(content)
    file.chmod(0o600)
    with contextlib.suppress(SteadyhandError):
        assert read_drills(file) == (), "what is no outcome is none"
