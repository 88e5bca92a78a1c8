"""Transport: a private file with one OCSF event a line, for a log shipper or a person with `jq`."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.engine.errors import SteadyhandError
from agent.files.opening import FileRule, RequiredOwner, open_checked
from agent.files.private import sync_dir

MOST_BYTES = 20_000_000
_APPEND = os.O_RDWR | os.O_APPEND
_RULE = FileRule(RequiredOwner.SELF, 0o022, one_link=True)  # whoever collects the lines may read them


class JsonLines:
    """Appends to a file and syncs it before saying that the records arrived.

    The file is opened for every batch, so it may be moved away or rotated at any time; when it would grow
    beyond `most_bytes` it is renamed to ``NAME.1`` (one generation).

    Parameters
    ----------
    path : Path
    to_event : callable
        A record as an OCSF event.
    most_bytes : int, optional
    """

    def __init__(
        self, path: Path, to_event: Callable[[Record], dict[str, Any]], most_bytes: int = MOST_BYTES
    ) -> None:
        self._path = path
        self._to_event = to_event
        self._most_bytes = most_bytes

    @property
    def name(self) -> str:
        """Its name in the outbox."""
        return "jsonl"

    def send(self, records: Sequence[Record]) -> Sent:
        """Append all records or none. Delivery thread; blocks for one sync of the disk."""
        lines = [json.dumps(self._to_event(record), ensure_ascii=False) + "\n" for record in records]
        content = "".join(lines).encode()
        try:
            self._append(content)
        except OSError as error:
            why = "it is a symbolic link" if error.errno == errno.ELOOP else error.strerror or str(error)
            return Sent(0, DeliveryOutcome.RETRY, f"cannot write {self._path}: {why}")
        except SteadyhandError as error:
            return Sent(0, DeliveryOutcome.RETRY, f"cannot write: {error}")
        return Sent(len(records), DeliveryOutcome.OK)

    def _append(self, content: bytes) -> None:
        handle = self._open()
        size = os.fstat(handle).st_size
        if size and size + len(content) > self._most_bytes:
            os.close(handle)  # Windows renames no open file
            os.replace(self._path, self._path.with_name(self._path.name + ".1"))
            handle = self._open()
            size = os.fstat(handle).st_size
        try:
            _write(handle, size, content)
        finally:
            os.close(handle)

    def _open(self) -> int:
        """The file, made private when it is new."""
        try:
            handle = open_checked(self._path, _RULE, _APPEND)
        except FileNotFoundError:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = open_checked(self._path, _RULE, _APPEND | os.O_CREAT | os.O_EXCL)
            sync_dir(self._path.parent)
        return handle


def _write(handle: int, size: int, content: bytes) -> None:
    """Append `content` as whole lines and sync; on failure cut the file to what it was."""
    if size:
        os.lseek(handle, size - 1, os.SEEK_SET)
        if os.read(handle, 1) != b"\n":  # killed in the middle of a line: that record comes again
            content = b"\n" + content
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, size)
        raise
