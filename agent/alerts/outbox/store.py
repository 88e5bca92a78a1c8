"""Alert store: the outbox on disk, and one in memory for what the disk does not take."""

from __future__ import annotations

import errno
from collections.abc import Callable

from agent.alerts.alert import Alert
from agent.alerts.outbox.file import DamagedWhileOpenError
from agent.alerts.outbox.queue import Outbox
from agent.engine.errors import SteadyhandError

Opener = Callable[[], tuple[Outbox, tuple[str, ...]]]


class AlertStore:
    """Two outboxes that look like one. The disk may fail, and work again, at any time.

    Parameters
    ----------
    open_disk : callable
        Opens the outbox on disk, and says what was wrong with it; raises OSError or SteadyhandError where
        there can be none now. Called again until it works.
    spare : Outbox
        In memory.
    """

    def __init__(self, open_disk: Opener, spare: Outbox) -> None:
        self._open_disk = open_disk
        self._spare = spare
        self._disk: Outbox | None = None
        self._closed = False
        self.problems: tuple[str, ...] = ()

    @property
    def boxes(self) -> tuple[Outbox, ...]:
        """The outboxes that there are, the one on disk first."""
        disk = self._disk
        return (disk, self._spare) if disk else (self._spare,)

    def open(self) -> None:
        """Open the outbox on disk, unless it is open.

        Raises
        ------
        OSError
            If there can be none: alerts are kept in memory until this is tried again and works.
        """
        if self._disk is not None:
            return
        try:
            self._disk, problems = self._open_disk()
        except (OSError, SteadyhandError) as error:
            why = f"no outbox on disk, alerts are kept in memory only: {error}"
            raise OSError(getattr(error, "errno", None) or errno.EIO, why) from error
        self.problems = (*self.problems, *problems)
        if self._closed:
            self._disk.close()

    def put(self, alert: Alert) -> None:
        """Return once `alert` is on disk; any thread.

        Raises
        ------
        OSError
            If the disk did not take it: then it is in memory, unless the store is closed.
        """
        disk = self._disk
        try:
            if disk is None:
                raise OSError(errno.EROFS, "there is no outbox on disk; the alert is kept in memory")
            disk.put(alert)
        except OSError as error:
            self._spare.put(alert)
            self._leave_if_damaged(error)
            raise

    def move_to_disk(self) -> bool:
        """Bring to disk what it did not take before; True if there was something.

        Raises
        ------
        OSError
            If the disk does not take it now either.
        """
        if self._disk is None or not self._spare.depth():
            return False
        try:
            self._spare.move_to(self._disk)
        except OSError as error:
            self._leave_if_damaged(error)
            raise
        return True

    def needs_disk(self) -> bool:
        """Whether something is in memory only, or the next alert would be."""
        return self._disk is None or bool(self._spare.depth())

    def depth(self) -> int:
        """Alerts that some destination has not taken. OSError as `Outbox.depth`."""
        return sum(box.depth() for box in self.boxes)

    def close(self) -> None:
        """Close both. Afterwards everything raises OSError."""
        self._closed = True
        for box in self.boxes:
            box.close()

    def _leave_if_damaged(self, error: OSError) -> None:
        """Close a file that went bad while it was open: opening it again saves what can be read of it."""
        if isinstance(error, DamagedWhileOpenError) and self._disk is not None:
            self._disk.close()
            self._disk = None
