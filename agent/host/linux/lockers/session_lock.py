"""Lockers of wlroots compositors: swaylock, gtklock and waylock, which leave for the background once they have locked.

Nothing can be seen of a Wayland screen from outside. What can be known is that the locker which this process started,
by root's absolute path and with an environment of its own, says that the compositor has locked (it returns), and that
the process which it left behind lives and runs that very program. A living process alone is no lock.
"""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from agent.host.linux.lockers.environment import locker_environment
from agent.host.linux.processes import Program, installed_program, program_of
from agent.host.locker import LockerError

Popen = Callable[..., "subprocess.Popen[bytes]"]


def running(
    program: str, proc: Path = Path("/proc"), program_of: Callable[[int], Program] = program_of
) -> frozenset[int]:
    """The processes of this user that run a program of root's. Reads /proc, about 10 ms."""
    pids = set()
    for folder in proc.glob("[0-9]*"):
        try:
            own = folder.stat().st_uid == os.getuid()
            named = own and (folder / "comm").read_text().strip() == program[:15]
        except OSError:
            continue  # ended since the list was made
        if named and program_of(int(folder.name)).name == program:
            pids.add(int(folder.name))
    return frozenset(pids)


class SessionLockProgram:
    """A locker that is started, returns when the compositor has locked, and stays behind while it is.

    Parameters
    ----------
    name : str
        Of the locker and of its program.
    arguments : iterable of str
        What makes it leave for the background after locking, and what it looks like.
    environ : mapping
    popen : callable
    locate : callable
        Where a program is installed, empty where it is not.
    find : callable
        The processes that run a program.
    """

    tells = False
    takes = False

    def __init__(
        self,
        name: str,
        arguments: Iterable[str],
        environ: Mapping[str, str] = os.environ,
        popen: Popen = subprocess.Popen,
        locate: Callable[[str], str] = installed_program,
        find: Callable[[str], frozenset[int]] = running,
    ) -> None:
        self.name = name
        self._arguments = tuple(arguments)
        self._environ = environ
        self._popen = popen
        self._locate = locate
        self._find = find
        self._before: frozenset[int] = frozenset()
        self._starter: subprocess.Popen[bytes] | None = None
        self._complaints: IO[Any] | None = None
        self._held = -1

    def missing(self) -> str:
        """See `Locker.missing`."""
        if not self._environ.get("WAYLAND_DISPLAY"):
            return "this is no Wayland session"
        return "" if self._locate(self.name) else f"{self.name} is not installed by root"

    def fire(self) -> None:
        """See `Locker.fire`."""
        self.withdraw()
        self._before = self._find(self.name)
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  closed by `withdraw`
        try:
            self._starter = self._popen(
                (self._locate(self.name), *self._arguments),
                env=locker_environment(self._environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                start_new_session=True,
            )
        except OSError as why:
            raise LockerError(f"cannot be started: {why}") from why

    def died(self) -> str:
        """See `Locker.died`: it could not lock, or let go again."""
        code = None if self._starter is None else self._starter.poll()
        if code:
            return f"ended with exit code {code} ({self._complaint()})"
        return "locked and ended at once" if self._held >= 0 and not self._lives() else ""

    def says_locked(self) -> bool | None:
        """See `Locker.says_locked`: True once it has returned, for as long as what it left behind lives."""
        if self._starter is None or self._starter.poll() != 0:
            return None if self._starter is None else False
        if self._held < 0:
            self._hold(self._find(self.name) - self._before)
        return self._lives()

    def withdraw(self) -> None:
        """See `Locker.withdraw`: ends a starter that has not locked."""
        if self._starter is not None and self._starter.poll() is None:
            self._starter.kill()
            self._starter.wait()
        self._starter = None
        if self._held >= 0:
            os.close(self._held)
            self._held = -1
        if self._complaints is not None:
            self._complaints.close()
            self._complaints = None

    def _hold(self, left_behind: frozenset[int]) -> None:
        for pid in left_behind:
            try:
                self._held = os.pidfd_open(pid)
            except OSError:
                continue  # it has ended
            return

    def _lives(self) -> bool:
        return self._held >= 0 and not select.select([self._held], [], [], 0)[0]

    def _complaint(self) -> str:
        if self._complaints is None:
            return "no word"
        self._complaints.seek(0)
        lines = self._complaints.read(500).decode(errors="replace").splitlines()
        return next((line.strip() for line in lines if line.strip()), "no word")


def swaylock(environ: Mapping[str, str] = os.environ) -> SessionLockProgram:
    """swaylock, of sway."""
    return SessionLockProgram("swaylock", ("-f", "-c", "1f2933"), environ)


def gtklock(environ: Mapping[str, str] = os.environ) -> SessionLockProgram:
    """gtklock; Debian 13's is tried by `make desktop-test`, and Debian 12 has none."""
    return SessionLockProgram("gtklock", ("-d",), environ)


def waylock(environ: Mapping[str, str] = os.environ) -> SessionLockProgram:
    """waylock. Never run: Debian does not have it."""
    return SessionLockProgram("waylock", ("-fork-on-lock",), environ)
