"""Alerts that transports of the relay raise: they go into the relay's chain as soon as there is one."""

from __future__ import annotations

import errno

from agent.alerts.alert import Alert
from agent.alerts.api import Delivery


class RaisedAlerts:
    """The way from a transport, which is built before the chain, into the chain."""

    def __init__(self) -> None:
        self._delivery: Delivery | None = None

    def connect(self, delivery: Delivery) -> None:
        """Raise alerts by `delivery` from now on. Once."""
        self._delivery = delivery

    def submit(self, alert: Alert) -> None:
        """Return once the alert is on disk. Any thread.

        Raises
        ------
        OSError
            If it is not; also while the relay starts.
        """
        if self._delivery is None:
            raise OSError(errno.EAGAIN, "the relay is still starting")
        self._delivery.submit(alert)
