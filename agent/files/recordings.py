"""The folder of recordings, as their owner sees it: what there is, and how to be rid of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.engine.events import StreamItem
from agent.files.private import mendable, sync_dir
from agent.files.recording import read_recording
from agent.files.recording_keys import RecordingKeySource
from agent.files.stream import Session

SUFFIX: Final = ".recording"


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """What is told to the owner of one recording.

    Attributes
    ----------
    path : Path
    size_bytes : int
    changed_unix_s : float
        Wall clock of the last change.
    """

    path: Path
    size_bytes: int
    changed_unix_s: float


def list_recordings(folder: Path, suffix: str = SUFFIX) -> tuple[RecordingInfo, ...]:
    """The recordings in `folder`, oldest change first; none where there is no such folder.

    Raises
    ------
    SteadyhandError
        If the folder cannot be read.
    """
    with mendable(folder, "list the recordings in"):
        paths = sorted(folder.glob("*" + suffix)) if folder.is_dir() else []
        statuses = [(path, path.lstat()) for path in paths]
    recordings = [RecordingInfo(path, stat.st_size, stat.st_mtime) for path, stat in statuses]
    return tuple(sorted(recordings, key=lambda recording: recording.changed_unix_s))


def erase_recordings(recordings: Iterable[RecordingInfo]) -> int:
    """Delete recordings, durably; returns how many there were. One that is gone already is no error.

    Raises
    ------
    SteadyhandError
        If one cannot be deleted.
    """
    erased = 0
    for recording in recordings:
        with mendable(recording.path, "erase"):
            if recording.path.exists():
                recording.path.unlink()
                erased += 1
            sync_dir(recording.path.parent)
    return erased


def session_items(files: Iterable[Path], keys: RecordingKeySource) -> Iterator[StreamItem | Session]:
    """Everything in the recordings, each session introduced by its `Session`: what training reads."""
    for path in files:
        yield from read_recording(path, keys.of(path)).items()
