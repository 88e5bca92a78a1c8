"""Orders to the worker: what other threads ask of it, and the queue that they wait in."""

from __future__ import annotations

import queue
from dataclasses import dataclass

from agent.config.loading import Configuration
from agent.engine.mouse import MouseConfiguration
from agent.host.api import IdentityProof
from agent.host.ring import Ring
from agent.runtime.status.snapshot import Command


@dataclass(frozen=True, slots=True)
class WorkerOrder:
    """One command with its arguments.

    Attributes
    ----------
    command : Command
    mouse : MouseConfiguration or None
        For RELOAD: the configuration that is now in use.
    configuration : Configuration or None
        For RELOAD: the settings that hold from now on.
    proof : IdentityProof or None
        For IT_WAS_ME and ENROL_ANEW: what proved the owner's identity.
    """

    command: Command
    mouse: MouseConfiguration | None = None
    configuration: Configuration | None = None
    proof: IdentityProof | None = None


class OrderQueue:
    """Order queue: the one way from other threads into the worker.

    Parameters
    ----------
    ring : Ring
        Woken with each order, because the worker sleeps on it.
    """

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._orders: queue.SimpleQueue[WorkerOrder] = queue.SimpleQueue()

    def put(self, order: WorkerOrder) -> None:
        """Add an order and wake the worker. Any thread; never blocks."""
        self._orders.put(order)
        self._ring.wake()

    def next_order(self) -> WorkerOrder | None:
        """Take the oldest order out; None if there is none. Worker thread."""
        try:
            return self._orders.get_nowait()
        except queue.Empty:
            return None
