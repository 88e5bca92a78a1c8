"""Private files: created, opened, checked and replaced for one user.

The only place of this package that knows how operating systems differ. On Windows there are no mode bits and no owner
numbers in `os.stat`: owners and access lists are set and checked by `agent.files.windows_security`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from agent.engine.errors import SteadyhandError
from agent.files.opening import HAS_OWNERS as HAS_OWNERS
from agent.files.opening import NAMED_FILE, PRIVATE, SETTINGS_FILE, open_checked, read_checked
from agent.files.opening import effective_uid as effective_uid
from agent.files.reparse import is_plain_folder
from agent.files.undo import undo_on_failure
from agent.files.windows_security import check_own, make_private

# Closed on exec, links not followed; Windows has neither flag, and needs O_BINARY in their place.
SAFE_FLAGS: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

_RENAME_AGAIN_S: Final = (0.01, 0.02, 0.05, 0.1, 0.2)

_MENDS: Final = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room: the quota is used up",
    errno.EFBIG: "make room: the file may not grow any further",
    errno.EROFS: "make the file system writable, or move the folder to one that is",
    errno.EACCES: "give this account access to it",
    errno.EPERM: "give this account access to it",
    errno.ENOENT: "check the path",
    errno.ELOOP: "replace the symbolic link with the file itself",
    errno.ENOTDIR: "remove the file that stands where the folder should be",
    errno.EISDIR: "remove the folder that stands where the file should be",
}


@contextlib.contextmanager
def mendable(path: Path, doing: str) -> Iterator[None]:
    """Turn errors of the operating system on `path` into errors that say what to do.

    Parameters
    ----------
    path : Path
        The file or folder.
    doing : str
        What was tried, as in ``cannot <doing> <path>``.

    Raises
    ------
    SteadyhandError
        In the place of any `OSError`.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        mend = _MENDS.get(error.errno or 0, "check the disk and the system log")
        raise SteadyhandError(f"cannot {doing} {path} ({reason})", mend) from error


def private_dir(path: Path) -> Path:
    """Make `path` and what is missing above it, 0700, and check that it is this user's own.

    Raises
    ------
    SteadyhandError
        If it cannot be made, is a link, belongs to somebody else or is open to others.
    """
    with mendable(path, "make the folder"):
        missing = [path, *path.parents]
        for folder in reversed([p for p in missing if not p.exists()]):
            folder.mkdir(mode=0o700, exist_ok=True)
            if not HAS_OWNERS:
                make_private(folder)
        status = path.lstat()
    if not is_plain_folder(status):
        raise SteadyhandError(f"{path} is not a folder", "move it away; a link is not followed")
    _check_private(path, status, "chmod 700")
    return path


def open_private(path: Path, flags: int) -> int:
    """Open the private file `path`, and make it 0600 where `flags` say to create it.

    Returns
    -------
    int
        A descriptor, closed on exec; the caller closes it.

    Raises
    ------
    SteadyhandError
        If it is not a plain file, somebody else's, open to others, or has a second name.
    OSError
        As `os.open`; wrap in `mendable`.
    """
    return open_checked(path, PRIVATE, flags)


def read_private(path: Path, most_bytes: int) -> bytes:
    """The whole of a private file of at most `most_bytes`.

    Raises
    ------
    FileNotFoundError
        If there is none: often no error at all, so that callers decide.
    SteadyhandError
        If it cannot be read, is too large, or fails the checks of `open_private`.
    """
    if not os.path.lexists(path):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    with mendable(path, "read"):
        return read_checked(path, PRIVATE, most_bytes)


def write_private(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Put `content` in the place of `path`, all or nothing, and durably.

    A new file is written beside it, brought to disk and renamed over it, and then the folder is brought
    to disk. May block for as long as the disk takes.

    Raises
    ------
    SteadyhandError
        If it cannot be written; the old file is then untouched.
    """
    _replace_file(path, content, mode, exact=False)


def write_public(path: Path, content: bytes) -> None:
    """As `write_private`, for a file that everybody may read, whatever the umask.

    Raises
    ------
    SteadyhandError
        If it cannot be written; the old file is then untouched.
    """
    _replace_file(path, content, 0o644, exact=True)


def _replace_file(path: Path, content: bytes, mode: int, *, exact: bool) -> None:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with mendable(path, "write"):
        with undo_on_failure(lambda: fresh.unlink(missing_ok=True)):
            # On Windows a mode without the owner's right to write would make a file that nobody replaces again.
            made = mode if HAS_OWNERS else mode | 0o200
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFE_FLAGS, made)
            with os.fdopen(fd, "wb") as file:
                if exact:
                    fresh.chmod(mode)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _rename_over(fresh, path)
        sync_dir(path.parent)


def _rename_over(fresh: Path, path: Path) -> None:
    """Rename; on Windows whoever reads the old file at that moment holds it up, so that it is tried again."""
    for patience_s in () if HAS_OWNERS else _RENAME_AGAIN_S:
        try:
            os.replace(fresh, path)
        except PermissionError:
            time.sleep(patience_s)
        else:
            return
    os.replace(fresh, path)


def sync_dir(path: Path) -> None:
    """Bring a folder's names to disk. Windows offers no way to, and needs none for a rename.

    Raises
    ------
    OSError
        As `os.fsync`.
    """
    if sys.platform == "win32":
        return
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | SAFE_FLAGS)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_settings(path: Path, most_bytes: int) -> bytes:
    """A file that its user edits: a link may lead to it, and others may read but not write it.

    Raises
    ------
    SteadyhandError
        If it cannot be read, is too large, belongs to neither this user nor root, or anybody can write it.
    """
    with mendable(path, "read"):
        return read_checked(path, SETTINGS_FILE, most_bytes)


def read_named(path: Path, most_bytes: int) -> bytes:
    """A file that a person named: anybody's, also behind a link, but a plain file.

    Raises
    ------
    SteadyhandError
        If it cannot be read, is too large, or is no plain file.
    """
    with mendable(path, "read"):
        return read_checked(path, NAMED_FILE, most_bytes)


def read_all(file: BinaryIO, path: Path, most_bytes: int) -> bytes:
    """The rest of an open file.

    Raises
    ------
    SteadyhandError
        If it is more than `most_bytes`.
    """
    content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise SteadyhandError(f"{path} has more than {most_bytes} bytes", "put the right file in its place")
    return content


def _check_private(path: Path, status: os.stat_result, mend: str) -> None:
    if not HAS_OWNERS:
        with mendable(path, "look at"):
            check_own(path, closed=True)
        return
    if status.st_uid != effective_uid():
        raise SteadyhandError(
            f"{path} belongs to user number {status.st_uid}, not to {effective_uid()}", "move it away"
        )
    if status.st_mode & 0o077:
        raise SteadyhandError(f"{path} is open to others", f"{mend} {path}")
