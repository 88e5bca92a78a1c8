"""The outbox's file: opened privately, checked, and made when it is not there."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import uuid
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.files.opening import HAS_OWNERS, FileRule, RequiredOwner, check_file, open_checked

FORM = 1
_OUTBOX_FILE = FileRule(RequiredOwner.SELF, one_link=True)
_BUSY_S = 1.0
_LEAST_BYTES = 512  # the smallest page that SQLite has
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
_ERRNO = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_BUSY: errno.EBUSY,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
}
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE stream (id TEXT NOT NULL);
CREATE TABLE alert (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, record_id TEXT NOT NULL UNIQUE, created_unix_ns INTEGER NOT NULL,
    severity INTEGER NOT NULL, is_loss INTEGER NOT NULL, size INTEGER NOT NULL, crc INTEGER NOT NULL,
    body BLOB NOT NULL, owner INTEGER NOT NULL DEFAULT -1);
CREATE INDEX alert_worth ON alert (is_loss, severity, seq, size);
CREATE TABLE destination (
    name TEXT PRIMARY KEY, cursor INTEGER NOT NULL, attempts INTEGER NOT NULL,
    next_try_unix_ns INTEGER NOT NULL);
CREATE TABLE loss (cause TEXT PRIMARY KEY, count INTEGER NOT NULL);
INSERT INTO stream VALUES ('%s');
PRAGMA user_version = {FORM};
COMMIT;
"""


# Made in older files as well: versions before it pass over a table that they do not know.
_DEAD_LETTERS = """
CREATE TABLE IF NOT EXISTS dead_letter (
    number INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, record_id TEXT NOT NULL,
    reason TEXT NOT NULL, size INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL,
    UNIQUE (destination, record_id))
"""


class DamagedError(Exception):
    """The file is not an outbox that can be trusted any more."""


class DamagedWhileOpenError(OSError):
    """The same, found in the middle of the work."""


def as_os_error(error: sqlite3.Error, where: str) -> OSError:
    """SQLite's error as the OSError that it comes from, with the file in its text."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DamagedWhileOpenError(errno.EIO, f"outbox: {error}", where)
    return OSError(_ERRNO.get(code, errno.EIO), f"outbox: {error}", where)


def connect(path: Path | None) -> sqlite3.Connection:
    """An open, checked outbox with its tables; a private one in memory for None.

    Raises
    ------
    DamagedError
        If the file is there but is not a sound outbox.
    OSError
        If it cannot be opened or written.
    SteadyhandError
        If it is a link, another's file or not a regular file.
    """
    fresh = path is None or _claim(path)
    where = ":memory:" if path is None else str(path)
    try:
        db = sqlite3.connect(where, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise as_os_error(error, where) from error
    try:
        _prepare(db, fresh)
    except sqlite3.Error as error:
        db.close()
        if fresh and path is not None:
            _unmake(path)
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE:
            raise DamagedError(str(error)) from error
        raise as_os_error(error, where) from error
    except DamagedError:
        db.close()
        raise
    return db


def _claim(path: Path) -> bool:
    """Make the file if it is not there, private to this user; True if it was made now."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle, fresh = open_checked(path, _OUTBOX_FILE, os.O_RDWR | os.O_CREAT | os.O_EXCL), True
    except FileExistsError:
        try:
            handle, fresh = open_checked(path, _OUTBOX_FILE, os.O_RDWR), False
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise SteadyhandError(f"outbox {path} is a symbolic link", "remove the link") from error
            raise
    try:
        size = _make_private(handle)
    finally:
        os.close(handle)
    for beside in (Path(f"{path}-wal"), Path(f"{path}-shm")):  # SQLite opens them by itself
        if os.path.lexists(beside):
            check_file(beside, beside.lstat(), _OUTBOX_FILE)
    if not fresh and size < _LEAST_BYTES:
        # SQLite would take it for a new database, and nobody would learn that the alerts are gone.
        raise DamagedError(f"it has only {quantity(size, 'byte')}")
    return fresh


def _unmake(path: Path) -> None:
    """Remove a file that could not be finished: the next try would take it for a damaged outbox."""
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        name.unlink(missing_ok=True)


def _make_private(handle: int) -> int:
    """Take the file from everybody else; its size in bytes."""
    status = os.fstat(handle)
    if HAS_OWNERS and stat.S_IMODE(status.st_mode) != 0o600:
        os.fchmod(handle, 0o600)
    return status.st_size


def _prepare(db: sqlite3.Connection, fresh: bool) -> None:
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    # The journal stays near 1 MB instead of SQLite's 4: what it takes of a small disk, alerts cannot have.
    db.execute("PRAGMA wal_autocheckpoint = 250")
    db.execute("PRAGMA journal_size_limit = 1048576")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if fresh:
        db.executescript(_SCHEMA % uuid.uuid4())
    elif version != FORM:
        raise DamagedError(f"it is of form {version}, not {FORM}")
    else:
        verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise DamagedError(verdict)
        columns = {row[1] for row in db.execute("PRAGMA table_info(alert)")}
        if "owner" not in columns:  # an outbox of an earlier version, which knew no owners
            db.execute("ALTER TABLE alert ADD COLUMN owner INTEGER NOT NULL DEFAULT -1")
        # Names every column: a table that lacks one is found now and not at the first alert.
        db.execute(
            "SELECT seq, record_id, created_unix_ns, severity, is_loss, size, crc, body, owner FROM alert LIMIT 1"
        )
        db.execute("SELECT name, cursor, attempts, next_try_unix_ns FROM destination LIMIT 1")
        db.execute("SELECT cause, count FROM loss LIMIT 1")
        if db.execute("SELECT id FROM stream").fetchone() is None:
            raise DamagedError("it has lost its stream id")
    db.execute(_DEAD_LETTERS)
