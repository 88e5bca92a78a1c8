"""Lockers that wait for a word: xss-lock and xscreensaver."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping

from agent.host.api import CannotSee
from agent.host.linux.lockers.environment import locker_environment
from agent.host.linux.lockers.session_lock import running
from agent.host.linux.processes import installed_program
from agent.host.linux.xdisplay import open_display
from agent.host.locker import LockerError

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def runs(program: str) -> bool:
    """True where a process of this user runs that program, as root installed it. Reads /proc, about 10 ms."""
    return bool(running(program))


class XssLock:
    """xss-lock, which starts its locker when the X screen saver is activated."""

    name = "xss-lock"
    tells = False
    takes = False

    def __init__(
        self, environ: Mapping[str, str] = os.environ, is_running: Callable[[str], bool] = runs
    ) -> None:
        self._environ = environ
        self._is_running = is_running

    def missing(self) -> str:
        """See `Locker.missing`."""
        return "" if self._is_running("xss-lock") else "xss-lock is not running"

    def fire(self) -> None:
        """See `Locker.fire`: activates the screen saver, as ``xset s activate`` does."""
        from Xlib import X
        from Xlib.error import ConnectionClosedError

        try:
            display = open_display(self._environ)
        except CannotSee as why:
            raise LockerError(str(why)) from why
        try:
            display.force_screen_saver(X.ScreenSaverActive)
            display.sync()
            display.close()
        except ConnectionClosedError as why:
            raise LockerError("the X server has gone") from why

    def died(self) -> str:
        """See `Locker.died`."""
        return "" if self._is_running("xss-lock") else "xss-lock ended"

    def says_locked(self) -> bool | None:
        """See `Locker.says_locked`: nobody does."""
        return None

    def withdraw(self) -> None:
        """See `Locker.withdraw`: a request cannot be taken back."""


class XScreenSaver:
    """The xscreensaver daemon, told by its command."""

    name = "xscreensaver"
    tells = False
    takes = False

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        is_running: Callable[[str], bool] = runs,
        run: Run = subprocess.run,
        locate: Callable[[str], str] = installed_program,
    ) -> None:
        self._locate = locate
        self._environ = environ
        self._is_running = is_running
        self._run = run

    def missing(self) -> str:
        """See `Locker.missing`."""
        if not self._locate("xscreensaver-command"):
            return "xscreensaver-command is not installed"
        return "" if self._is_running("xscreensaver") else "the xscreensaver daemon is not running"

    def fire(self) -> None:
        """See `Locker.fire`."""
        try:
            done = self._run(
                (self._locate("xscreensaver-command"), "-lock"),
                env=locker_environment(self._environ),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=2.0,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as why:
            raise LockerError(f"xscreensaver-command: {why}") from why
        if done.returncode:
            raise LockerError(
                f"xscreensaver-command: {done.stderr.strip() or f'exit code {done.returncode}'}"
            )

    def died(self) -> str:
        """See `Locker.died`."""
        return "" if self._is_running("xscreensaver") else "the xscreensaver daemon ended"

    def says_locked(self) -> bool | None:
        """See `Locker.says_locked`: nobody does."""
        return None

    def withdraw(self) -> None:
        """See `Locker.withdraw`: a request cannot be taken back."""
