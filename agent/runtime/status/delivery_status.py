"""Delivery status: adds the state of alert delivery to the worker's status, about once a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from agent.alerts.chained_delivery import ChainedDelivery
from agent.runtime.status.snapshot import Status
from agent.runtime.status.status_merge import StatusMerge

EVERY_NS: Final = 1_000_000_000


class DeliveryStatus:
    """Publishes the worker's status with the number of waiting alerts and the problems of delivery.

    Parameters
    ----------
    status : StatusMerge
    delivery : ChainedDelivery
    clock : callable
        Monotonic time in ns.
    """

    def __init__(self, status: StatusMerge, delivery: ChainedDelivery, clock: Callable[[], int]) -> None:
        self._status = status
        self._delivery = delivery
        self._clock = clock
        self._disk_line = ""
        self._posted_ns = 0

    def publish(self, status: Status) -> None:
        """Publish the worker's status. Worker thread."""
        self._status.post_worker(status)
        now_ns = self._clock()
        if now_ns - self._posted_ns >= EVERY_NS:
            self._posted_ns = now_ns
            self._post_delivery()

    def disk_trouble(self, line: str) -> None:
        """The disk refuses alerts, or, with an empty line, takes them again. Any thread."""
        self._disk_line = line
        self._post_delivery()

    def _post_delivery(self) -> None:
        problems = (self._disk_line, *self._delivery.problems())
        self._status.post(
            waiting_alerts=self._delivery.depth(), trouble="; ".join(dict.fromkeys(filter(None, problems)))
        )
