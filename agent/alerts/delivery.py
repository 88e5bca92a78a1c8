"""Delivery inside the agent's process: the outbox, and one thread that empties it."""

from __future__ import annotations

import errno
import random
import threading
from collections import deque
from collections.abc import Sequence

from agent.alerts.alert import Alert
from agent.alerts.api import Transport
from agent.alerts.courier import Courier, Sender
from agent.alerts.outbox import Outbox
from agent.alerts.wire import shortened

THREAD = "alert-delivery"
_NS = 1_000_000_000
_JOIN_S = 2.0
MOST_REMEMBERED = 1000
"""Alerts kept in memory whose ids are remembered, so that submitting one again does not send it again."""


class LocalDelivery:
    """`api.Delivery` in this process.

    Submitting is durable and returns at once; the thread sleeps without a timeout while nothing waits.
    An alert that the disk does not take is kept in a second outbox in memory, so that it still goes out.

    Parameters
    ----------
    outbox : Outbox
        On disk. Delivery closes it.
    spare : Outbox
        In memory. Delivery closes it.
    transports : sequence of Transport
        Quick ones first: they are served one after the other.
    sender : Sender
        Whom the alerts about lost alerts name, and the clocks.
    rng : random.Random
        For the jitter of the back-off.
    found : sequence of str, optional
        Problems that were found when the outbox was opened.
    on_disk : bool, optional
        False when there is no disk to write to and `outbox` is one in memory as well.
    """

    def __init__(
        self,
        outbox: Outbox,
        spare: Outbox,
        transports: Sequence[Transport],
        sender: Sender,
        rng: random.Random,
        *,
        found: Sequence[str] = (),
        on_disk: bool = True,
    ) -> None:
        self._outbox = outbox
        self._spare = spare
        self._clock = sender.clock
        self._courier = Courier(outbox, spare, transports, sender, rng)
        self._found = tuple(found)
        self._on_disk = on_disk
        self._change = threading.Condition()
        self._news = False
        self._kept: deque[str] = deque(maxlen=MOST_REMEMBERED)
        self._end_ns: int | None = None
        self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)

    def start(self) -> None:
        """Start the thread. Once.

        Raises
        ------
        OSError
            If the outbox cannot be read.
        """
        self._courier.resume()
        self._thread.start()

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
            if alert.record_id in self._kept:
                return
        brief = shortened(alert)
        try:
            self._outbox.put(brief)
            if not self._on_disk:
                raise OSError(errno.EROFS, "there is no outbox on disk; the alert is kept in memory")
        except OSError:
            if self._on_disk:
                self._spare.put(brief)
            with self._change:
                self._kept.append(alert.record_id)
            raise
        finally:
            with self._change:
                self._news = True
                self._change.notify()

    def depth(self) -> int:
        """Alerts that some destination has not taken yet. 0 once closed, whatever stays on disk."""
        try:
            return self._outbox.depth() + self._spare.depth()
        except OSError as error:
            if error.errno == errno.EBADF:
                return 0
            raise

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the outbox and the destinations now, a line each; empty when all is well."""
        ended = self._thread.ident is not None and not self._thread.is_alive() and self._end_ns is None
        lost = (
            ("the delivery thread has ended: alerts wait on disk until the agent is restarted",)
            if ended
            else ()
        )
        return (*self._found, *lost, *self._courier.problems())

    def close(self, flush_s: float) -> None:
        """Stop, after trying for `flush_s` seconds to bring what waits; the rest stays on disk.

        A transport that blocks longer is left behind: its thread does not keep the process alive.
        """
        with self._change:
            if self._end_ns is None:
                self._end_ns = self._clock() + round(flush_s * _NS)
            self._change.notify()
        if self._thread.ident is not None:
            self._thread.join(flush_s + _JOIN_S)
        if not self._thread.is_alive():
            self._close_outboxes()

    def _run(self) -> None:
        try:
            while self._end_ns is None:
                self._sleep(self._courier.step())
            if self._left_s() > 0:
                self._courier.hasten()
                wait_s = self._courier.step()
                while wait_s is not None and wait_s < self._left_s():
                    self._sleep(wait_s, ending=True)
                    wait_s = self._courier.step()
        finally:
            # Without an end that was asked for this is an error on its way out: the outbox goes on taking.
            if self._end_ns is not None:
                self._close_outboxes()

    def _close_outboxes(self) -> None:
        self._outbox.close()
        self._spare.close()

    def _sleep(self, wait_s: float | None, *, ending: bool = False) -> None:
        """Until something was submitted, the time is over (None: none is set) or the end is asked for."""
        with self._change:
            if not self._news and (ending or self._end_ns is None):
                self._change.wait(wait_s)
            self._news = False

    def _left_s(self) -> float:
        return 0.0 if self._end_ns is None else (self._end_ns - self._clock()) / _NS
