"""The worker thread: everything from the ring to the verdict, and the commands that come in."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agent.engine.events import Boundary, Cause, EventBatch
from agent.engine.mouse import MouseConfiguration
from agent.host.api import CannotSee, PointerSource
from agent.host.ring import Ring
from agent.runtime.status import Command, Status
from agent.runtime.watch import Watch

LOG: Final = logging.getLogger(__name__)

ACTION_GAP_NS = 1_000_000_000
LOOK_EVERY_S = 0.5
HEARTBEAT_S = 60.0
SEE_AGAIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Order:
    """One command with what it carries.

    Attributes
    ----------
    command : Command
    mouse : MouseConfiguration or None
        For RELOAD: the configuration that is now in use.
    """

    command: Command
    mouse: MouseConfiguration | None = None


class Worker:
    """Drains the ring, drives the `Watch`, publishes its status.

    Sleeps without a timeout of its own while the mouse rests, but for the heartbeat.

    Parameters
    ----------
    ring : Ring
    make_source : callable
        Makes a fresh `PointerSource`; one that failed or died is never used again.
    watch : Watch
    mouse : callable
        The configuration in use. Worker thread; may block 100 ms.
    publish : callable
        Takes each new status. Worker thread; must not block for long.
    clock : callable
        Monotonic time in ns.
    """

    def __init__(
        self,
        ring: Ring,
        make_source: Callable[[], PointerSource],
        watch: Watch,
        mouse: Callable[[], MouseConfiguration],
        publish: Callable[[Status], None],
        clock: Callable[[], int],
    ) -> None:
        self._ring = ring
        self._make_source = make_source
        self._source: PointerSource | None = None
        self._watch = watch
        self._mouse = mouse
        self._publish = publish
        self._clock = clock
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="steadyhand-worker")
        self._shown = watch.status
        self._last_event_ns: int | None = None
        self._pause_ends_ns: int | None = None
        self._running = True

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def order(self, order: Order) -> None:
        """Ask for something. Any thread; never blocks."""
        self._orders.put(order)
        self._ring.wake()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the end; False if it has not come."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        self._watch.use(self._mouse(), self._clock())
        self._see()
        while self._running:
            self._show()
            self._ring.wait(self._patience_s(), resting=self._last_event_ns is None)
            self._turn()
        if self._source:
            self._source.stop()
        if self._watch.enrolment:
            self._watch.enrolment.close()
        self._show()

    def _patience_s(self) -> float:
        """How long to sleep: half a second while an action may be open, else until the heartbeat."""
        if self._source is None:
            return SEE_AGAIN_S
        return LOOK_EVERY_S if self._last_event_ns is not None else HEARTBEAT_S

    def _turn(self) -> None:
        while not self._orders.empty():
            self._obey(self._orders.get())
        self._see()
        self._take_in()
        now_ns = self._clock()
        if self._last_event_ns is not None and now_ns - self._last_event_ns > ACTION_GAP_NS:
            self._close_action()
        if self._pause_ends_ns is not None and now_ns >= self._pause_ends_ns:
            self._obey(Order(Command.RESUME))
        if self._watch.enrolment:
            self._watch.enrolment.commit()

    def _take_in(self) -> None:
        items = self._ring.drain()
        for item in items:
            if isinstance(item, EventBatch):
                self._last_event_ns = int(item.t_ns[-1])
        if items:
            self._watch.handle(items, self._clock())

    def _close_action(self) -> None:
        """End the open action, unless the display server still holds events back."""
        if self._source:
            self._source.sync()
            self._take_in()
        now_ns = self._clock()
        if self._last_event_ns is not None and now_ns - self._last_event_ns > ACTION_GAP_NS:
            self._last_event_ns = None
            self._watch.handle([Boundary(now_ns, Cause.GAP)], now_ns)

    def _see(self) -> None:
        """Keep capture going; where that is not possible, say so and go on living."""
        if self._source and self._source.is_alive():
            return
        again = self._source is not None
        if self._source:
            self._source.stop()
        source = self._make_source()
        try:
            source.start(self._ring)
        except CannotSee as why:
            LOG.warning("%s", why)
            self._source = None
            self._watch.cannot_see(str(why))
            return
        self._source = source
        self._watch.cannot_see("")
        if again:
            self._ring.put(Boundary(self._clock(), Cause.CAPTURE_RESTARTED, "the listener had died"))

    def _obey(self, order: Order) -> None:
        now_ns = self._clock()
        if order.command is Command.PAUSE:
            self._pause_ends_ns = now_ns + self._watch.pause(now_ns)
        elif order.command is Command.RESUME:
            self._pause_ends_ns = None
            self._watch.resume(now_ns)
        elif order.command is Command.IT_WAS_ME:
            self._watch.it_was_me()
        elif order.command is Command.QUIT:
            self._running = False
        else:
            enrol = order.command is Command.ENROL
            self._watch.use(order.mouse or self._mouse(), now_ns, enrol=enrol)

    def _show(self) -> None:
        if self._watch.status != self._shown:
            self._shown = self._watch.status
            self._publish(self._shown)
