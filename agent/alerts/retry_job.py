"""Retrying job: runs a job with a back-off of its own. No thread, no waiting."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import Protocol

from agent.alerts.api import DeliveryOutcome, Sent
from agent.alerts.back_off import BackOff

_LOG = logging.getLogger(__name__)


class Job(Protocol):
    """What a retrying job does."""

    @property
    def name(self) -> str:
        """For people."""

    def work(self) -> Sent | None:
        """Do what there is to do now; None if there was nothing. OSError is an outcome to be tried again."""

    def has_work(self) -> bool:
        """Whether something is left to do."""

    def put_off(self, attempts: int, delay_s: float) -> str:
        """Told of a back-off; what to add to the line about the trouble."""


class RetryingJob:
    """A job and its turn.

    Parameters
    ----------
    job : Job
    clock : callable
        Monotonic ns.
    rng : random.Random
        For the jitter of the back-off.
    """

    def __init__(self, job: Job, clock: Callable[[], int], rng: random.Random) -> None:
        self._job = job
        self._clock = clock
        self._back_off = BackOff(rng)
        self._trouble = ""

    @property
    def name(self) -> str:
        """Its job's."""
        return self._job.name

    @property
    def problem(self) -> str:
        """Why the job waits; empty when all is well. Any thread."""
        return f"{self.name}: {self._trouble}" if self._trouble else ""

    def resume(self, attempts: int, delay_s: float) -> None:
        """Take up a back-off that an earlier run left."""
        self._back_off.resume(attempts, self._clock() + round(delay_s * 1e9))

    def step(self) -> float | None:
        """Work if it is time. Seconds until the next makes sense (0: at once), None when nothing waits."""
        if self._back_off.is_due(self._clock()):
            self._work()
        return self.wait_s()

    def wait_s(self) -> float | None:
        """What `step` returns, without working."""
        return self._back_off.wait_s(self._clock()) if self._job.has_work() else None

    def hasten(self) -> None:
        """Let the next step work, whatever the back-off says."""
        self._back_off.hasten()

    def _work(self) -> None:
        try:
            sent = self._job.work()
        except OSError as error:  # the outbox's own: a transport answers with an outcome
            where = f": {error.filename}" if error.filename else ""
            sent = Sent(0, DeliveryOutcome.RETRY, f"{error.strerror or error}{where}")
        except Exception as error:  # noqa: BLE001 -- a bug ends this step and not the thread; the status says so
            _LOG.exception("%s", self.name)
            sent = Sent(
                0, DeliveryOutcome.RETRY, f"an error in this program: {type(error).__name__}: {error}"
            )
        if sent is None:
            return
        if sent.outcome is DeliveryOutcome.OK:
            self._back_off.succeeded()
            self._trouble = ""
        else:
            if sent.accepted:  # this failure is the first in a row
                self._back_off.succeeded()
            delay_s = self._back_off.failed(self._clock(), sent.outcome, sent.retry_after_s)
            self._trouble = sent.detail + self._job.put_off(self._back_off.attempts, delay_s)
