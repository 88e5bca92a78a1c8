"""Beginning of an enrolment on this computer, from what earlier runs recorded."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from agent.config import schema as settings
from agent.config.schema import Settings
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.files.enrolled_anew import enrol_anew, enrolled_anew_since
from agent.files.ledger import RecordingLedger
from agent.files.paths import Paths
from agent.files.recording_keys import RecordingKeys
from agent.files.upload_log import UploadedRecording
from agent.runtime.learning.enrolment import EnrolmentRecorder
from agent.runtime.learning.renewal import RenewalRecorder, is_due
from agent.runtime.learning.session_recording import EnrolmentClocks


class CurrentSettings(Protocol):
    """Knows the settings in force. In the agent: `agent.runtime.central.administration.Administration`."""

    @property
    def settings(self) -> Settings:
        """The settings in force, policy included. Any thread."""

    def handed_over(self) -> Sequence[UploadedRecording] | None:
        """The recordings uploaded so far; None where recordings are not for the administrator.

        Raises
        ------
        SteadyhandError
            If the list of them is damaged.
        """


class OpenRecording:
    """Knows the recording that is being written, for those that must leave it alone. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._enrolment: EnrolmentRecorder | None = None

    def follow(self, enrolment: EnrolmentRecorder) -> None:
        """`enrolment` writes from now on; those before it are closed."""
        with self._lock:
            self._enrolment = enrolment

    def path(self) -> Path | None:
        """The file that is being written; None between sessions."""
        with self._lock:
            return self._enrolment.open_file if self._enrolment else None


class LocalEnrolments:
    """Begins enrolments of this user.

    Parameters
    ----------
    paths : Paths
    current : CurrentSettings
    open_recording : OpenRecording
        Follows each enrolment that begins.
    """

    def __init__(self, paths: Paths, current: CurrentSettings, open_recording: OpenRecording) -> None:
        self._paths = paths
        self._current = current
        self._open_recording = open_recording

    def begin(self, mouse: MouseConfiguration) -> EnrolmentRecorder | None:
        """An enrolment under `mouse` that continues earlier runs; None where policy forbids it.

        Raises
        ------
        SteadyhandError
            If the key, the recordings or the list of uploads cannot be used.
        """
        wanted = self._current.settings.enrolment
        since = enrolled_anew_since(self._paths)
        enrolment = begin_enrolment(self._paths, wanted, mouse, self._current.handed_over(), since)
        if enrolment is not None:
            self._open_recording.follow(enrolment)
        return enrolment

    def set_profiles_aside(self) -> None:
        """See `EnrolmentSource.set_profiles_aside`."""
        enrol_anew(self._paths, datetime.now(UTC))

    def renewal(self, mouse: MouseConfiguration, profile: Profile, origin: str) -> RenewalRecorder | None:
        """A renewal of `profile` under `mouse`; None where it is not due.

        Raises
        ------
        SteadyhandError
            If the key or the recordings cannot be used.
        """
        wanted = self._current.settings.enrolment
        if not is_due(profile, origin, wanted, datetime.now(UTC)):
            return None
        since = datetime.fromisoformat(profile.created)
        enrolment = begin_enrolment(self._paths, wanted, mouse, since=since)
        if enrolment is None:
            return None
        self._open_recording.follow(enrolment)
        return RenewalRecorder(enrolment, RecordingLedger(self._paths))


def begin_enrolment(
    paths: Paths,
    wanted: settings.EnrolmentSettings,
    mouse: MouseConfiguration,
    handed: Sequence[UploadedRecording] | None = None,
    since: datetime | None = None,
) -> EnrolmentRecorder | None:
    """An enrolment of this user under `mouse` that continues earlier runs; None where policy forbids it.

    Parameters
    ----------
    paths : Paths
    wanted : settings.EnrolmentSettings
    mouse : MouseConfiguration
    handed : sequence of UploadedRecording, optional
        What the administrator has, where profiles are made there.
    since : datetime, optional
        Recordings from before are not counted.
    """
    if not wanted.local and handed is None:
        return None
    clocks = EnrolmentClocks(time.monotonic_ns, time.time_ns)
    enrolment = EnrolmentRecorder(
        paths.recordings_dir, RecordingKeys(paths), mouse, wanted, clocks, handed, since
    )
    enrolment.resume()
    return enrolment
