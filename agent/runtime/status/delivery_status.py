"""How the alerts fare, about once a second beside the worker's view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from agent.alerts.chained_delivery import ChainedDelivery
from agent.runtime.status.snapshot import Status
from agent.runtime.status.status_merge import StatusMerge

EVERY_NS: Final = 1_000_000_000


class DeliveryStatus:
    """Posts the worker's view, and with it how many alerts wait and what keeps them.

    Parameters
    ----------
    board : StatusMerge
    delivery : ChainedDelivery
    clock : callable
        Monotonic time in ns.
    """

    def __init__(self, board: StatusMerge, delivery: ChainedDelivery, clock: Callable[[], int]) -> None:
        self._board = board
        self._delivery = delivery
        self._clock = clock
        self._disk_line = ""
        self._taken_ns = 0

    def publish(self, status: Status) -> None:
        """Post the worker's view. Worker thread."""
        self._board.post_worker(status)
        now_ns = self._clock()
        if now_ns - self._taken_ns >= EVERY_NS:
            self._taken_ns = now_ns
            self._take()

    def disk_trouble(self, line: str) -> None:
        """The disk refuses alerts, or, with an empty line, takes them again. Any thread."""
        self._disk_line = line
        self._take()

    def _take(self) -> None:
        told = (self._disk_line, *self._delivery.problems())
        self._board.post(
            waiting_alerts=self._delivery.depth(), trouble="; ".join(dict.fromkeys(filter(None, told)))
        )
