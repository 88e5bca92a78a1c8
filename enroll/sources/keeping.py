"""Keeping of recordings: written beside their place and put there whole, so that a failure leaves nothing."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from agent.engine.events import Boundary, EventBatch, StreamItem
from agent.files.private import mendable, sync_dir
from agent.files.recording import open_recording
from agent.files.stream import Session
from agent.files.undo import undo_on_failure

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_@-][A-Za-z0-9._@-]{0,63}")


def keep_recording(path: Path, key: bytes, items: Iterable[StreamItem | Session]) -> None:
    """Write a recording to `path`, all or nothing.

    Raises
    ------
    SteadyhandError
        If it cannot be written, or whatever iteration raises; neither the file nor a folder made for it remains.
    """
    missing = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
    part = path.with_name(f".{path.name}.part")
    with undo_on_failure(lambda: _remove(part, missing)):
        with mendable(part, "replace"):
            part.unlink(missing_ok=True)
        with open_recording(part, key) as writer:
            for entry in items:
                writer.append([entry])
        with mendable(path, "write"):
            part.rename(path)
            sync_dir(path.parent)


def _remove(part: Path, made: Iterable[Path]) -> None:
    """Take away an unfinished file, and folders that were made for it."""
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)
    for folder in made:
        with contextlib.suppress(OSError):
            folder.rmdir()


def content_digest(items: Iterable[StreamItem | Session]) -> str:
    """One digest of all events and boundaries, however they are cut into batches; sessions do not count."""
    columns = {name: hashlib.sha256() for name in EventBatch.__slots__}
    boundaries = hashlib.sha256()
    for entry in items:
        if isinstance(entry, EventBatch):
            for name, digest in columns.items():
                digest.update(getattr(entry, name).tobytes())
        elif isinstance(entry, Boundary):
            boundaries.update(f"{entry.t_ns} {entry.cause.name}\n".encode())
    every = [*(digest.hexdigest() for digest in columns.values()), boundaries.hexdigest()]
    return hashlib.sha256(" ".join(every).encode()).hexdigest()


def plain_name(name: str) -> str:
    """`name` where it is safe as a file's; what an agent or a folder says is no path."""
    return name if _PLAIN_NAME.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()[:16]
