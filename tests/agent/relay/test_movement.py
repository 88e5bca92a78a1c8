"""Stamps of motion: believed from the service's own account alone, and nobody looks where there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.mouse_service.motion_stamps import MotionStamps
from agent.relay.movement import MotionStamp

ME = os.geteuid()
NOW_NS = 50_000_000_000


def stamp(folder: Path, content: str = '{"form": 1, "monotonic_ns": 41000000000}') -> Path:
    folder.chmod(0o755)
    file = folder / "motion-seat0.json"
    file.write_text(content)
    file.chmod(0o644)
    return file


def last_moved(folder: Path, seat: str = "seat0", writer: int = ME) -> int | None:
    return MotionStamp(folder, frozenset([writer]), lambda: NOW_NS).last_moved_ns(seat)


def test_a_stamp_tells_when_the_seats_mouse_moved(tmp_path: Path) -> None:
    stamp(tmp_path)
    assert last_moved(tmp_path) == 41_000_000_000
    assert last_moved(tmp_path, "seat1") is None
    assert last_moved(tmp_path, "") is None
    assert last_moved(tmp_path, "seat0/../x") is None


def test_a_stamp_of_the_future_is_of_now(tmp_path: Path) -> None:
    stamp(tmp_path, '{"form": 1, "monotonic_ns": 9000000000000000}')
    assert last_moved(tmp_path) == NOW_NS


def test_what_somebody_else_could_have_written_is_not_believed(tmp_path: Path) -> None:
    file = stamp(tmp_path)
    assert last_moved(tmp_path, writer=ME + 1) is None
    file.chmod(0o666)
    assert last_moved(tmp_path) is None
    file.chmod(0o644)
    tmp_path.chmod(0o777)
    assert last_moved(tmp_path) is None
    tmp_path.chmod(0o755)
    assert last_moved(tmp_path) == 41_000_000_000


def test_a_link_or_a_fifo_is_no_stamp(tmp_path: Path) -> None:
    file = stamp(tmp_path)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert last_moved(tmp_path) is None
    file.unlink()
    os.mkfifo(file)
    assert last_moved(tmp_path) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "null",
        '{"form": 2, "monotonic_ns": 1}',
        '{"form": 1, "monotonic_ns": -1}',
        '{"form": 1}',
        "9" * 999,
    ],
)
def test_a_damaged_stamp_is_none(tmp_path: Path, content: str) -> None:
    stamp(tmp_path, content)
    assert last_moved(tmp_path) is None


def test_what_the_mouse_service_writes_is_read(tmp_path: Path) -> None:
    MotionStamps(tmp_path, None).moved("seat0", 42_000_000_000)
    assert last_moved(tmp_path) == 42_000_000_000
    assert last_moved(tmp_path, "seat1") is None
