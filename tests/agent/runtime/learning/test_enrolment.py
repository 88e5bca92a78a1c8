"""Learning the owner: what counts, what breaks a session, what a restart finds, what a full disk does."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.config import schema as settings
from agent.engine.events import Boundary, Cause, StreamItem
from agent.files.recording import read_recording
from agent.files.recordings import list_recordings, session_items
from agent.files.stream import Session
from agent.runtime.learning.enrolment import EnrolmentRecorder
from tests.agent.runtime.fakes import (
    CLOCKS,
    KEY,
    MINUTE,
    MOUSE,
    OTHER_MOUSE,
    SECOND,
    SharedKey,
    an_enrolment,
    clicks,
    use_for,
)

WANTED = settings.EnrolmentSettings(actions=100, sessions=2, until="counts")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


def take(enrolment: EnrolmentRecorder, *items: StreamItem) -> EnrolmentRecorder:
    for item in items:
        enrolment.append(item)
    enrolment.commit()
    return enrolment


def test_progress_counts_actions_and_sessions_and_says_both(folder: Path) -> None:
    enrolment = take(an_enrolment(folder), clicks(40))
    assert (enrolment.actions, enrolment.sessions, enrolment.share) == (40, 1, pytest.approx(0.4))
    assert "40 of 100 actions, 1 of 2 sessions" in enrolment.progress()
    take(enrolment, clicks(80, 20 * SECOND))
    assert enrolment.share == pytest.approx(0.5), "many actions of one session are not enough"
    assert not enrolment.claim_training()
    take(enrolment, Boundary(60 * SECOND, Cause.SCREEN_LOCKED), clicks(40, 90 * SECOND))
    assert (enrolment.actions, enrolment.sessions, enrolment.share) == (160, 2, 1.0)
    assert "enough" in enrolment.progress()


def test_hours_left_follow_from_how_it_has_gone(folder: Path) -> None:
    enrolment = take(an_enrolment(folder), clicks(30))
    assert enrolment.hours_left is None, "nobody can say after nine seconds"
    take(enrolment, *use_for(6, MINUTE))
    used_h = (6 * 60 + 60) / 3600
    share = enrolment.share
    assert 0.1 < share < 1.0
    assert enrolment.hours_left == pytest.approx(used_h * (1 - share) / share, rel=0.05)
    enrolment.close()
    again = an_enrolment(folder)
    assert again.hours_left == pytest.approx(enrolment.hours_left), (
        "an earlier run's recordings count as well"
    )


def test_training_is_claimed_once_and_again_with_a_tenth_more(folder: Path) -> None:
    enrolment = take(an_enrolment(folder), clicks(50), Boundary(MINUTE, Cause.SLEEP), clicks(50, 2 * MINUTE))
    assert [enrolment.claim_training() for _ in range(3)] == [True, False, False]
    take(enrolment, clicks(9, 3 * MINUTE))
    assert not enrolment.claim_training()
    take(enrolment, clicks(2, 4 * MINUTE))
    assert enrolment.claim_training()


@pytest.mark.parametrize(
    ("between", "sessions"),
    [
        (Boundary(MINUTE, Cause.SCREEN_LOCKED), 2),
        (Boundary(MINUTE, Cause.SLEEP), 2),
        (Boundary(MINUTE, Cause.USER_SWITCH), 2),
        (Boundary(MINUTE, Cause.MOUSE_CHANGED), 2),
        (Boundary(MINUTE, Cause.GAP), 1),
        (Boundary(MINUTE, Cause.SYNTHETIC), 1),
        (Boundary(MINUTE, Cause.OVERFLOW), 1),
    ],
)
def test_what_breaks_a_session(folder: Path, between: Boundary, sessions: int) -> None:
    enrolment = take(an_enrolment(folder), clicks(30), between, clicks(30, 2 * MINUTE))
    assert enrolment.sessions == sessions
    assert len(enrolment.files) == sessions
    assert enrolment.actions == 60


@pytest.mark.parametrize(("rest_min", "sessions"), [(9, 1), (11, 2)])
def test_ten_minutes_of_rest_break_a_session(folder: Path, rest_min: int, sessions: int) -> None:
    enrolment = take(an_enrolment(folder), clicks(30), clicks(30, rest_min * MINUTE + 10 * SECOND))
    assert enrolment.sessions == sessions


def test_a_session_of_few_actions_counts_its_actions_only(folder: Path) -> None:
    enrolment = take(an_enrolment(folder), clicks(5), Boundary(MINUTE, Cause.SLEEP), clicks(30, 2 * MINUTE))
    assert (enrolment.actions, enrolment.sessions) == (35, 1)


def test_a_later_run_goes_on_where_the_earlier_one_ended(folder: Path) -> None:
    before = take(an_enrolment(folder), clicks(40), Boundary(MINUTE, Cause.SLEEP), clicks(35, 2 * MINUTE))
    before.close()
    after = an_enrolment(folder)
    assert (after.actions, after.sessions) == (75, 2)
    take(after, clicks(30))
    assert (after.actions, after.sessions, after.share) == (105, 3, 1.0)
    assert len(set(after.files)) == 3
    read = list(session_items(after.files, SharedKey(KEY)))
    assert [item.mouse for item in read if isinstance(item, Session)] == [MOUSE] * 3


def test_recordings_under_another_mouse_are_not_this_ones(folder: Path) -> None:
    take(an_enrolment(folder, OTHER_MOUSE), clicks(60)).close()
    enrolment = an_enrolment(folder)
    assert (enrolment.actions, enrolment.files) == (0, ())
    take(enrolment, clicks(30)).close()
    again = an_enrolment(folder)
    assert again.actions == 30
    assert set(again.files) < {info.path for info in list_recordings(folder)}


def test_a_damaged_recording_is_told_and_the_others_count(folder: Path) -> None:
    before = take(an_enrolment(folder), clicks(20), clicks(20, 20 * SECOND))
    take(before, Boundary(MINUTE, Cause.SLEEP), clicks(35, 2 * MINUTE)).close()
    damaged = before.files[0]
    with damaged.open("r+b") as file:
        file.seek(60)
        file.write(b"tampered")
    enrolment = an_enrolment(folder)
    assert enrolment.sessions == 1
    assert damaged not in enrolment.files
    assert str(damaged) in enrolment.progress()
    take(enrolment, clicks(1))
    assert enrolment.trouble == "", "it goes on"


def test_a_recording_with_another_key_is_told(folder: Path) -> None:
    take(an_enrolment(folder), clicks(40)).close()
    key_of_somebody_else = bytes(reversed(KEY))
    enrolment = EnrolmentRecorder(folder, SharedKey(key_of_somebody_else), MOUSE, WANTED, CLOCKS)
    enrolment.resume()
    assert enrolment.actions == 0
    assert "Learning stands still" in enrolment.progress()


class FileLimit:
    """Files may not grow beyond some bytes: for a process without root's help what a full disk is."""

    def __enter__(self) -> FileLimit:
        self._handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)
        return self

    def set(self, most_bytes: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, self._before[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)
        signal.signal(signal.SIGXFSZ, self._handler)


@pytest.fixture
def disk() -> Iterator[FileLimit]:
    with FileLimit() as limit:
        yield limit


@pytest.mark.skipif(os.name == "nt", reason="POSIX limits")
def test_a_full_disk_is_told_costs_nothing_that_was_kept_and_is_forgotten(
    folder: Path, disk: FileLimit
) -> None:
    enrolment = take(an_enrolment(folder), clicks(40))
    (kept,) = enrolment.files
    disk.set(0)
    for n in range(200):
        take(enrolment, clicks(3, (n + 1) * 20 * SECOND))
    assert enrolment.actions == 40, "what was not kept is not counted"
    assert enrolment.progress().startswith("Learning stands still")
    assert "make room" in enrolment.progress()
    assert len(list_recordings(folder)) <= 2, "no file is left for each attempt"
    assert len(enrolment.files) <= 2
    disk.set(10_000_000)
    take(enrolment, clicks(50, MINUTE * 300))
    assert enrolment.trouble == ""
    assert enrolment.actions == 90
    enrolment.close()
    assert an_enrolment(folder).actions == 90, "what is counted can be read back"
    assert sum(1 for _ in read_recording(kept, KEY)) == 1


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("a file stands in the way")
    enrolment = an_enrolment(tmp_path / "recordings")
    take(enrolment, clicks(3))
    assert "Learning stands still" in enrolment.progress()
    assert enrolment.actions == 0
