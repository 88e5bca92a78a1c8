"""Where an enrolment begins: policy decides whether, and what earlier runs recorded is counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.config.schema import EnrolmentSettings, Settings
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.upload_log import UploadedRecording
from agent.runtime.learning.begin_enrolment import LocalEnrolments, OpenRecording
from tests.agent.runtime.fakes import MOUSE, OTHER_MOUSE, clicks

WANTED = EnrolmentSettings(actions=100, sessions=2, until="counts")


class Current:
    """The settings in force, and what was uploaded."""

    def __init__(self) -> None:
        self.settings = Settings(enrolment=WANTED)
        self.uploads: Sequence[UploadedRecording] | None = None
        self.damaged = False

    def handed_over(self) -> Sequence[UploadedRecording] | None:
        if self.damaged:
            raise SteadyhandError("the list is damaged", "remove it")
        return self.uploads


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths.under(private_dir(tmp_path / "root"))
    private_dir(made.state_dir)
    private_dir(made.recordings_dir)
    return made


def test_it_goes_on_where_earlier_runs_ended(paths: Paths) -> None:
    current, recording = Current(), OpenRecording()
    first = LocalEnrolments(paths, current, recording).begin(MOUSE)
    assert first is not None
    first.append(clicks(40))
    first.close()
    second = LocalEnrolments(paths, current, recording).begin(MOUSE)
    assert second is not None
    assert (second.actions, second.files) == (first.actions, first.files)
    other = LocalEnrolments(paths, current, recording).begin(OTHER_MOUSE)
    assert other is not None
    assert (other.actions, other.files) == (0, ())


def test_where_policy_forbids_it_nothing_begins(paths: Paths) -> None:
    current = Current()
    current.settings = Settings(enrolment=EnrolmentSettings(local=False))
    recording = OpenRecording()
    assert LocalEnrolments(paths, current, recording).begin(MOUSE) is None
    assert recording.path() is None


def test_where_an_administrator_learns_what_was_uploaded_counts(paths: Paths) -> None:
    current = Current()
    current.settings = Settings(enrolment=EnrolmentSettings(local=False, actions=100, sessions=2))
    current.uploads = ()
    enrolment = LocalEnrolments(paths, current, OpenRecording()).begin(MOUSE)
    assert enrolment is not None
    assert enrolment.claim_training() is False, "this computer trains nothing"


def test_the_settings_that_hold_at_the_beginning_count(paths: Paths) -> None:
    current = Current()
    enrolments = LocalEnrolments(paths, current, OpenRecording())
    current.settings = Settings(enrolment=EnrolmentSettings(local=False))
    assert enrolments.begin(MOUSE) is None


def test_the_open_recording_is_the_newest_enrolments(paths: Paths) -> None:
    current, recording = Current(), OpenRecording()
    enrolments = LocalEnrolments(paths, current, recording)
    first = enrolments.begin(MOUSE)
    assert first is not None
    assert recording.path() is None
    first.append(clicks(3))
    assert recording.path() == first.files[0]
    first.close()
    assert recording.path() is None
    second = enrolments.begin(OTHER_MOUSE)
    assert second is not None
    second.append(clicks(3))
    assert recording.path() == second.files[0] != first.files[0]


def test_a_damaged_list_of_uploads_is_an_error_and_no_enrolment(paths: Paths) -> None:
    current = Current()
    current.damaged = True
    with pytest.raises(SteadyhandError, match="the list is damaged"):
        LocalEnrolments(paths, current, OpenRecording()).begin(MOUSE)
