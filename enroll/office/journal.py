"""Journal of an office: a line for every change and every opening of recordings, chained by hashes.

A line holds who, when (UTC), which command and why; it names people by their ids, never by their names, so that it
stays when somebody leaves. Each holds the hash of the line before: one that is changed or taken out shows.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.archive import canonical
from agent.files.private import mendable, open_private

GENESIS: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line.

    Attributes
    ----------
    number : int
        From 1.
    utc : str
        ISO 8601.
    who : str
        Account and host of whoever ran the command.
    command : str
    reason : str
        As the administrator gave it.
    people : tuple of str
        Ids of those whom it is about.
    detail : str
        What came of it.
    previous : str
        Hash of the line before.
    """

    number: int
    utc: str
    who: str
    command: str
    reason: str
    people: tuple[str, ...]
    detail: str
    previous: str

    @property
    def sha256(self) -> str:
        """What the next line holds as `previous`."""
        return hashlib.sha256(canonical(asdict(self))).hexdigest()


class Journal:
    """Writer and reader of one journal file; callers hold the office's lock while they append.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(
        self, command: str, *, reason: str = "", people: Sequence[str] = (), detail: str = ""
    ) -> JournalEntry:
        """Add a line, durably.

        Raises
        ------
        SteadyhandError
            If the journal is damaged or cannot be written.
        """
        last = self._last()
        entry = JournalEntry(
            1 if last is None else last.number + 1,
            datetime.now(UTC).isoformat(timespec="seconds"),
            f"{getpass.getuser()} on {platform.node()}",
            command,
            reason,
            tuple(people),
            detail,
            GENESIS if last is None else last.sha256,
        )
        with mendable(self._path, "write the journal"):
            descriptor = open_private(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            with os.fdopen(descriptor, "ab") as file:
                file.write(canonical(asdict(entry)) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        return entry

    def read(self) -> tuple[JournalEntry, ...]:
        """Every line, in order.

        Raises
        ------
        SteadyhandError
            Naming the first line that is damaged, or does not follow the one before.
        """
        entries: list[JournalEntry] = []
        previous = GENESIS
        for number, line in enumerate(self._lines(), start=1):
            entry = self._parsed(line, number)
            if entry.number != number or entry.previous != previous:
                raise SteadyhandError(
                    f"{self._path}, line {number}: does not follow the line before; one was changed or taken out",
                    "compare it with a backup",
                )
            entries.append(entry)
            previous = entry.sha256
        return tuple(entries)

    def _last(self) -> JournalEntry | None:
        lines = self._tail()
        return self._parsed(lines[-1], -1) if lines else None

    def _lines(self) -> list[bytes]:
        if not self._path.exists():
            return []
        with mendable(self._path, "read the journal"):
            return self._path.read_bytes().splitlines()

    def _tail(self, most_bytes: int = 65_536) -> list[bytes]:
        """The last lines: a long journal is not read whole for each new line."""
        if not self._path.exists():
            return []
        with mendable(self._path, "read the journal"), self._path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - most_bytes))
            return file.read().splitlines()

    def _parsed(self, line: bytes, number: int) -> JournalEntry:
        try:
            content: dict[str, Any] = json.loads(line)
            return JournalEntry(**(content | {"people": tuple(content["people"])}))
        except (ValueError, TypeError, KeyError) as error:
            where = f"line {number}" if number > 0 else "its last line"
            raise SteadyhandError(
                f"{self._path}, {where}: damaged ({error})", "compare it with a backup"
            ) from error
