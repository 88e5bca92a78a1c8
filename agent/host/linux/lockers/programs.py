"""Lockers that are programs: i3lock and xsecurelock."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from typing import IO, Any

from agent.host.linux.lockers.environment import locker_environment
from agent.host.linux.processes import installed_program
from agent.host.locker import LockerError

Popen = Callable[..., "subprocess.Popen[bytes]"]


class SpawnedLocker:
    """A locker that locks while its process lives.

    The process gets a session of its own and holds none of our file descriptors, so that it outlives the
    agent. Its complaints go to an unlinked file: a pipe would break, and kill it, when the agent ends.

    Parameters
    ----------
    name : str
    command : tuple of str
        Must stay in the foreground.
    environ : mapping
        Given to the process.
    takes : bool
        See `Locker`.
    locate : callable
        Where a program is installed, empty where it is not. PATH plays no part: it is the user's.
    """

    tells = False

    def __init__(
        self,
        name: str,
        command: tuple[str, ...],
        environ: Mapping[str, str] = os.environ,
        popen: Popen = subprocess.Popen,
        *,
        takes: bool = False,
        locate: Callable[[str], str] = installed_program,
    ) -> None:
        self._locate = locate
        self.name = name
        self.takes = takes
        self._command = command
        self._environ = environ
        self._popen = popen
        self._process: subprocess.Popen[bytes] | None = None
        self._complaints: IO[Any] | None = None

    def missing(self) -> str:
        """See `Locker.missing`."""
        if self._environ.get("WAYLAND_DISPLAY"):
            return "it covers X11 screens, and this is a Wayland session"
        if not self._environ.get("DISPLAY"):
            return "DISPLAY is not set"
        return "" if self._locate(self._command[0]) else f"{self._command[0]} is not installed by root"

    def fire(self) -> None:
        """See `Locker.fire`."""
        self.withdraw()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  closed by `withdraw`
        try:
            self._process = self._popen(
                (self._locate(self._command[0]), *self._command[1:]),
                env=locker_environment(self._environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                start_new_session=True,
            )
        except OSError as why:
            raise LockerError(f"cannot be started: {why}") from why

    def died(self) -> str:
        """See `Locker.died`."""
        code = None if self._process is None else self._process.poll()
        if code is None:
            return ""
        ended = f"ended at once with exit code {code}" if code >= 0 else f"was killed by signal {-code}"
        complaint = self._complaint()
        return f"{ended} ({complaint})" if complaint else ended

    def says_locked(self) -> bool | None:
        """See `Locker.says_locked`: nobody does."""
        return None

    def withdraw(self) -> None:
        """See `Locker.withdraw`."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(0.5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        if self._complaints is not None:
            self._complaints.close()
            self._complaints = None

    def _complaint(self) -> str:
        if self._complaints is None:
            return ""
        self._complaints.seek(0)
        lines = self._complaints.read(500).decode(errors="replace").split("\n")
        return str(next((line.strip() for line in lines if line.strip()), ""))


def i3lock(environ: Mapping[str, str] = os.environ) -> SpawnedLocker:
    """i3lock, in the foreground so that its death is noticed."""
    return SpawnedLocker(
        "i3lock", ("i3lock", "--nofork", "--color=1f2933", "--show-failed-attempts"), environ
    )


def xsecurelock(environ: Mapping[str, str] = os.environ) -> SpawnedLocker:
    """xsecurelock, which never leaves the foreground.

    Where it cannot have the screen it closes the windows of those who hold it, and it shows its own only
    when it has succeeded.
    """
    forcing = {**environ, "XSECURELOCK_FORCE_GRAB": "1"}
    return SpawnedLocker("xsecurelock", ("xsecurelock",), forcing, takes=True)
