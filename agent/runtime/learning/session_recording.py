"""Session recording: the encrypted file that one session of mouse use is written to."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.files.recording import RecordingWriter, open_recording
from agent.files.recording_keys import RecordingKeySource
from agent.files.recordings import SUFFIX
from agent.files.stream import Session

LOG: Final = logging.getLogger(__name__)
STAMP_FORM: Final = "%Y%m%dT%H%M%S"
STAMP_EXAMPLE: Final = "20260504T093000"


@dataclass(frozen=True, slots=True)
class EnrolmentClocks:
    """Both clocks: `monotonic_ns` for durations, `wall_ns` (since 1970) for names and people."""

    monotonic_ns: Callable[[], int]
    wall_ns: Callable[[], int]


class SessionRecording:
    """Writes sessions to files, one after the other. Worker thread, but for `open_file`.

    Parameters
    ----------
    folder : Path
        Where recordings are kept.
    keys : RecordingKeySource
    mouse : MouseConfiguration
    clocks : EnrolmentClocks

    Attributes
    ----------
    files : list of Path
        The recordings of this enrolment, oldest first.
    trouble : str
        Why the last item was not written; empty when it was.
    """

    def __init__(
        self, folder: Path, keys: RecordingKeySource, mouse: MouseConfiguration, clocks: EnrolmentClocks
    ) -> None:
        self._folder = folder
        self._keys = keys
        self._mouse = mouse
        self._clocks = clocks
        self._writer: RecordingWriter | None = None
        self._next_path: Path | None = None
        self._begun = self._lost = False
        self.files: list[Path] = []
        self.trouble = ""

    @property
    def is_open(self) -> bool:
        """True while a session is being written."""
        return self._writer is not None

    @property
    def open_file(self) -> Path | None:
        """The recording that is being written; None between sessions. Any thread.

        `_open_writer` keeps its name in one of the two places at every moment.
        """
        return self._next_path or (self.files[-1] if self._writer else None)

    def append(self, item: StreamItem) -> bool:
        """Write one item; False, with `trouble`, where the disk did not take it. Blocks as long as a write takes."""
        try:
            self._open_writer().append([*self._preface(item), item])
        except SteadyhandError as error:
            self.report_trouble(error)
            self._lost = True
            return False
        self.trouble = ""
        self._begun, self._lost = True, False
        return True

    def commit(self) -> bool:
        """Bring what was appended to disk; False, with `trouble`, where that failed."""
        if self._writer:
            try:
                self._writer.commit()
            except SteadyhandError as error:
                self.report_trouble(error)
                return False
        return True

    def end_session(self) -> None:
        """Close the file of the session under way."""
        self._begun = self._lost = False
        if self._writer:
            try:
                self._writer.close()
            except SteadyhandError as error:
                self.report_trouble(error)
            self._writer = None

    def discard_session(self) -> Path | None:
        """Close the file of the session under way and forget it; returns it, for whoever deletes it."""
        path = self.files[-1] if self._writer else None
        self.end_session()
        if path is not None:
            self.files.remove(path)
        return path

    def report_trouble(self, error: SteadyhandError) -> None:
        """Keep why learning stands still, and log it once."""
        if self.trouble != str(error):
            LOG.error("%s", error)
        self.trouble = str(error)

    def _open_writer(self) -> RecordingWriter:
        """The recording of this session; one that could not be begun is tried again under the same name."""
        if self._writer is None:
            self._next_path = self._next_path or self._new_path()
            key = self._keys.create(self._next_path)
            self._writer = open_recording(self._next_path, key, clock=self._clocks.monotonic_ns)
            self.files.append(self._next_path)
            self._next_path = None
        return self._writer

    def _new_path(self) -> Path:
        stamp = datetime.fromtimestamp(self._clocks.wall_ns() / 1e9, UTC).strftime(STAMP_FORM)
        return self._folder / f"{stamp}-{uuid.uuid4().hex[:8]}{SUFFIX}"

    def _preface(self, item: StreamItem) -> list[StreamItem | Session]:
        """What must stand before `item` in the recording: the session, or that something is missing."""
        if not self._begun:
            return [Session(self._mouse, self._clocks.monotonic_ns(), self._clocks.wall_ns())]
        return [missing_item(item)] if self._lost else []


def began_before(path: Path, moment: datetime | None) -> bool:
    """True where a recording began before `moment`, by its name; False without a moment."""
    if moment is None:
        return False
    return path.name[: len(STAMP_EXAMPLE)] < moment.astimezone(UTC).strftime(STAMP_FORM)


def missing_item(item: StreamItem) -> Boundary:
    """The boundary that stands where `item` could not be written."""
    t_ns = item.t_ns if isinstance(item, Boundary) else int(item.t_ns[0])
    return Boundary(t_ns, Cause.OVERFLOW, "the disk took no more")
