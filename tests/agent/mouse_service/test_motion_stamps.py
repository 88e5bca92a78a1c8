"""Stamps of motion, as the relay reads them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from agent.mouse_service.motion_stamps import MotionStamps
from agent.relay.movement import MotionStamp

SECOND = 1_000_000_000
ME = os.geteuid()


def test_the_relay_believes_a_stamp_which_is_renewed_once_a_second(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    stamps = MotionStamps(tmp_path, None)
    reads = MotionStamp(tmp_path, frozenset([ME]), lambda: 1000 * SECOND)
    assert reads.last_moved_ns("seat0") is None
    stamps.moved("seat0", 5 * SECOND)
    stamps.moved("seat0", 5 * SECOND + 1)
    assert reads.last_moved_ns("seat0") == 5 * SECOND
    stamps.moved("seat0", 7 * SECOND)
    stamps.moved("seat1", 6 * SECOND)
    assert (reads.last_moved_ns("seat0"), reads.last_moved_ns("seat1")) == (7 * SECOND, 6 * SECOND)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["motion-seat0.json", "motion-seat1.json"]


def test_nobody_but_the_relays_group_reads_when_a_person_moved_the_mouse(tmp_path: Path) -> None:
    MotionStamps(tmp_path, None).moved("seat0", SECOND)
    MotionStamps(tmp_path, os.getegid()).moved("seat1", SECOND)
    modes = [(tmp_path / f"motion-{seat}.json").stat().st_mode & 0o777 for seat in ("seat0", "seat1")]
    assert modes == [0o600, 0o640]
    assert json.loads((tmp_path / "motion-seat1.json").read_text()) == {"form": 1, "monotonic_ns": SECOND}


def test_a_seat_with_a_strange_name_writes_nothing(tmp_path: Path) -> None:
    MotionStamps(tmp_path, None).moved("../seat0", SECOND)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_nothing_stops_nothing(tmp_path: Path) -> None:
    MotionStamps(tmp_path / "gone", None).moved("seat0", SECOND)
