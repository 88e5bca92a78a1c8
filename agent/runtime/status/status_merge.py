"""Status merge: joins the posts of several threads into one snapshot for the tray and the status file."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.runtime.status.snapshot import Status
from agent.runtime.status.status_file import write_status

LOG: Final = logging.getLogger(__name__)

# What the worker does not know about: posts of its status leave these alone.
_OTHERS: Final = (
    "waiting_alerts",
    "last_lock",
    "trouble",
    "countdown_s",
    "countdown_held",
    "notes",
    "can_ask",
    "fingerprint_asked",
)


class StatusMerge:
    """Merges posts from several threads, writes the status file, tells one listener.

    Parameters
    ----------
    path : Path
        The status file.
    first : Status
    """

    def __init__(self, path: Path, first: Status) -> None:
        self._path = path
        self._status = first
        self._written = False
        self._lock = threading.Lock()
        self._listener: Callable[[Status], None] | None = None

    @property
    def status(self) -> Status:
        """The newest snapshot."""
        return self._status

    def listen(self, listener: Callable[[Status], None]) -> None:
        """Tell `listener` each new snapshot, from the thread that posted it."""
        self._listener = listener
        listener(self._status)

    def post_worker(self, status: Status) -> None:
        """Take the worker's view; what it knows nothing about stays."""
        self.post(**{name: getattr(status, name) for name in status.__slots__ if name not in _OTHERS})

    def post(self, **news: Any) -> None:
        """Put `news` into the status. Any thread."""
        with self._lock:
            status = replace(self._status, **news)
            old, self._status = self._status, status
            if status == old and self._written:
                return
            self._written = self._write(status)
        if status == old:
            return
        if self._listener:
            self._listener(status)

    def note(self, line: str, *, holds: bool) -> None:
        """Add a line on something degraded, or take it away when it no longer `holds`."""
        others = tuple(note for note in self._status.notes if note != line)
        self.post(notes=(*others, line) if holds else others)

    def _write(self, status: Status) -> bool:
        try:
            write_status(self._path, status)
        except (OSError, SteadyhandError) as error:
            # The tray still shows it; a full disk must not stop the judgement.
            LOG.warning("the status file cannot be written: %s", error)
            self._forget()
            return False
        return True

    def _forget(self) -> None:
        """Take the old status away: it would be read as what the agent sees now."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            LOG.warning("the old status file stays: %s", error)
