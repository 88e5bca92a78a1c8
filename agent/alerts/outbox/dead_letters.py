"""Dead letters: alerts that one destination will never take, kept in the outbox's file with the reason."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.alerts.outbox.file import as_os_error

MOST_BYTES: Final = 1_000_000
"""Bound of what is kept; the oldest go first. That each did not arrive was announced when it came here."""
MOST_REASON: Final = 500

_COPY: Final = (
    "INSERT OR IGNORE INTO dead_letter (destination, record_id, reason, size, crc, body)"
    " SELECT ?, record_id, ?, size, crc, body FROM alert WHERE seq = ?"
)
_TRIM: Final = (
    "DELETE FROM dead_letter WHERE number = (SELECT MIN(number) FROM dead_letter)"
    " AND (SELECT SUM(size) FROM dead_letter) > ?"
)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One of them.

    Attributes
    ----------
    destination : str
        Which destination does not take it.
    record_id : str
    reason : str
        What the receiver or the transport said.
    body : bytes
        The alert as `agent.alerts.wire` writes it.
    """

    destination: str
    record_id: str
    reason: str
    body: bytes


def bury(db: sqlite3.Connection, destination: str, sequence: int, reason: str) -> None:
    """Copy the alert `sequence` to the dead letters of `destination`. Within a transaction of the caller."""
    db.execute(_COPY, (destination, reason[:MOST_REASON], sequence))
    while db.execute(_TRIM, (MOST_BYTES,)).rowcount:
        continue


def letters_of(db: sqlite3.Connection) -> tuple[DeadLetter, ...]:
    """All of them, oldest first."""
    rows = db.execute("SELECT destination, record_id, reason, body FROM dead_letter ORDER BY number")
    return tuple(DeadLetter(*row) for row in rows)


def move_letters(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Bring all of them to another outbox. Within transactions of the caller."""
    columns = "destination, record_id, reason, size, crc, body"
    rows = source.execute(f"SELECT {columns} FROM dead_letter ORDER BY number").fetchall()
    target.executemany(f"INSERT OR IGNORE INTO dead_letter ({columns}) VALUES (?, ?, ?, ?, ?, ?)", rows)
    source.execute("DELETE FROM dead_letter")


def read_dead_letters(path: Path) -> tuple[DeadLetter, ...]:
    """The dead letters in an outbox's file, whoever has it open; none where there is no file.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    if not path.exists():
        return ()
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=1.0)) as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'dead_letter'").fetchone():
                return ()
            return letters_of(db)
    except sqlite3.Error as error:
        raise as_os_error(error, str(path)) from error
