"""Executes what the worker decided: the alert to disk first, then the countdown, then the lock."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from agent.alerts.alert import Alert
from agent.host.api import LockReport, LockResult, Notifier, ScreenLock
from agent.runtime.response.alert_wording import Wording
from agent.runtime.response.alert_writer import AlertWriter

DISK_PATIENCE_S = 0.05


@dataclass(frozen=True, slots=True)
class Answers:
    """Whom the responder tells.

    Attributes
    ----------
    counting : callable
        Told the whole seconds that are left, every second of a countdown. Responder thread; must not block.
    finished : callable
        Told what became of the lock; None for a countdown that was broken off. Responder thread.
    """

    counting: Callable[[float], None]
    finished: Callable[[LockReport | None], None]


class Responder:
    """Locks on a thread of its own. One lock at a time; a second request meanwhile is only reported.

    Parameters
    ----------
    writer : AlertWriter
    lock : ScreenLock
    notifier : Notifier
    wording : Wording
    countdown_s : float
        Warning before the lock, seconds.
    answers : Answers
    """

    def __init__(
        self,
        writer: AlertWriter,
        lock: ScreenLock,
        notifier: Notifier,
        wording: Wording,
        countdown_s: float,
        answers: Answers,
    ) -> None:
        self._writer = writer
        self._lock = lock
        self._notifier = notifier
        self._wording = wording
        self._countdown_s = countdown_s
        self._answers = answers
        self._asked: queue.SimpleQueue[Alert | None] = queue.SimpleQueue()
        self._withdrawn = threading.Event()
        self._thread = threading.Thread(target=self._run, name="steadyhand-responder", daemon=True)

    def warn_for(self, countdown_s: float) -> None:
        """Another countdown from the next lock on. Any thread."""
        self._countdown_s = countdown_s

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def alert(self, alert: Alert) -> None:
        """Report without locking; never blocks."""
        self._writer.write(alert)

    def lock(self, finding: Alert) -> None:
        """Report and lock; never blocks."""
        self._asked.put(finding)

    def withdraw(self) -> None:
        """Break off a countdown that is under way, after a proven identity."""
        self._withdrawn.set()

    def stop(self, timeout_s: float) -> None:
        """End after the request under way."""
        self._asked.put(None)
        self._withdrawn.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while (finding := self._asked.get()) is not None:
            self._withdrawn.clear()
            self._answer(finding)

    def _answer(self, finding: Alert) -> None:
        self._writer.write(finding).done.wait(DISK_PATIENCE_S)
        if self._countdown_s > 0 and self._broken_off():
            self._writer.write(self._wording.lock_withdrawn(finding))
            self._answers.finished(None)
            return
        report = self._lock.lock()
        # The worker must know before the record is written: what is captured from here on is the locker's.
        self._answers.finished(report)
        self._writer.write(self._wording.lock_result(finding, report))
        if report.result is not LockResult.LOCKED:
            self._notifier.show("The screen could not be locked", "; ".join(report.tried), urgent=True)

    def _broken_off(self) -> bool:
        """Count down, second by second; True if the owner ended it."""
        end_s = time.monotonic() + self._countdown_s
        while (left_s := end_s - time.monotonic()) > 0:
            seconds = math.ceil(left_s)
            self._answers.counting(float(seconds))
            if self._withdrawn.wait(left_s - (seconds - 1)):
                return True
        return False
