"""Enrolment: records the owner under one mouse configuration until there is enough for a profile."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from agent.config import schema as settings
from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.engine.sentence import joined, sentence
from agent.files.recording import read_recording
from agent.files.recording_keys import RecordingKeySource
from agent.files.recordings import list_recordings
from agent.files.upload_log import UploadedRecording
from agent.language.language import mark
from agent.runtime.learning.action_count import ActionCount
from agent.runtime.learning.session_recording import (
    EnrolmentClocks,
    SessionRecording,
    began_before,
    missing_item,
)
from agent.runtime.learning.sufficiency_meter import SufficiencyMeter

LOG: Final = logging.getLogger(__name__)

SESSION_BREAK_NS: Final = 600_000_000_000
HOUR_NS: Final = 3_600_000_000_000
SAID_AFTER_NS: Final = 120_000_000_000
"""Two minutes of use: before them, how long it will take is anybody's guess."""
LEAST_ACTIONS_OF_A_SESSION: Final = 30
SAMPLE_ACTIONS: Final = 200
"""Of a new mouse, before the profile of another one is carried over to it (docs/choices.md)."""
_BREAKS: Final = frozenset(
    (
        Cause.SCREEN_LOCKED,
        Cause.SLEEP,
        Cause.USER_SWITCH,
        Cause.USER_BACK,
        Cause.LOCKED_BY_VERDICT,
        Cause.MOUSE_CHANGED,
        Cause.RULES_CHANGED,
    )
)


class EnrolmentRecorder:
    """Recordings of one mouse configuration, those of earlier runs of the agent included.

    A session is a run of use without a lock, a sleep or ten minutes of rest: the error rates are estimated
    from session to session, because people move more alike within one.

    Parameters
    ----------
    folder : Path
        Where recordings are kept.
    keys : RecordingKeySource
    mouse : MouseConfiguration
    wanted : settings.EnrolmentSettings
        How much is enough.
    clocks : EnrolmentClocks
    handed : sequence of UploadedRecording, optional
        What was handed over before, where an administrator learns from the recordings: then recording ends when
        there is enough. None where this computer learns.
    since : datetime, optional
        Recordings that began before are not counted: a profile was made of them.
    """

    def __init__(
        self,
        folder: Path,
        keys: RecordingKeySource,
        mouse: MouseConfiguration,
        wanted: settings.EnrolmentSettings,
        clocks: EnrolmentClocks,
        handed: Sequence[UploadedRecording] | None = None,
        since: datetime | None = None,
    ) -> None:
        self._since = since
        self._folder = folder
        self._keys = keys
        self._recording = SessionRecording(folder, keys, mouse, clocks)
        self.mouse = mouse
        self._wanted = wanted
        self._handed = handed
        self._finished: list[int] = []
        self._count = ActionCount()
        self._used_ns = 0
        self._last_ns: int | None = None
        self._claimed_at = 0
        self._sample_claimed = False
        self.meter = SufficiencyMeter(wanted, here=handed is None)

    def resume(self) -> None:
        """Count what earlier runs recorded under this mouse. Reads the files; call it once, first."""
        uploads = [upload for upload in self._handed or () if upload.mouse_key == self.mouse.key]
        self._finished += [upload.actions for upload in uploads]
        self._used_ns += sum(upload.used_ns for upload in uploads)
        uploaded_names = {upload.name for upload in self._handed or ()}
        for path in sorted(recording.path for recording in list_recordings(self._folder)):
            if path.name in uploaded_names or began_before(path, self._since):
                continue
            try:
                actions = self._count_recorded(path)
            except SteadyhandError as error:
                self._recording.report_trouble(error)
                continue
            if actions is not None:
                self._recording.files.append(path)
                self._finished.append(actions)

    def append(self, item: StreamItem) -> None:
        """Record one item of the stream. Worker thread; blocks as long as a write takes."""
        if isinstance(item, Boundary) and item.cause in _BREAKS:
            self._end_session()
            return
        if self._handed is not None and self.share >= 1.0:
            if self._recording.is_open:
                self._end_session()
            return
        if isinstance(item, EventBatch):
            self._break_after_rest(int(item.t_ns[0]), int(item.t_ns[-1]))
        # What could not be written is not counted, and nothing is joined across it.
        self._count.take(item if self._recording.append(item) else missing_item(item))

    def commit(self) -> None:
        """Bring what was appended to disk. Called when the worker has looked at the ring."""
        if not self._recording.commit():
            self._end_session()

    def close(self) -> None:
        """End the session under way."""
        self._end_session()

    def discard_session(self) -> Path | None:
        """End the session under way as if it had not been; returns its file, for whoever deletes it."""
        path = self._recording.discard_session()
        self._count = ActionCount()
        self._last_ns = None
        return path

    @property
    def open_file(self) -> Path | None:
        """The recording that is being written; None between sessions. Any thread."""
        return self._recording.open_file

    @property
    def trouble(self) -> str:
        """Why learning stands still; empty while it does not."""
        return self._recording.trouble

    @property
    def files(self) -> tuple[Path, ...]:
        """The recordings of this enrolment, oldest first."""
        return tuple(self._recording.files)

    @property
    def actions(self) -> int:
        """Actions recorded so far."""
        return sum(self._finished) + self._count.actions

    @property
    def sessions(self) -> int:
        """Sessions with enough actions to speak for themselves."""
        return sum(n >= LEAST_ACTIONS_OF_A_SESSION for n in (*self._finished, self._count.actions))

    @property
    def share(self) -> float:
        """How much of what is wanted is there, 0-1; 1 where a profile can be made."""
        return self.meter.share(self.actions, self.sessions, self._used_ns_in_all / HOUR_NS)

    @property
    def hours_left(self) -> float | None:
        """Hours of mouse use until there is enough, as it has gone so far; None until that can be said."""
        used_ns, share = self._used_ns_in_all, self.share
        if used_ns < SAID_AFTER_NS or not share:
            return None
        return used_ns / HOUR_NS * (1.0 - share) / share

    def progress(self) -> str:
        """One sentence for the person at the computer."""
        if self.trouble:
            return sentence("Learning stands still: {why}", why=self.trouble)
        if self.share >= 1.0 and self._handed is not None:
            return mark("There is enough to learn from; your administrator makes the profile of it")
        if self.share >= 1.0:
            return mark("There is enough to learn from; the profile is being made")
        estimate = self.meter.sufficiency
        progress = sentence(
            "Learning how you move this mouse: {actions} of {wanted} actions, {sessions} of {wanted_sessions} sessions",
            actions=self.actions,
            wanted=self._wanted.actions,
            sessions=self.sessions,
            wanted_sessions=self._wanted.sessions,
        )
        return joined(progress, estimate.line()) if estimate else progress

    def claim_weighing(self) -> bool:
        """True when it is time to estimate whether the recordings suffice."""
        return self.meter.is_due(self.actions)

    def claim_training(self) -> bool:
        """True once when there is enough, and again with every tenth more, should training have failed."""
        if (
            self._handed is not None
            or self.share < 1.0
            or (self._claimed_at and self.actions < 1.1 * self._claimed_at)
        ):
            return False
        self._claimed_at = self.actions
        return True

    def claim_transfer(self) -> bool:
        """True once when there is enough to carry another mouse's profile over to this one."""
        if self._sample_claimed or self.share >= 1.0 or self.actions < SAMPLE_ACTIONS:
            return False
        self._sample_claimed = True
        return True

    @property
    def _used_ns_in_all(self) -> int:
        return self._used_ns + self._count.used_ns

    def _break_after_rest(self, first_ns: int, last_ns: int) -> None:
        if self._last_ns is not None and first_ns - self._last_ns > SESSION_BREAK_NS:
            self._end_session()
        self._last_ns = last_ns

    def _end_session(self) -> None:
        self._finished.append(self._count.actions)
        self._used_ns += self._count.used_ns
        self._count = ActionCount()
        self._last_ns = None
        self._recording.end_session()

    def _count_recorded(self, path: Path) -> int | None:
        """Actions in one recording; None if it was made under another mouse."""
        recording = read_recording(path, self._keys.of(path))
        count = ActionCount()
        for item in recording:
            if recording.session is not None and recording.session.mouse.key != self.mouse.key:
                return None
            count.take(item)
        self._used_ns += count.used_ns
        return count.actions
