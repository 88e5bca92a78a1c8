"""Recordings of enrolment: append-only, encrypted, and whole up to the last second whatever happens.

How they lie on disk is told in `agent.files.chunks`, what is in them in `agent.files.stream`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, StreamItem
from agent.files.chunks import HEAD_BYTES, MAGIC, MOST_CONTENT, ChunkCipher, ChunkReader
from agent.files.opening import RECORDING_FILE, open_checked
from agent.files.private import mendable, open_private, private_dir, sync_dir
from agent.files.stream import Item, Session, decode, frames, joined
from agent.files.undo import undo_on_failure

_SYNC_NS: Final = 1_000_000_000


class RecordingWriter:
    """Appends to one recording. For one thread; made by `open_recording`.

    Every `append` is handed to the operating system at once, so that a killed process loses nothing of what
    it appended. At most once a second it is also brought to disk, so that a power cut loses at most the last
    second of mouse use. Whoever records calls `commit` when the mouse comes to rest.

    Attributes
    ----------
    torn_bytes : int
        What a crash had left of a chunk at the end, and was cut off.
    """

    def __init__(
        self, path: Path, fd: int, cipher: ChunkCipher, whole: ChunkReader, clock: Callable[[], int]
    ) -> None:
        self._path = path
        self._fd = fd
        self._cipher = cipher
        self._end = max(whole.end, HEAD_BYTES)
        self._chunks = self._acknowledged = whole.count
        self._clock = clock
        self._synced_ns = clock()
        self._failed = False
        self.torn_bytes = whole.torn_bytes

    def append(self, items: Iterable[Item]) -> int:
        """Write items, as one chunk unless they are very many; sync if the last time was a second ago.

        Returns
        -------
        int
            Number of chunks in the file now. No items make no chunk.

        Raises
        ------
        SteadyhandError
            If the disk is full or fails. What was whole stays whole, and it may be tried again when there
            is room.
        """
        for content in joined(frames(items), MOST_CONTENT):
            self._write(self._cipher.seal(self._chunks, content))
            self._chunks += 1
        if self._clock() - self._synced_ns >= _SYNC_NS:
            self.commit()
        return self._chunks

    def commit(self) -> int:
        """Bring everything appended to disk. Blocks for as long as the disk takes.

        Returns
        -------
        int
            Number of chunks that are acknowledged: they survive a power cut.

        Raises
        ------
        SteadyhandError
            If the disk fails. This writer then refuses to go on, since nobody can know what was kept.
        """
        self._check_usable()
        if self._acknowledged < self._chunks:
            self._failed = True
            with mendable(self._path, "bring to disk"):
                os.fsync(self._fd)
            self._failed = False
            self._acknowledged = self._chunks
        self._synced_ns = self._clock()
        return self._acknowledged

    def close(self) -> None:
        """Commit and close. Does nothing the second time."""
        if self._fd < 0:
            return
        try:
            if not self._failed:
                self.commit()
        finally:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, chunk: bytes) -> None:
        """Write after the last whole chunk, over what a full disk may have left there."""
        self._check_usable()
        with mendable(self._path, "write to the recording"):
            os.ftruncate(self._fd, self._end)
            os.lseek(self._fd, self._end, os.SEEK_SET)
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        self._end += len(chunk)

    def _check_usable(self) -> None:
        if self._failed or self._fd < 0:
            raise SteadyhandError(f"{self._path} takes no more", "begin a new recording")


def open_recording(
    path: Path, key: bytes, *, clock: Callable[[], int] = time.monotonic_ns
) -> RecordingWriter:
    """Begin a recording, or go on with the one at `path` after its last whole chunk.

    Parameters
    ----------
    path : Path
        Its folder is made where it is missing.
    key : bytes
        The user's recording key, 32 bytes.
    clock : callable
        Monotonic nanoseconds; decides when a second has passed.

    Raises
    ------
    SteadyhandError
        If the file cannot be made, is no recording of this key, or is damaged before its end.
    """
    private_dir(path.parent)
    with mendable(path, "open the recording"):
        fd = open_private(path, os.O_RDWR | os.O_CREAT)
        with undo_on_failure(lambda: os.close(fd)):
            with os.fdopen(fd, "rb", closefd=False) as file:
                whole = ChunkReader(file, key, str(path))
                for _ in whole:
                    pass
            cipher = whole.cipher or _begin(fd, key)
            if whole.torn_bytes and whole.end:
                os.ftruncate(fd, whole.end)
            os.fsync(fd)
            sync_dir(path.parent)
    return RecordingWriter(path, fd, cipher, whole, clock)


def _begin(fd: int, key: bytes) -> ChunkCipher:
    """Write a new file's head, in the place of one that a crash cut short."""
    file_id = os.urandom(HEAD_BYTES - len(MAGIC))
    os.ftruncate(fd, 0)
    os.lseek(fd, 0, os.SEEK_SET)
    os.write(fd, MAGIC + file_id)
    return ChunkCipher(key, file_id)


class RecordingReader:
    """Iterates once over the events and boundaries of a recording; made by `read_recording`.

    Where capture began again within the file, a boundary says so: nothing is joined over the break.

    Attributes
    ----------
    path : Path
    session : Session or None
        The session that the items just read belong to; None before the first was met.
    torn_bytes : int
        What a crash left at the end; known when iteration has ended.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._key = key
        self.session: Session | None = None
        self.torn_bytes = 0

    def __iter__(self) -> Iterator[StreamItem]:
        self.session = None
        for entry in self.items():
            if not isinstance(entry, Session):
                yield entry
                continue
            before: Session | None = self.session
            self.session = entry
            if before is not None:
                same = before.mouse.key == entry.mouse.key
                yield Boundary(
                    entry.t_ns, Cause.CAPTURE_RESTARTED if same else Cause.MOUSE_CHANGED, "new session"
                )

    def items(self) -> Iterator[Item]:
        """Everything in order, with the sessions themselves where they begin.

        Raises
        ------
        SteadyhandError
            As `read_recording`.
        """
        with (
            mendable(self.path, "read the recording"),
            os.fdopen(open_checked(self.path, RECORDING_FILE), "rb") as file,
        ):
            chunks = ChunkReader(file, self._key, str(self.path))
            for content in chunks:
                yield from _decoded(content, self.path)
            self.torn_bytes = chunks.torn_bytes


def read_recording(path: Path, key: bytes) -> RecordingReader:
    """The events and boundaries of a recording, read as they are asked for.

    Raises
    ------
    SteadyhandError
        From iteration: if the file cannot be read, is no recording of this key, was damaged or changed.
        Everything before the damage has been given out by then.
    """
    return RecordingReader(path, key)


def _decoded(content: bytes, path: Path) -> Iterator[Item]:
    try:
        yield from decode(content)
    except ValueError as error:
        raise SteadyhandError(
            f"{path} was written by a newer Steadyhand ({error})", "update Steadyhand"
        ) from error
