"""Learning the owner: keeps what the mouse does, encrypted, until there is enough for a profile."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agent.config import schema as settings
from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.files.recording import RecordingWriter, open_recording, read_recording
from agent.files.recordings import SUFFIX, list_recordings
from agent.files.stream import Session
from agent.files.upload_log import UploadedRecording
from agent.runtime.learning.action_count import ActionCount
from agent.runtime.learning.sufficiency_meter import Meter

LOG: Final = logging.getLogger(__name__)

SESSION_BREAK_NS: Final = 600_000_000_000
HOUR_NS: Final = 3_600_000_000_000
SAID_AFTER_NS: Final = 120_000_000_000
"""Two minutes of use: before them, how long it will take is anybody's guess."""
LEAST_ACTIONS_OF_A_SESSION: Final = 30
SAMPLE_ACTIONS: Final = 200
"""Of a new mouse, before the profile of another one is carried over to it (docs/results.md)."""
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


@dataclass(frozen=True, slots=True)
class Clocks:
    """Both clocks: `monotonic_ns` for durations, `wall_ns` (since 1970) for names and people."""

    monotonic_ns: Callable[[], int]
    wall_ns: Callable[[], int]


class Enrolment:
    """One mouse configuration's recordings, those of earlier runs of the agent included.

    A session is a run of use without a lock, a sleep or ten minutes of rest: the error rates are estimated
    from session to session, because people move more alike within one.

    Parameters
    ----------
    folder : Path
        Where recordings are kept.
    key : bytes
        The recording key.
    mouse : MouseConfiguration
    wanted : settings.EnrolmentSettings
        How much is enough.
    clocks : Clocks
    handed : sequence of UploadedRecording, optional
        What was handed over before, where an administrator learns from the recordings: then recording ends when
        there is enough. None where this computer learns.
    """

    def __init__(
        self,
        folder: Path,
        key: bytes,
        mouse: MouseConfiguration,
        wanted: settings.EnrolmentSettings,
        clocks: Clocks,
        handed: Sequence[UploadedRecording] | None = None,
    ) -> None:
        self._folder = folder
        self._key = key
        self.mouse = mouse
        self._wanted = wanted
        self._clocks = clocks
        self._handed = handed
        self._files: list[Path] = []
        self._finished: list[int] = []
        self._count = ActionCount()
        self._used_ns = 0
        self._writer: RecordingWriter | None = None
        self._path: Path | None = None
        self._begun = self._lost = False
        self._last_ns: int | None = None
        self._claimed_at = 0
        self._sample_claimed = False
        self.meter = Meter(wanted, here=handed is None)
        self.trouble = ""

    def resume(self) -> None:
        """Count what earlier runs recorded under this mouse. Reads the files; call it once, first."""
        mine = [one for one in self._handed or () if one.mouse_key == self.mouse.key]
        self._finished += [one.actions for one in mine]
        self._used_ns += sum(one.used_ns for one in mine)
        gone = {one.name for one in self._handed or ()}
        for path in sorted(info.path for info in list_recordings(self._folder)):
            if path.name in gone:
                continue
            try:
                actions = self._count_recorded(path)
            except SteadyhandError as error:
                LOG.warning("%s", error)
                self.trouble = str(error)
                continue
            if actions is not None:
                self._files.append(path)
                self._finished.append(actions)

    def append(self, item: StreamItem) -> None:
        """Record one item of the stream. Worker thread; blocks as long as a write takes."""
        if isinstance(item, Boundary) and item.cause in _BREAKS:
            self._end_session()
            return
        if self._handed is not None and self.share >= 1.0:
            if self._writer:
                self._end_session()
            return
        if isinstance(item, EventBatch):
            self._break_after_rest(int(item.t_ns[0]), int(item.t_ns[-1]))
        try:
            self._open_writer().append([*self._preface(item), item])
        except SteadyhandError as error:
            self._stand_still(error)
            # What could not be kept is not counted, and nothing is joined across it.
            self._count.take(_cut(item))
            self._lost = True
            return
        self.trouble = ""
        self._begun, self._lost = True, False
        self._count.take(item)

    def commit(self) -> None:
        """Bring what was appended to disk. Called when the worker has looked at the ring."""
        if self._writer:
            try:
                self._writer.commit()
            except SteadyhandError as error:
                self._stand_still(error)
                self._end_session()

    def close(self) -> None:
        """End the session under way."""
        self._end_session()

    @property
    def open_file(self) -> Path | None:
        """The recording that is being written; None between sessions. Any thread.

        `_open_writer` keeps its name in one of the two places at every moment.
        """
        return self._path or (self._files[-1] if self._writer else None)

    @property
    def files(self) -> tuple[Path, ...]:
        """The recordings of this enrolment, oldest first."""
        return tuple(self._files)

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
            return f"Learning stands still: {self.trouble}"
        if self.share >= 1.0 and self._handed is not None:
            return "There is enough to learn from; your administrator makes the profile of it"
        if self.share >= 1.0:
            return "There is enough to learn from; the profile is being made"
        told = self.meter.sufficiency
        weighed = f"; {told.line()}" if told else ""
        return (
            f"Learning how you move this mouse: {self.actions:,} of {self._wanted.actions:,} actions, "
            f"{self.sessions} of {self._wanted.sessions} sessions{weighed}"
        )

    def claim_weighing(self) -> bool:
        """True when it is time to reckon whether the data suffice."""
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

    def _open_writer(self) -> RecordingWriter:
        """The recording of this session; one that could not be begun is tried again under the same name."""
        if self._writer is None:
            self._path = self._path or self._new_path()
            self._writer = open_recording(self._path, self._key, clock=self._clocks.monotonic_ns)
            self._files.append(self._path)
            self._path = None
        return self._writer

    def _new_path(self) -> Path:
        stamp = datetime.fromtimestamp(self._clocks.wall_ns() / 1e9, UTC).strftime("%Y%m%dT%H%M%S")
        return self._folder / f"{stamp}-{uuid.uuid4().hex[:8]}{SUFFIX}"

    def _preface(self, item: StreamItem) -> list[StreamItem | Session]:
        """What must stand before `item` in the recording: the session, or that something is missing."""
        if not self._begun:
            return [Session(self.mouse, self._clocks.monotonic_ns(), self._clocks.wall_ns())]
        return [_cut(item)] if self._lost else []

    def _end_session(self) -> None:
        self._finished.append(self._count.actions)
        self._used_ns += self._count.used_ns
        self._count = ActionCount()
        self._last_ns = None
        self._begun = self._lost = False
        if self._writer:
            try:
                self._writer.close()
            except SteadyhandError as error:
                self._stand_still(error)
            self._writer = None

    def _stand_still(self, error: SteadyhandError) -> None:
        if self.trouble != str(error):
            LOG.error("%s", error)
        self.trouble = str(error)

    def _count_recorded(self, path: Path) -> int | None:
        """Actions in one recording; None if it was made under another mouse."""
        recording = read_recording(path, self._key)
        count = ActionCount()
        for item in recording:
            if recording.session is not None and recording.session.mouse.key != self.mouse.key:
                return None
            count.take(item)
        self._used_ns += count.used_ns
        return count.actions


def _cut(item: StreamItem) -> Boundary:
    """Stands where something could not be kept."""
    t_ns = item.t_ns if isinstance(item, Boundary) else int(item.t_ns[0])
    return Boundary(t_ns, Cause.OVERFLOW, "the disk took no more")
