"""Where an enrolment on this computer begins, or goes on."""

from __future__ import annotations

import time
from collections.abc import Sequence

from agent.config import schema as settings
from agent.engine.mouse import MouseConfiguration
from agent.files.keys import recording_key
from agent.files.paths import Paths
from agent.files.upload_log import UploadedRecording
from agent.runtime.learning.enrolment import Clocks, Enrolment


def enrol_here(
    paths: Paths,
    wanted: settings.EnrolmentSettings,
    mouse: MouseConfiguration,
    handed: Sequence[UploadedRecording] | None = None,
) -> Enrolment | None:
    """An enrolment of this user under `mouse` that goes on where earlier runs ended; None where policy forbids it.

    Parameters
    ----------
    paths : Paths
    wanted : settings.EnrolmentSettings
    mouse : MouseConfiguration
    handed : sequence of UploadedRecording, optional
        What the administrator has, where profiles are made there.
    """
    if not wanted.local and handed is None:
        return None
    clocks = Clocks(time.monotonic_ns, time.time_ns)
    enrolment = Enrolment(paths.recordings_dir, recording_key(paths), mouse, wanted, clocks, handed)
    enrolment.resume()
    return enrolment
