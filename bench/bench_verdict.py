"""How long a verdict takes: from an action's last event in the ring to its judgement, in the real worker.

The real `Ring`, `Worker`, `StreamController` and `Protection` run here, with a trained profile and no operating system:
this thread appends the owner's events as the pointer's would, one a millisecond. The time runs from just
before the RELEASE that ends a click or a drag is appended until its judgement, and what follows from it, is
out. Actions that end by a pause are judged when the worker looks next, a second and a half later at most by
design, and are not in the figure.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from agent.alerts.alert import Alert
from agent.config.schema import Settings
from agent.engine.events import EventBatch, EventKind, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.host.null.services import NullIdle, NullProofs
from agent.host.ring import Ring
from agent.host.supervisor import Supervisor
from agent.runtime.learning.enrolment import EnrolmentRecorder
from agent.runtime.pipeline.gate import Gate
from agent.runtime.pipeline.orders import OrderQueue, WorkerOrder
from agent.runtime.pipeline.owner_orders import OwnerOrders
from agent.runtime.pipeline.ports import StreamPorts
from agent.runtime.pipeline.profile_selection import SelectedProfile
from agent.runtime.pipeline.stream_controller import StreamController
from agent.runtime.pipeline.worker import Worker, WorkerPorts
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.status.snapshot import Command, Status
from bench.people import OWNER, session, trained

EVENTS: Final = 14_000
_MOUSE: Final = MouseConfiguration(capture="bench")
_INTERVAL_S: Final = 0.001
_YARDSTICK_NS: Final = 1_200_000


class TimedController(StreamController):
    """Notes how long ago the first button was released in what it has just judged.

    Parameters
    ----------
    appended_ns : mapping of int to int
        When the RELEASE with a time stamp went into the ring.
    """

    def __init__(self, appended_ns: Mapping[int, int], ports: StreamPorts) -> None:
        super().__init__(Settings(), AlertWording(OWNER, "bench", time.time_ns), ports, Gate(lambda: False))
        self._appended_ns = appended_ns
        self.times_ms: list[float] = []
        self.cpu_ms: list[float] = []

    def process(self, items: Sequence[StreamItem], now_ns: int) -> None:
        """See `StreamController.process`."""
        before, used_ns = self.status.actions, time.thread_time_ns()
        super().process(items, now_ns)
        used_ns, done_ns = time.thread_time_ns() - used_ns, time.perf_counter_ns()
        released = _first_release(items)
        if released is not None and self.status.actions > before:
            self.times_ms.append((done_ns - self._appended_ns[released]) / 1e6)
            self.cpu_ms.append(used_ns / 1e6)


class FedPointer:
    """A source whose events somebody else appends."""

    def start(self, ring: Ring) -> None:
        """See `PointerSource`."""

    def stop(self) -> None:
        """See `PointerSource`."""

    def is_alive(self) -> bool:
        """Always."""
        return True

    def sync(self) -> None:
        """Nothing is held back."""


class BenchAgent:
    """Every collaborator of the controller and the worker: one profile judges, and nothing is done about it.

    Parameters
    ----------
    profile : Profile
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def alert(self, alert: Alert) -> None:
        """Report to nobody."""

    def lock(self, finding: Alert) -> None:
        """Lock nothing."""

    def choose(self, mouse: MouseConfiguration) -> SelectedProfile:
        """The one profile."""
        return SelectedProfile(self._profile, exact=True)

    def set_profiles_aside(self) -> None:
        """The one profile stays."""

    def begin(self, mouse: MouseConfiguration) -> None:
        """Learn nothing."""

    def start(self, enrolment: EnrolmentRecorder, origin: Profile | None = None) -> None:
        """Train nothing."""

    def renewal(self, mouse: MouseConfiguration, profile: Profile, origin: str) -> None:
        """Renew nothing."""

    def renew(self, enrolment: EnrolmentRecorder) -> None:
        """Renew nothing."""

    def weigh(self, enrolment: EnrolmentRecorder) -> None:
        """Estimate nothing."""

    def of(self, source: int) -> MouseConfiguration | None:
        """No mouse is known by its source."""

    def look(self) -> None:
        """Read nothing again."""

    def current(self) -> MouseConfiguration:
        """The one mouse."""
        return _MOUSE

    def publish(self, status: Status) -> None:
        """Show nothing."""

    def beat(self) -> None:
        """Give no sign of life."""


def measure() -> dict[str, float | str]:
    """Milliseconds; `p99_ms` is what the budget limits. Takes about twenty seconds."""
    profile = trained(_MOUSE)
    events = session(99, 3600.0)[:EVENTS]
    ring, appended_ns, stamp = Ring(), dict[int, int](), [int(events.t_ns[0])]
    agent = BenchAgent(profile)
    controller = TimedController(appended_ns, StreamPorts(agent, agent, agent, agent, agent, NullProofs()))
    supervisor = Supervisor(FedPointer, ring, NullIdle(), lambda: stamp[0])
    orders = OrderQueue(ring)
    ports = WorkerPorts(agent, agent, agent)
    owner = OwnerOrders(controller, agent, AlertWording(OWNER, "bench", time.time_ns), agent)
    worker = Worker(ring, supervisor, controller, owner, orders, ports, lambda: stamp[0])
    worker.start()
    _feed(ring, events, appended_ns, stamp)
    orders.put(WorkerOrder(Command.QUIT))
    worker.join(5.0)
    times = np.array(controller.times_ms)
    return {
        "p99_ms": round(float(np.percentile(times, 99)), 3),
        "p50, ms": round(float(np.median(times)), 3),
        "worst, ms": round(float(times.max()), 3),
        "cpu p50, ms": round(float(np.median(controller.cpu_ms)), 3),
        "cpu p99, ms": round(float(np.percentile(controller.cpu_ms, 99)), 3),
        "1.2 ms of bare CPU takes, p99, ms": round(_yardstick_ms(), 3),
        "clicks and drags judged": len(times),
    }


def _feed(ring: Ring, events: EventBatch, appended_ns: dict[int, int], stamp: list[int]) -> None:
    """Append one event a millisecond; the agent's clock stands at the newest stamp."""
    columns = (getattr(events, name).tolist() for name in ("t_ns", "x", "y", "kind", "button"))
    began_s = time.monotonic()
    for number, (t_ns, x, y, kind, button) in enumerate(zip(*columns, strict=True)):
        wait_s = began_s + number * _INTERVAL_S - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        stamp[0] = t_ns
        if kind == EventKind.RELEASE:
            appended_ns[t_ns] = time.perf_counter_ns()
        ring.append(t_ns, x, y, kind, button)


def _yardstick_ms(rounds: int = 150) -> float:
    """How long this computer takes, at p99, to give a bare loop the CPU time of a judgement."""
    taken_ms = []
    for _ in range(rounds):
        time.sleep(0.02)
        start_ns, used_ns = time.perf_counter_ns(), time.thread_time_ns()
        while time.thread_time_ns() - used_ns < _YARDSTICK_NS:
            pass
        taken_ms.append((time.perf_counter_ns() - start_ns) / 1e6)
    return float(np.percentile(taken_ms, 99))


def _first_release(items: Sequence[StreamItem]) -> int | None:
    for item in items:
        if isinstance(item, EventBatch):
            released = item.t_ns[item.kind == EventKind.RELEASE]
            if len(released):
                return int(released[0])
    return None
