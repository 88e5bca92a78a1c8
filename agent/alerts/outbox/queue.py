"""The outbox: alerts on disk until every destination has taken them.

An alert that `Outbox.put` has acknowledged survives kill -9 and power loss (SQLite, WAL, synchronous=FULL).
It is brought at least once, in order, with a stable id. When the bound is reached the least severe, oldest
alerts go first, and the loss is counted in the same transaction, so that it can be announced.
"""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from agent.alerts.alert import Alert
from agent.alerts.api import Record
from agent.alerts.outbox.dead_letters import DeadLetter, bury, letters_of, move_letters
from agent.alerts.outbox.file import as_os_error
from agent.alerts.outbox.owners import LEAST_WORTH
from agent.alerts.outbox.rows import count_loss, read_body, row_of

FULL = "the outbox was full"
_UNTAKEN = "WHERE seq > (SELECT cursor FROM destination WHERE name = ?)"


class Outbox:
    """Alerts that wait, and how far each destination is. Any thread may call it: one lock, one connection.

    Parameters
    ----------
    db : sqlite3.Connection
        From `outbox_file.connect`; the outbox closes it.
    where : str
        For error texts.
    most_bytes : int
    """

    def __init__(self, db: sqlite3.Connection, where: str, most_bytes: int) -> None:
        self._db = db
        self._where = where
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._closed = False
        self._stream = ""
        self._bytes = 0
        self._change_bytes = 0

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._closed:
                raise OSError(errno.EBADF, "outbox: closed", self._where)
            self._change_bytes = 0
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                    self._db.execute("COMMIT")
                    self._bytes += self._change_bytes
                finally:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
            except sqlite3.Error as error:
                raise as_os_error(error, self._where) from error

    def begin(self, destinations: Sequence[str]) -> None:
        """Register the destinations, forget others, count what is there. Once, before anything else."""
        with self._transaction() as db:
            self._stream = db.execute("SELECT id FROM stream").fetchone()[0]
            for name, cursor in db.execute("SELECT name, cursor FROM destination").fetchall():
                if name not in destinations:
                    left = db.execute("SELECT COUNT(*) FROM alert WHERE seq > ?", (cursor,)).fetchone()[0]
                    db.execute("DELETE FROM destination WHERE name = ?", (name,))
                    if left:
                        count_loss(db, f"{name} was taken out of the settings", left)
            for name in destinations:
                db.execute("INSERT OR IGNORE INTO destination VALUES (?, 0, 0, 0)", (name,))
            self._change_bytes = db.execute("SELECT COALESCE(SUM(size), 0) FROM alert").fetchone()[0]
            self._drop_taken(db)

    def put(self, alert: Alert, announces: Mapping[str, int] | None = None) -> None:
        """Return once `alert` is on disk. A record id that waits already is not put twice.

        Parameters
        ----------
        alert : Alert
        announces : mapping, optional
            Losses (from `losses`) that this alert tells of: they are forgotten in the same transaction.

        Raises
        ------
        OSError
            If it could not be written (full, read-only, damaged, closed); then nothing has changed.
        """
        row, size = row_of(alert)
        with self._transaction() as db:
            added = db.execute(
                "INSERT OR IGNORE INTO alert"
                " (record_id, created_unix_ns, severity, is_loss, size, crc, body, owner)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            ).rowcount
            for cause, count in (announces or {}).items():
                db.execute("UPDATE loss SET count = count - ? WHERE cause = ?", (count, cause))
                db.execute("DELETE FROM loss WHERE cause = ? AND count <= 0", (cause,))
            self._change_bytes += size * added
            self._make_room(db)

    def pending(self, destination: str, limit: int) -> list[Record]:
        """What `destination` has not taken, oldest first; records that are damaged are counted as lost."""
        records: list[Record] = []
        with self._transaction() as db:
            rows = db.execute(
                f"SELECT seq, size, crc, body FROM alert {_UNTAKEN} ORDER BY seq LIMIT ?",
                (destination, limit),
            ).fetchall()
            for seq, size, crc, body in rows:
                alert = read_body(crc, body)
                if alert is None:
                    self._delete(db, seq, size)
                    count_loss(db, "their records in the outbox were damaged", 1)
                else:
                    records.append(Record(self._stream, seq, alert))
        return records

    def move_to(self, target: Outbox) -> None:
        """Put everything into `target` and forget it here, one by one. Raises OSError as `put` does."""
        with self._transaction() as db:
            rows = db.execute("SELECT seq, size, crc, body FROM alert ORDER BY seq").fetchall()
        for seq, size, crc, body in rows:
            alert = read_body(crc, body)
            if alert is not None:
                target.put(alert)
            with self._transaction() as db:
                self._delete(db, seq, size)
        with self._transaction() as own, target._transaction() as theirs:
            move_letters(own, theirs)

    def waiting(self, destination: str) -> int:
        """How many alerts `destination` has not taken."""
        return self._number(f"SELECT COUNT(*) FROM alert {_UNTAKEN}", destination)

    def depth(self) -> int:
        """How many alerts some destination has not taken."""
        return self._number("SELECT COUNT(*) FROM alert")

    def _number(self, query: str, *parameters: str) -> int:
        with self._transaction() as db:
            return int(db.execute(query, parameters).fetchone()[0])

    def ack(self, destination: str, upto: int) -> None:
        """`destination` has taken everything up to sequence `upto`; what all have taken is deleted."""
        with self._transaction() as db:
            self._advance(db, destination, upto)

    def bury(self, destination: str, sequence: int, reason: str, loss: str) -> None:
        """`destination` will never take the alert `sequence`: keep it as a dead letter and go on behind it.

        Parameters
        ----------
        destination : str
        sequence : int
        reason : str
            What it said; kept with the letter.
        loss : str
            The cause under which the loss is counted and announced; empty to count none.
        """
        with self._transaction() as db:
            bury(db, destination, sequence, reason)
            if loss:
                count_loss(db, loss, 1)
            self._advance(db, destination, sequence)

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """What some destination will never take, oldest first."""
        with self._transaction() as db:
            return letters_of(db)

    def _advance(self, db: sqlite3.Connection, destination: str, upto: int) -> None:
        db.execute(
            "UPDATE destination SET cursor = MAX(cursor, ?), attempts = 0, next_try_unix_ns = 0 WHERE name = ?",
            (upto, destination),
        )
        self._drop_taken(db)

    def defer(self, destination: str, attempts: int, next_try_unix_ns: int) -> None:
        """Keep the back-off of `destination` beyond a restart."""
        with self._transaction() as db:
            db.execute(
                "UPDATE destination SET attempts = ?, next_try_unix_ns = ? WHERE name = ?",
                (attempts, next_try_unix_ns, destination),
            )

    def deferred(self) -> dict[str, tuple[int, int]]:
        """Attempts so far and wall-clock ns of the next try, by destination."""
        with self._transaction() as db:
            rows = db.execute("SELECT name, attempts, next_try_unix_ns FROM destination").fetchall()
        return {name: (attempts, next_try) for name, attempts, next_try in rows}

    def count_loss(self, cause: str, count: int) -> None:
        """Note that `count` alerts (0: nobody knows how many) were lost because of `cause`."""
        with self._transaction() as db:
            count_loss(db, cause, count)

    def losses(self) -> dict[str, int]:
        """Losses not announced yet, by cause; none while an earlier announcement still waits."""
        with self._transaction() as db:
            if db.execute("SELECT 1 FROM alert WHERE is_loss = 1 LIMIT 1").fetchone():
                return {}
            return dict(db.execute("SELECT cause, count FROM loss ORDER BY cause").fetchall())

    def _delete(self, db: sqlite3.Connection, seq: int, size: int) -> None:
        db.execute("DELETE FROM alert WHERE seq = ?", (seq,))
        self._change_bytes -= size

    def _drop_taken(self, db: sqlite3.Connection) -> None:
        """Delete what every destination has taken."""
        taken = "WHERE seq <= (SELECT MIN(cursor) FROM destination)"
        self._change_bytes -= db.execute(f"SELECT COALESCE(SUM(size), 0) FROM alert {taken}").fetchone()[0]
        db.execute(f"DELETE FROM alert {taken}")

    def _make_room(self, db: sqlite3.Connection) -> None:
        """Delete alerts until the bound is kept: the least severe, oldest ones of the owner who has the most.

        Severity is what the sender says: it decides among one owner's alerts, and never between owners.
        """
        while self._bytes + self._change_bytes > self._most_bytes:
            row = db.execute(LEAST_WORTH).fetchone()
            if row is None:
                break
            self._delete(db, *row)
            count_loss(db, FULL, 1)

    def close(self) -> None:
        """Close the file. Once closed, everything else raises OSError."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._db.close()
