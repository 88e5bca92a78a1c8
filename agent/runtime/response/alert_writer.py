"""Alert writer: the thread that writes alerts to disk, so that a slow disk cannot delay a lock."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from agent.alerts.alert import Alert
from agent.alerts.api import Delivery

LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WriteReceipt:
    """A receipt for one alert.

    Attributes
    ----------
    done : threading.Event
        Set once the alert is on disk.
    """

    alert: Alert
    done: threading.Event = field(default_factory=threading.Event)


class AlertWriter:
    """Takes alerts from any thread and submits them in order; what a full disk refuses is tried again.

    Parameters
    ----------
    delivery : Delivery
    trouble : callable
        Told with one line when the disk refuses alerts, and with an empty one when it takes them again.
    retry_s : float
        Pause before a refused alert, and whatever else the disk did not take, is tried again.
    """

    def __init__(self, delivery: Delivery, trouble: Callable[[str], None], retry_s: float = 1.0) -> None:
        self._delivery = delivery
        self._trouble = trouble
        self._retry_s = retry_s
        self._waiting: queue.SimpleQueue[WriteReceipt | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._settled = True
        self._thread = threading.Thread(target=self._run, name="steadyhand-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def write(self, alert: Alert) -> WriteReceipt:
        """Queue one alert; never blocks."""
        receipt = WriteReceipt(alert)
        self._waiting.put(receipt)
        return receipt

    def stop(self, timeout_s: float) -> bool:
        """Write what waits and end; False if the disk did not take everything within `timeout_s`."""
        self._waiting.put(None)
        self._thread.join(timeout_s)
        self._stopping.set()
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (receipt := self._next()) is not None:
            refused = False
            while not self._submit(receipt.alert):
                refused = True
                if self._stopping.wait(self._retry_s):
                    return
            if refused:
                self._trouble("")
            receipt.done.set()
            self._settled = self._settle()

    def _next(self) -> WriteReceipt | None:
        """The next alert. While something is not on disk, and only then, that is tried again meanwhile."""
        while not self._settled:
            try:
                return self._waiting.get(timeout=self._retry_s)
            except queue.Empty:
                self._settled = self._settle()
                if self._settled:
                    self._trouble("")
        return self._waiting.get()

    def _settle(self) -> bool:
        try:
            return self._delivery.settle()
        except OSError as error:
            LOG.warning("what is not on disk could not be tried again: %s", error)
            return False

    def _submit(self, alert: Alert) -> bool:
        try:
            self._delivery.submit(alert)
        except OSError as error:
            line = f"alerts cannot be written to disk ({error}): free some space or mend its permissions"
            LOG.error("%s", line)
            self._trouble(line)
            return False
        return True
