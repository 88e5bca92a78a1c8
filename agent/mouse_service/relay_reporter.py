"""Relay reporter: brings what the mouse service notices to the relay, from a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.api import Record, Sent
from agent.mouse_service.admission import Breach
from agent.mouse_service.tally import Deviation

_MOST_WAITING: Final = 256
_AGAIN_NS: Final = 600_000_000_000
_RETRY_S: Final = 30.0

_log = logging.getLogger(__name__)


class AlertLink(Protocol):
    """Takes alerts. In the service: `agent.alerts.transports.relay_link.RelayLink`."""

    def send(self, records: list[Record]) -> Sent:
        """Hand them over. Reporter thread; may block 5 s."""


class RelayReporter:
    """`MovementReporter` that hands alerts to the relay, and tries again while there is none.

    What is alike is reported at once and then every ten minutes, with how often it happened.

    Parameters
    ----------
    make_link : callable
        Makes the link to the relay, when there is first something to report: most days there is nothing.
    account_name : callable
        The name of a user number.
    host : str
    clock, wall : callable
        Monotonic ns; Unix ns.
    """

    def __init__(
        self,
        make_link: Callable[[], AlertLink],
        account_name: Callable[[int], str],
        host: str,
        clock: Callable[[], int] = time.monotonic_ns,
        wall: Callable[[], int] = time.time_ns,
    ) -> None:
        self._make_link = make_link
        self._link: AlertLink | None = None
        self._account_name = account_name
        self._host = host
        self._clock = clock
        self._wall = wall
        self._waiting: deque[Alert] = deque(maxlen=_MOST_WAITING)
        self._reported: dict[tuple[int, str], tuple[int, int]] = {}
        self._news = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="steadyhand-reports", daemon=True)

    def start(self) -> None:
        """Begin to hand over."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End, after one more attempt."""
        with self._news:
            self._ended = True
            self._news.notify()
        self._thread.join(timeout_s)

    def breach(self, uid: int, pid: int, breach: Breach, detail: str) -> None:
        """See `MovementReporter.breach`."""
        message = f"{breach.value[:1].upper()}{breach.value[1:]}"
        program = f" ({detail})" if detail else ""
        self._report(uid, breach.name.lower(), f"{message}{program}", pid=pid, program=detail)

    def deviation(self, uid: int, pid: int, deviation: Deviation) -> None:
        """See `MovementReporter.deviation`."""
        message = f"What listens to the mouse as the agent {deviation.value}"
        self._report(uid, deviation.name.lower(), message, pid=pid)

    def _report(self, uid: int, how: str, message: str, **detail: Any) -> None:
        now_ns = self._clock()
        reported_ns, count = self._reported.get((uid, how), (now_ns - _AGAIN_NS, 0))
        if now_ns - reported_ns < _AGAIN_NS:
            self._reported[uid, how] = (reported_ns, count + 1)
            return
        if len(self._reported) >= _MOST_WAITING:
            self._reported.clear()
        self._reported[uid, how] = (now_ns, 0)
        name = self._account_name(uid)
        detail |= {"how": how, "account_uid": uid, "held_back": count}
        _log.warning("%s: %s", name, message)
        alert = Alert(
            str(uuid.uuid4()),
            str(uuid.uuid4()),
            AlertKind.MOUSE_TAMPERING,
            Activity.CREATE,
            Severity.HIGH,
            self._wall(),
            name,
            self._host,
            message,
            (),
            detail,
        )
        with self._news:
            self._waiting.append(alert)
            self._news.notify()

    def _run(self) -> None:
        while True:
            with self._news:
                while not self._waiting and not self._ended:
                    self._news.wait()
                waiting = list(self._waiting)
                ended = self._ended
            if not waiting:
                return
            self._link = self._link or self._make_link()
            sent = self._link.send([Record("", 0, alert) for alert in waiting])
            with self._news:
                for alert in waiting[: sent.accepted]:
                    self._waiting.remove(alert)
                if ended:
                    return
                if self._waiting:
                    _log.warning("%d reports wait: %s", len(self._waiting), sent.detail)
                    self._news.wait(_RETRY_S)
