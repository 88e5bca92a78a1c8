"""Program watch: notices that the agent's files were replaced, and has it restarted while the mouse rests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import agent
from agent.frozen import is_frozen
from agent.runtime.lifecycle.restart import Restarter

REPLACED: Final = "Steadyhand was replaced on this computer, and the old one still runs: start it again"
REMOVED: Final = "Steadyhand was removed from this computer, and still runs until it is ended"

Signature = tuple[tuple[int, int, int] | None, ...]


class ProgramWatch:
    """Compares the program's files with those that it was started from. Worker thread, once a heartbeat.

    A change counts when two looks agree on it, so that nothing is started from a half-installed package, and it is
    followed when no event came between two looks: nobody is at the mouse. Files that are gone are only told.

    Parameters
    ----------
    files : sequence of Path
        The executable, or files that every version replaces.
    events : callable
        How many mouse events the agent has seen.
    restarter : Restarter
    """

    def __init__(self, files: Sequence[Path], events: Callable[[], int], restarter: Restarter) -> None:
        self._files = tuple(files)
        self._events = events
        self._restarter = restarter
        self._started_from = self._last = self._signature()
        self._last_events = -1
        self._is_told = False

    def look(self) -> None:
        """Look at the files; request the restart where they were replaced and the mouse rests."""
        now, events = self._signature(), self._events()
        is_settled, is_quiet = now == self._last, events == self._last_events
        self._last, self._last_events = now, events
        if now == self._started_from or not is_settled or self._is_told:
            return
        if None in now:
            self._is_told = True
            self._restarter.tell(REMOVED)
        elif is_quiet:
            self._is_told = True
            self._restarter.restart(REPLACED)

    def _signature(self) -> Signature:
        return tuple(map(_touched, self._files))


def program_files() -> tuple[Path, ...]:
    """The files that this program was started from and that every version replaces."""
    if is_frozen():
        return (Path(sys.executable),)
    package = Path(agent.__file__).parent
    return (package / "__init__.py", package / "files" / "version.py", Path(__file__))


def _touched(path: Path) -> tuple[int, int, int] | None:
    """Which file it is, its size and when it last changed; None where it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
