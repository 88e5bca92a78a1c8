"""The worker thread: everything from the ring to the verdict, and the commands that come in."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agent.config.loading import Configuration
from agent.engine.events import Boundary, Cause, EventBatch
from agent.engine.mouse import MouseConfiguration
from agent.host.api import CannotSee
from agent.host.ring import Ring
from agent.host.supervisor import Supervisor
from agent.runtime.pipeline.stream_controller import Watch
from agent.runtime.status.snapshot import Command, Status

LOG: Final = logging.getLogger(__name__)

ACTION_GAP_NS = 1_000_000_000
LOOK_EVERY_S = 0.5
HEARTBEAT_S = 60.0
_HEARTBEAT_NS: Final = int(HEARTBEAT_S * 1e9)
SEE_AGAIN_S = 5.0
LOOK_AFTER_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Order:
    """One command with what it carries.

    Attributes
    ----------
    command : Command
    mouse : MouseConfiguration or None
        For RELOAD: the configuration that is now in use.
    rules : Configuration or None
        For RELOAD: the settings that hold from now on.
    """

    command: Command
    mouse: MouseConfiguration | None = None
    rules: Configuration | None = None


class Worker:
    """Drains the ring, drives the `Watch`, publishes its status.

    Sleeps without a timeout of its own while the mouse rests, but for the heartbeat.

    Parameters
    ----------
    ring : Ring
    eyes : Supervisor
        Keeps capture going.
    watch : Watch
    mouse : callable
        The configuration in use. Worker thread; may block 100 ms.
    publish : callable
        Takes each new status, and the old one with every heartbeat. Worker thread; must not block for long.
    clock : callable
        Monotonic time in ns.
    beat : callable
        Gives the sign of life, every `HEARTBEAT_S`. Worker thread, so that it proves the worker alive.
    """

    def __init__(
        self,
        ring: Ring,
        eyes: Supervisor,
        watch: Watch,
        mouse: Callable[[], MouseConfiguration],
        publish: Callable[[Status], None],
        clock: Callable[[], int],
        beat: Callable[[], None],
    ) -> None:
        self._ring = ring
        self._eyes = eyes
        self._watch = watch
        self._mouse = mouse
        self._publish = publish
        self._clock = clock
        self._beat = beat
        self._beat_due_ns = 0
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="steadyhand-worker")
        self._shown = watch.status
        self._last_event_ns: int | None = None
        self._looked_ns = 0
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

    @property
    def is_alive(self) -> bool:
        """True while it works."""
        return self._thread.is_alive()

    @property
    def was_told_to_end(self) -> bool:
        """True once it was told to quit: a worker that ended without was ended by an error."""
        return not self._running

    def _run(self) -> None:
        self._beat_due_ns = self._clock() + _HEARTBEAT_NS
        self._watch.use(self._mouse(), self._clock())
        self._open_eyes()
        while self._running:
            self._show()
            if not self._ring.wait(self._patience_s(), resting=self._last_event_ns is None):
                # The heartbeat: how alerts fare changes without the worker's doing.
                self._publish(self._shown)
            self._turn()
        self._eyes.stop()
        if self._watch.enrolment:
            self._watch.enrolment.close()
        self._show()

    def _open_eyes(self) -> None:
        try:
            self._eyes.start()
        except CannotSee as why:
            LOG.warning("%s", why)
            self._watch.cannot_see(str(why), self._clock())

    def _patience_s(self) -> float:
        """How long to sleep: half a second while an action may be open, else until the heartbeat."""
        if self._eyes.blind:
            return SEE_AGAIN_S
        if self._last_event_ns is not None:
            return LOOK_EVERY_S
        due_ns = self._beat_due_ns
        if self._pause_ends_ns is not None:
            due_ns = min(due_ns, self._pause_ends_ns)
        return max(0.0, (due_ns - self._clock()) / 1e9)

    def _turn(self) -> None:
        while not self._orders.empty():
            self._obey(self._orders.get())
        self._take_in()
        self._look_after_eyes()
        now_ns = self._clock()
        if self._last_event_ns is not None and now_ns - self._last_event_ns > ACTION_GAP_NS:
            self._close_action()
        if self._pause_ends_ns is not None and now_ns >= self._pause_ends_ns:
            self._obey(Order(Command.RESUME))
        if self._watch.enrolment:
            self._watch.enrolment.commit()
        if now_ns >= self._beat_due_ns:
            self._beat_due_ns = now_ns + _HEARTBEAT_NS
            self._beat()

    def _take_in(self) -> None:
        items = self._ring.drain()
        for item in items:
            if isinstance(item, EventBatch):
                self._last_event_ns = int(item.t_ns[-1])
        if items:
            self._watch.handle(items, self._clock())

    def _close_action(self) -> None:
        """End the open action, unless the display server still holds events back."""
        self._eyes.sync()
        self._take_in()
        now_ns = self._clock()
        if self._last_event_ns is not None and now_ns - self._last_event_ns > ACTION_GAP_NS:
            self._last_event_ns = None
            self._watch.handle([Boundary(now_ns, Cause.GAP)], now_ns)

    def _look_after_eyes(self) -> None:
        """Keep capture going, about once a second; where that is not possible, say so and go on living."""
        now_ns = self._clock()
        if now_ns - self._looked_ns >= LOOK_AFTER_NS:
            self._looked_ns = now_ns
            self._eyes.check(self._watch.status.events)
        self._watch.cannot_see(self._eyes.blind, now_ns)

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
            if not enrol:
                self._watch.handle([Boundary(now_ns, Cause.RULES_CHANGED)], now_ns)
            if order.rules:
                self._watch.rule(order.rules.settings, order.rules.policy_hash)
            # The mouse that moved last is asked about; before any did, the one that is there.
            mouse = order.mouse or self._watch.status.configuration or self._mouse()
            self._watch.use(mouse, now_ns, enrol=enrol)

    def _show(self) -> None:
        if self._watch.status != self._shown:
            self._shown = self._watch.status
            self._publish(self._shown)
