"""Responder: the thread that writes a finding to disk, counts down, and locks until the lock holds."""

from __future__ import annotations

import queue
import threading
from typing import Final, Protocol

from agent.alerts.alert import Alert
from agent.config.schema import ResponseSettings
from agent.host.api import LockReport, LockResult, ScreenLock
from agent.host.notifier import Notifier
from agent.language.language import mark
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.response.alert_writer import AlertWriter
from agent.runtime.response.countdown import Countdown, CountdownObserver, ResponseClock

DISK_WAIT_S: Final = 0.05
RETRY_S: Final = {LockResult.BLOCKED: 0.5, LockResult.FAILED: 2.0, LockResult.UNAVAILABLE: 30.0}
"""Pause before a lock is tried again, by what became of the last attempt."""
REPORT_EVERY_S: Final = 60.0
"""A lock that goes on failing is reported again this often."""
PRESENTATION_CHECK_S: Final = 1.0
_NOTICE_KEY: Final = "lock"
NOT_LOCKED_TITLE: Final = mark("The screen could not be locked yet")
NOT_LOCKED_TEXT: Final = mark(
    "Steadyhand tries again until the screen locks. Lock it yourself if you leave your desk."
)


class PresentationState(Protocol):
    """Knows whether somebody presents. In the agent: `agent.host.api.Presentation`."""

    def is_presenting(self) -> bool:
        """True while a program of this user says so. May block 200 ms."""


class LockObserver(CountdownObserver, Protocol):
    """Receives the outcome of locks. In the agent: `agent.runtime.response.lock_outcome.LockOutcome`."""

    def withdrawn(self) -> None:
        """The owner ended the countdown or the attempts. Responder thread."""

    def attempted(self, report: LockReport) -> None:
        """One attempt is over. Responder thread."""


class CountdownAttendant(Protocol):
    """Goes along with each countdown. In the agent: `agent.runtime.response.second_step.SecondStepQuestion`."""

    def begin(self) -> None:
        """A countdown begins. Responder thread; must not block."""

    def end(self) -> None:
        """It is over. Responder thread; must not block."""


class Responder:
    """Locks on a thread of its own, one finding at a time.

    A lock that fails is tried again until it holds, or until the owner proves who they are. Findings that come
    meanwhile are reported, and answered by the same lock.

    Parameters
    ----------
    writer : AlertWriter
    lock : ScreenLock
    notifier : Notifier
    wording : AlertWording
    settings : ResponseSettings
    observer : LockObserver
    presentation : PresentationState
    clock : ResponseClock
    """

    def __init__(
        self,
        writer: AlertWriter,
        lock: ScreenLock,
        notifier: Notifier,
        wording: AlertWording,
        settings: ResponseSettings,
        observer: LockObserver,
        presentation: PresentationState,
        clock: ResponseClock,
    ) -> None:
        self._writer = writer
        self._lock = lock
        self._notifier = notifier
        self._wording = wording
        self._settings = settings
        self._observer = observer
        self._presentation = presentation
        self._clock = clock
        self._countdown = Countdown(observer, clock)
        self._findings: queue.SimpleQueue[Alert | None] = queue.SimpleQueue()
        self._open_findings: list[Alert] = []
        self._stopping = False
        self._attendant: CountdownAttendant | None = None
        self._thread = threading.Thread(target=self._run, name="steadyhand-responder", daemon=True)

    def apply_settings(self, settings: ResponseSettings) -> None:
        """Use other settings from the next finding on. Any thread."""
        self._settings = settings

    def attend(self, attendant: CountdownAttendant) -> None:
        """Have `attendant` go along with countdowns where policy asks for a second step. Before `start`."""
        self._attendant = attendant

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def alert(self, alert: Alert) -> None:
        """Report without locking; never blocks."""
        self._writer.write(alert)

    def lock(self, finding: Alert) -> None:
        """Report, count down and lock; never blocks."""
        self._findings.put(finding)

    def question_asked(self) -> None:
        """The owner is asked for a proof: hold a countdown under way. Any thread."""
        self._countdown.ask()

    def question_refused(self) -> None:
        """No proof was given: end the countdown, and lock at once. Any thread."""
        self._countdown.refuse()

    def withdraw(self) -> None:
        """Break off the countdown or the attempts under way, after a proven identity. Any thread."""
        self._countdown.withdraw()

    def stop(self, timeout_s: float) -> None:
        """End after the attempt under way."""
        self._stopping = True
        self._findings.put(None)
        self._countdown.withdraw()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while (finding := self._findings.get()) is not None:
            self._countdown.begin()
            if self._stopping:
                self._writer.write(finding)
            else:
                self._answer(finding)

    def _answer(self, finding: Alert) -> None:
        self._open_findings = [finding]
        self._writer.write(finding).done.wait(DISK_WAIT_S)
        countdown_s = self._settings.countdown_s
        if (countdown_s > 0 and not self._count_down(countdown_s)) or not self._defer(finding):
            self._close_withdrawn()
            return
        self._lock_until_held()

    def _count_down(self, countdown_s: float) -> bool:
        """Count down, with a second step where policy asks for one; False if the owner ended it."""
        if self._attendant is None or self._settings.second_step == "none":
            return self._countdown.run(countdown_s)
        self._attendant.begin()
        try:
            return self._countdown.run(countdown_s)
        finally:
            self._attendant.end()

    def _defer(self, finding: Alert) -> bool:
        """Put the lock off while somebody presents, as long as policy allows; False if the owner ended it."""
        most_s = self._settings.defer_while_presenting
        if most_s <= 0 or not self._presentation.is_presenting():
            return True
        self._writer.write(self._wording.lock_deferred(finding, most_s))
        end_s = self._clock.now_s() + most_s
        while (left_s := end_s - self._clock.now_s()) > 0 and self._presentation.is_presenting():
            if self._countdown.pause(min(PRESENTATION_CHECK_S, left_s)):
                return False
        return not self._countdown.is_withdrawn

    def _lock_until_held(self) -> None:
        """Try to lock until the lock is verified, or the owner, or the end of the agent, breaks it off."""
        began_s = self._clock.now_s()
        attempts, reported_s = 0, began_s - REPORT_EVERY_S
        while True:
            report = self._lock.lock()
            attempts += 1
            now_s = self._clock.now_s()
            # The worker must know before the record is written: what is captured from here on is the locker's.
            self._observer.attempted(report)
            self._report_new_findings()
            holds = report.result is LockResult.LOCKED
            if holds or now_s - reported_s >= REPORT_EVERY_S:
                reported_s = now_s
                self._write_result(report, attempts, now_s - began_s)
            if holds:
                return
            self._notifier.show(NOT_LOCKED_TITLE, NOT_LOCKED_TEXT, urgent=True, replaces=_NOTICE_KEY)
            if self._countdown.pause(RETRY_S[report.result]) or self._countdown.is_withdrawn:
                self._close_withdrawn()
                return

    def _write_result(self, report: LockReport, attempts: int, seconds: float) -> None:
        for finding in self._open_findings:
            self._writer.write(self._wording.lock_result(finding, report, attempts=attempts, seconds=seconds))

    def _close_withdrawn(self) -> None:
        self._report_new_findings()
        # An agent that ends was not told by the owner to withdraw anything.
        for finding in () if self._stopping else self._open_findings:
            self._writer.write(self._wording.lock_withdrawn(finding))
        self._observer.withdrawn()

    def _report_new_findings(self) -> None:
        """Report the findings that came meanwhile; the end of the agent stays in the queue."""
        while not self._findings.empty():
            finding = self._findings.get()
            if finding is None:
                self._findings.put(None)
                return
            self._writer.write(finding)
            self._open_findings.append(finding)
