"""Single instance: one agent per user and seat."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from types import TracebackType

from agent.engine.errors import SteadyhandError
from agent.files.opening import PRIVATE, open_checked
from agent.files.private import mendable


class AlreadyRunsError(SteadyhandError):
    """Another agent runs for this user."""


class SingleInstance:
    """Holds a lock on a file for as long as the process lives; the system frees it after a crash.

    Parameters
    ----------
    path : Path
        The lock file; its folder exists.

    Raises
    ------
    AlreadyRunsError
        On entering, if another process holds it.
    SteadyhandError
        On entering, if it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1

    def __enter__(self) -> SingleInstance:
        with mendable(self._path, "open"):
            self._fd = open_checked(self._path, PRIVATE, os.O_RDWR | os.O_CREAT)
        try:
            _lock(self._fd)
        except OSError as error:
            os.close(self._fd)
            raise AlreadyRunsError(
                f"another Steadyhand agent already runs for this user ({self._path})",
                "see: steadyhand open; end it before you start another one",
            ) from error
        # For people to read; on a full disk the lock alone must do.
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, 0)
            os.write(self._fd, f"{os.getpid()}\n".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)


def is_held(path: Path) -> bool:
    """True if some process holds the lock on `path`."""
    try:
        fd = open_checked(path, PRIVATE)
    except (FileNotFoundError, SteadyhandError):  # no agent holds what it would not open
        return False
    try:
        _lock(fd)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False


if sys.platform == "win32":
    import msvcrt

    def _lock(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
