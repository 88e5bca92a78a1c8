"""Writer lock: one command at a time changes an office. It names the host and process that hold it."""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.files.private import SAFE_FLAGS, mendable


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who writes.

    Attributes
    ----------
    host : str
    process : int
    since : str
        ISO 8601, UTC.
    started : str
        When the process began, as the kernel counts it: a number that comes again belongs to another process.
    """

    host: str
    process: int
    since: str
    started: str

    def is_gone(self) -> bool:
        """True where the process ran on this host and is no more; of another host nobody here can say."""
        return self.host == platform.node() and process_start(self.process) != self.started


@contextlib.contextmanager
def writer_lock(path: Path) -> Iterator[None]:
    """Hold the lock while the context lasts; one that a dead process of this host left is replaced.

    Raises
    ------
    SteadyhandError
        If somebody else holds it, or it cannot be written.
    """
    _take(path)
    try:
        yield
    finally:
        with mendable(path, "remove the lock"):
            path.unlink(missing_ok=True)


def read_holder(path: Path) -> LockHolder | None:
    """Who holds the lock; None where nobody does.

    Raises
    ------
    SteadyhandError
        If the lock is there and cannot be read.
    """
    try:
        return LockHolder(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise SteadyhandError(
            f"{path} does not say who writes ({error})", "delete it if no other command runs"
        ) from error


def process_start(process: int) -> str:
    """When a process began, as the kernel counts it; empty where there is none. Where there is no /proc: ``alive``."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "alive" if not Path("/proc/self").exists() and _answers(process) else ""


def _answers(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _take(path: Path) -> None:
    own = LockHolder(
        platform.node(),
        os.getpid(),
        datetime.now(UTC).isoformat(timespec="seconds"),
        process_start(os.getpid()),
    )
    for _ in range(2):
        with mendable(path, "write the lock"):
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFE_FLAGS, 0o600)
            except FileExistsError:
                _clear_stale(path)
                continue
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(asdict(own), file)
            return
    raise SteadyhandError(f"{path} was taken at this moment by another command", "run this again")


def _clear_stale(path: Path) -> None:
    """Remove the lock of a process that is no more.

    Raises
    ------
    SteadyhandError
        If its holder is alive, or nobody here can say.
    """
    holder = read_holder(path)
    if holder is None:
        return
    if not holder.is_gone():
        here = holder.host == platform.node()
        mend = (
            "wait until it is done" if here else f"wait; if {holder.host} runs no such command, delete {path}"
        )
        raise SteadyhandError(
            f"process {holder.process} on {holder.host} has been writing this office since {holder.since}",
            mend,
        )
    with mendable(path, "remove the stale lock"):
        os.replace(path, path.with_suffix(".stale"))
        path.with_suffix(".stale").unlink(missing_ok=True)
