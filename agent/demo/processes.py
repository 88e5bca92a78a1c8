"""Child processes that end with their parent, whatever happens."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.frozen import is_frozen

PACKAGES: Final = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "tint2": "tint2",
    "dunst": "dunst",
    "dbus-daemon": "dbus",
    "i3lock": "i3lock",
}
"""The Debian package of each program that the stage starts."""

# A package has no Makefile.
_SOURCE_TREE = "" if is_frozen() else ", or `make setup` in the source tree"


def require(programs: Sequence[str]) -> None:
    """Make sure that programs are installed.

    Raises
    ------
    SteadyhandError
        If some are not; it names their Debian packages.
    """
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        packages = " ".join(PACKAGES.get(name, name) for name in missing)
        raise SteadyhandError(
            f"demo: {', '.join(missing)} not found (Debian: {packages})",
            f"apt-get install {packages}{_SOURCE_TREE}",
        )


def punctual(pid: int = 0) -> bool:
    """Let a process (0: this thread) run the moment it is due, however busy the computer is.

    X stamps played input when it gets round to it, and a stamp some milliseconds off is another hand. The
    children of the process do not inherit this.

    Returns
    -------
    bool
        False where it is not allowed: that takes root, or a limit on real-time priority above 0.
    """
    try:
        os.sched_setscheduler(pid, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(2))
    except PermissionError:
        return False
    return True


class Processes:
    """Starts children, each in a process group of its own, and ends them in reverse order.

    The kernel kills them if this process dies without a word (where util-linux's setpriv is there).

    Parameters
    ----------
    folder : Path
        Where each child's output goes, as ``NAME.log``.
    environment : mapping
        All that the children see of this process's environment.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._running:
            _end(self._running.pop()[1])

    def start(
        self, command: Sequence[str], *, name: str = "", fds: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        """Start one child; it inherits `fds` and no other file."""
        name = name or Path(command[0]).name
        guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with open(self._folder / f"{name}.log", "ab") as log:
            child = subprocess.Popen(
                [*guard, *command],
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=fds,
                start_new_session=True,
            )
        self._running.append((name, child))
        return child

    def wait_for(self, what: str, ready: Callable[[], bool], timeout_s: float = 5.0) -> None:
        """Wait until `ready`.

        Raises
        ------
        SteadyhandError
            If a child has ended meanwhile, or after `timeout_s`; it cites the child's last words.
        """
        deadline = time.monotonic() + timeout_s
        while not ready():
            for name, child in self._running:
                if child.poll() is not None:
                    raise SteadyhandError(
                        f"demo: {name} ended with code {child.returncode}{self._last_words(name)}",
                        f"start it by hand to see what it lacks{_SOURCE_TREE}",
                    )
            if time.monotonic() > deadline:
                raise SteadyhandError(
                    f"demo: no {what} after {timeout_s:g} s", "try again on a less busy computer"
                )
            time.sleep(0.02)

    def _last_words(self, name: str) -> str:
        """The last line of a child's output, led by a colon."""
        lines = (self._folder / f"{name}.log").read_text(errors="replace").split("\n")
        words = [line.strip() for line in lines if line.strip()]
        return f": {words[-1][:200]}" if words else ""


def _end(child: subprocess.Popen[bytes], patience_s: float = 2.0) -> None:
    """Ask the child's group to end, then make it."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, sign)
        try:
            child.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
    # What the child left behind in its group, even if it ended by itself.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
