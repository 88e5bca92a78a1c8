"""Worker: the thread that drains the ring, drives the stream controller and executes orders."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from agent.engine.events import Boundary, Cause, EventBatch
from agent.engine.mouse import MouseConfiguration
from agent.engine.sentence import sentence
from agent.host.api import CannotSee
from agent.host.ring import Ring
from agent.host.supervisor import Supervisor
from agent.runtime.pipeline.orders import OrderQueue, WorkerOrder
from agent.runtime.pipeline.owner_orders import OwnerOrders
from agent.runtime.pipeline.stream_controller import StreamController
from agent.runtime.status.snapshot import Command, State, Status

LOG: Final = logging.getLogger(__name__)

ACTION_GAP_NS = 1_000_000_000
ACTION_POLL_S = 0.5
HEARTBEAT_S = 60.0
_HEARTBEAT_NS: Final = int(HEARTBEAT_S * 1e9)
CAPTURE_RETRY_S = 5.0
CAPTURE_CUT_RETRY_S = 1.0
CAPTURE_CHECK_NS = 1_000_000_000


class MouseInUse(Protocol):
    """Knows the mouse in use. In the agent: `agent.host.api.Mice`."""

    def current(self) -> MouseConfiguration:
        """The mouse that moved last, else the main one. Worker thread; may block 100 ms."""


class StatusPublisher(Protocol):
    """Takes the worker's status. In the agent: `agent.runtime.status.delivery_status.DeliveryStatus`."""

    def publish(self, status: Status) -> None:
        """Take each new status, and the last one with every heartbeat. Worker thread; must not block for long."""


class SignOfLife(Protocol):
    """Reports that the agent lives. In the agent: `agent.runtime.lifecycle.heartbeat.Heartbeat`."""

    def beat(self) -> None:
        """Report, every `HEARTBEAT_S`. Worker thread, so that it proves the worker alive."""


@dataclass(frozen=True, slots=True)
class WorkerPorts:
    """The collaborators of the worker.

    Attributes
    ----------
    mice : MouseInUse
    publisher : StatusPublisher
    heartbeat : SignOfLife
    """

    mice: MouseInUse
    publisher: StatusPublisher
    heartbeat: SignOfLife


class Worker:
    """The worker thread. Sleeps without a timeout of its own while the mouse rests, but for the heartbeat.

    Parameters
    ----------
    ring : Ring
    capture : Supervisor
    controller : StreamController
    owner : OwnerOrders
    orders : OrderQueue
    ports : WorkerPorts
    clock : callable
        Monotonic time in ns.
    """

    def __init__(
        self,
        ring: Ring,
        capture: Supervisor,
        controller: StreamController,
        owner: OwnerOrders,
        orders: OrderQueue,
        ports: WorkerPorts,
        clock: Callable[[], int],
    ) -> None:
        self._ring = ring
        self._capture = capture
        self._controller = controller
        self._owner = owner
        self._orders = orders
        self._ports = ports
        self._clock = clock
        self._heartbeat_due_ns = 0
        self._thread = threading.Thread(target=self._run, name="steadyhand-worker")
        self._published = controller.status
        self._last_event_ns: int | None = None
        self._capture_checked_ns = 0
        self._running = True

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the end; False if it has not come."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def is_alive(self) -> bool:
        """True while it works."""
        return self._thread.is_alive()

    @property
    def was_ordered_to_quit(self) -> bool:
        """True once it was ordered to quit: a worker that ended without was ended by an error."""
        return not self._running

    def _run(self) -> None:
        """Work until ordered to quit; an error that ends it stands in the status."""
        try:
            self._work()
        except Exception as error:
            why = sentence("An error ended the agent: {why}", why=str(error) or type(error).__name__)
            self._ports.publisher.publish(
                replace(self._published, state=State.FAILED, detail=why, trust=None)
            )
            raise

    def _work(self) -> None:
        self._heartbeat_due_ns = self._clock() + _HEARTBEAT_NS
        self._controller.use_mouse(self._ports.mice.current(), self._clock())
        self._controller.take_login_proof(self._clock())
        self._start_capture()
        while self._running:
            self._publish()
            if not self._ring.wait(self._sleep_s(), resting=self._last_event_ns is None):
                # The state of delivery changes without the worker: publish the same status again.
                self._ports.publisher.publish(self._published)
            self._turn()
        self._capture.stop()
        if self._controller.session:
            self._controller.session.close()
        self._publish()

    def _start_capture(self) -> None:
        try:
            self._capture.start()
        except CannotSee as reason:
            LOG.warning("%s", reason)
            self._controller.set_capture_problem(reason.message, self._clock())

    def _sleep_s(self) -> float:
        """How long to sleep: half a second while an action may be open, else until the heartbeat."""
        if self._capture.blind or self._capture.obstruction().reason:
            return CAPTURE_CUT_RETRY_S if self._capture.is_cut else CAPTURE_RETRY_S
        if self._last_event_ns is not None:
            return ACTION_POLL_S
        if not self._capture.is_alive:
            return max(0.0, (self._capture_checked_ns + CAPTURE_CHECK_NS - self._clock()) / 1e9)
        due_ns = self._heartbeat_due_ns
        if self._owner.pause_ends_ns is not None:
            due_ns = min(due_ns, self._owner.pause_ends_ns)
        return max(0.0, (due_ns - self._clock()) / 1e9)

    def _turn(self) -> None:
        while (order := self._orders.next_order()) is not None:
            self._execute(order)
        self._drain()
        self._check_capture()
        now_ns = self._clock()
        if self._last_event_ns is not None and now_ns - self._last_event_ns > ACTION_GAP_NS:
            self._close_action()
        if self._controller.session:
            self._controller.session.commit()
        self._owner.check_time(now_ns)
        if now_ns >= self._heartbeat_due_ns:
            self._heartbeat_due_ns = now_ns + _HEARTBEAT_NS
            self._ports.heartbeat.beat()

    def _drain(self) -> None:
        items = self._ring.drain()
        for item in items:
            if isinstance(item, EventBatch):
                self._last_event_ns = int(item.t_ns[-1])
            elif item.cause is Cause.MOUSE_CHANGED:
                self._capture.retry_soon()
        if items:
            self._controller.process(items, self._clock())

    def _close_action(self) -> None:
        """End the open action, unless the display server still holds events back."""
        self._capture.sync()
        self._drain()
        now_ns = self._clock()
        if self._last_event_ns is not None and now_ns - self._last_event_ns > ACTION_GAP_NS:
            self._last_event_ns = None
            self._controller.process([Boundary(now_ns, Cause.GAP)], now_ns)

    def _check_capture(self) -> None:
        """Check capture about once a second; where it is not possible, report that and go on."""
        now_ns = self._clock()
        if now_ns - self._capture_checked_ns >= CAPTURE_CHECK_NS:
            self._capture_checked_ns = now_ns
            self._capture.check(self._controller.status.events)
        self._controller.set_capture_problem(self._capture.blind, now_ns, self._capture.obstruction())

    def _execute(self, order: WorkerOrder) -> None:
        now_ns = self._clock()
        match order.command:
            case Command.PAUSE:
                self._owner.pause(now_ns)
            case Command.RESUME:
                self._owner.resume(now_ns)
            case Command.IT_WAS_ME:
                self._controller.confirm_owner(order.proof)
            case Command.ENROL_ANEW:
                self._owner.enrol_anew(order.proof, now_ns)
            case Command.DRILL:
                self._owner.begin_drill(now_ns)
            case Command.QUIT:
                self._running = False
            case Command.RELOAD | Command.ENROL:
                self._reload(order, now_ns)

    def _reload(self, order: WorkerOrder, now_ns: int) -> None:
        """Take other settings, look profiles up anew, and begin an enrolment where the owner asked for it."""
        enrol = order.command is Command.ENROL
        if not enrol:
            self._controller.process([Boundary(now_ns, Cause.RULES_CHANGED)], now_ns)
        if order.configuration:
            self._controller.apply_settings(order.configuration.settings, order.configuration.policy_hash)
        # ENROL is about the mouse that moved last; before any did, the one that is there.
        mouse = order.mouse or self._controller.status.configuration or self._ports.mice.current()
        self._controller.use_mouse(mouse, now_ns, enrol=enrol)

    def _publish(self) -> None:
        if self._controller.status != self._published:
            self._published = self._controller.status
            self._ports.publisher.publish(self._published)
