"""Delivery inside the agent's process: the outbox, and a thread for each destination."""

from __future__ import annotations

import errno
import random
import threading
from collections import deque
from collections.abc import Sequence

from agent.alerts.alert import Alert
from agent.alerts.api import Transport
from agent.alerts.delivery_worker import DeliveryWorker
from agent.alerts.outbox.store import AlertStore
from agent.alerts.outbox_maintenance import OutboxMaintenance, Sender
from agent.alerts.retry_job import RetryingJob
from agent.alerts.wire import shortened

THREAD = "alert-"
_NS = 1_000_000_000
_JOIN_S = 2.0
MOST_REMEMBERED = 1000
"""Alerts kept in memory whose ids are remembered, so that submitting one again does not send it again."""


class LocalDelivery:
    """`api.Delivery` in this process.

    Submitting is durable and returns at once. Every destination has a thread, so that one which hangs holds
    up no other; the outbox itself has one too. They sleep without a timeout while nothing waits.

    Parameters
    ----------
    store : AlertStore
        Delivery opens and closes it.
    transports : sequence of Transport
        Their names must be unique.
    sender : Sender
        Whom the alerts about lost alerts name, and the clocks.
    rng : random.Random
        For the jitter of the back-off.
    """

    def __init__(
        self, store: AlertStore, transports: Sequence[Transport], sender: Sender, rng: random.Random
    ) -> None:
        self._store = store
        self._clock = sender.clock
        self._maintenance = RetryingJob(OutboxMaintenance(store, sender, self._wake), sender.clock, rng)
        workers = [DeliveryWorker(store, transport, sender, self._wake) for transport in transports]
        self._workers = {worker: RetryingJob(worker, sender.clock, rng) for worker in workers}
        self._jobs = (self._maintenance, *self._workers.values())
        self._change = threading.Condition()
        self._change_count = 0
        self._unsettled = False
        self._remembered_ids: deque[str] = deque(maxlen=MOST_REMEMBERED)
        self._end_ns: int | None = None
        self._threads = tuple(
            threading.Thread(target=self._run, args=(job,), name=f"{THREAD}{job.name}", daemon=True)
            for job in self._jobs
        )
        self._working: set[RetryingJob] = set()

    def start(self) -> None:
        """Open the outbox and start the threads. Once. Without a disk it goes on in memory, and says so.

        Raises
        ------
        OSError
            If the outbox can be opened and not be read.
        """
        self._maintenance.step()
        for worker, job in self._workers.items():
            job.resume(*worker.left_by_an_earlier_run())
        self._working.update(self._jobs)
        for thread in self._threads:
            thread.start()

    def submit(self, alert: Alert) -> None:
        """Return once `alert`, cut to `wire.MOST_ALERT_BYTES`, is on disk. Any thread.

        Raises
        ------
        OSError
            If the disk did not take it, or after `close`. Unless it is closed, the alert is kept in memory,
            goes out from there, and comes to disk when that is possible again. This is said once for each
            alert: a caller that submits the same one again learns that it has been taken.
        """
        with self._change:
            if self._end_ns is not None:
                raise OSError(errno.ESHUTDOWN, "alert delivery is closed")
            if alert.record_id in self._remembered_ids:
                return
        try:
            self._store.put(shortened(alert))
        except OSError:
            with self._change:
                self._remembered_ids.append(alert.record_id)
            raise
        finally:
            self._wake()

    def depth(self) -> int:
        """Alerts that some destination has not taken yet. 0 once closed, whatever stays on disk."""
        try:
            return self._store.depth()
        except OSError as error:
            if error.errno == errno.EBADF:
                return 0
            raise

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the outbox and the destinations now, a line each; empty when all is well."""
        lost = (
            f"{thread.name}: the delivery thread has ended: alerts wait on disk until the agent is restarted"
            for thread in self._threads
            if thread.ident is not None and not thread.is_alive() and self._end_ns is None
        )
        return (*self._store.problems, *lost, *filter(None, (job.problem for job in self._jobs)))

    def settle(self) -> bool:
        """See `Delivery.settle`. When the disk works again, no destination waits for its back-off to end."""
        settled = not self._maintenance.problem and not self._store.needs_disk()
        if settled and not self._unsettled:
            return True
        # While it does not, receivers are left alone: only what has to do with the disk is tried early.
        for job in self._jobs if settled else (self._maintenance,):
            job.hasten()
        self._unsettled = not settled
        self._wake()
        return settled

    def close(self, flush_s: float) -> None:
        """Stop, after trying for `flush_s` seconds to bring what waits; the rest stays on disk.

        A transport that blocks longer is left behind: its thread does not keep the process alive.
        """
        with self._change:
            if self._end_ns is None:
                self._end_ns = self._clock() + round(flush_s * _NS)
            self._change.notify_all()
        end_s = self._clock() / _NS + flush_s + _JOIN_S
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, end_s - self._clock() / _NS))
        if not any(thread.is_alive() for thread in self._threads):
            self._store.close()

    def _run(self, job: RetryingJob) -> None:
        try:
            while self._end_ns is None:
                seen = self._change_count
                self._sleep(job.step(), seen)
            self._flush(job)
        finally:
            # Without an end that was asked for this is an error on its way out: the outbox goes on taking.
            with self._change:
                self._working.discard(job)
                last = not self._working and self._end_ns is not None
            if last:
                self._store.close()
            self._wake()

    def _flush(self, job: RetryingJob) -> None:
        """Bring what waits as long as there is time, whatever the back-off says at first."""
        job.hasten()
        while (left_s := self._left_s()) > 0:
            seen, may_add = (
                self._change_count,
                self._maintenance in self._working and job is not self._maintenance,
            )
            wait_s = job.step()
            if wait_s is None and may_add:  # the maintenance job may still announce a loss
                wait_s = left_s
            if wait_s is None or wait_s > left_s:
                return
            self._sleep(wait_s, seen, ending=True)

    def _wake(self) -> None:
        """There is something new to do for somebody. Any thread."""
        with self._change:
            self._change_count += 1
            self._change.notify_all()

    def _sleep(self, wait_s: float | None, seen: int, *, ending: bool = False) -> None:
        """Until there is news, the time is over (None: none is set) or the end is asked for."""
        with self._change:
            if self._change_count == seen and (ending or self._end_ns is None):
                self._change.wait(wait_s)

    def _left_s(self) -> float:
        return 0.0 if self._end_ns is None else (self._end_ns - self._clock()) / _NS
