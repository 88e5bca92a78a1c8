"""Lock outcome: brings countdowns and lock reports into the status and the stream."""

from __future__ import annotations

from agent.engine.events import Boundary, Cause
from agent.host.api import LockReport, LockResult
from agent.host.ring import Ring
from agent.runtime.status.status_merge import StatusMerge


class LockOutcome:
    """Shows countdown and lock in the status, and puts a verified lock into the stream. Responder thread.

    Parameters
    ----------
    status : StatusMerge
    ring : Ring
    """

    def __init__(self, status: StatusMerge, ring: Ring) -> None:
        self._status = status
        self._ring = ring

    def counting_down(self, seconds: float) -> None:
        """So many whole seconds are left."""
        self._status.post(countdown_s=seconds, countdown_held=False)

    def holding(self) -> None:
        """The countdown is held while the owner is asked."""
        self._status.post(countdown_held=True)

    def withdrawn(self) -> None:
        """The owner broke the countdown off."""
        self._status.post(last_lock="withdrawn", countdown_s=None, countdown_held=False)

    def attempted(self, report: LockReport) -> None:
        """One attempt to lock is over. What is captured from a verified lock on belongs to the locker."""
        self._status.post(last_lock=report.result.value, countdown_s=None, countdown_held=False)
        if report.result is LockResult.LOCKED:
            self._ring.put(Boundary(report.seen_ns, Cause.LOCKED_BY_VERDICT, report.locker))
