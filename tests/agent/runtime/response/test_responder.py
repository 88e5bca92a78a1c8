"""The alert first, then the countdown, then the lock; a bad disk never prevents it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.host.api import LockReport, LockResult
from agent.runtime.response.alert_wording import Wording
from agent.runtime.response.alert_writer import AlertWriter
from agent.runtime.response.responder import Answers, Responder

WORDING = Wording("ada", "desk-7", lambda: 1_700_000_000_000_000_000)
LOCKED = LockReport(LockResult.LOCKED, "i3lock", 123, ("i3lock: locked",))
FAILED = LockReport(LockResult.FAILED, "i3lock", 0, ("logind: no answer", "i3lock: ended at once"))


class Disk:
    """A delivery that keeps alerts, refuses the first ones, or hangs."""

    def __init__(self, refuse: int = 0, gate: threading.Event | None = None, unsettled: int = 0) -> None:
        self.kept: list[Alert] = []
        self.settled: list[bool] = []
        self.unsettled = unsettled
        self._refuse = refuse
        self._gate = gate

    def submit(self, alert: Alert) -> None:
        if self._gate:
            self._gate.wait(10)
        if self._refuse:
            self._refuse -= 1
            raise OSError(28, "No space left on device")
        self.kept.append(alert)

    def depth(self) -> int:
        return len(self.kept)

    def problems(self) -> tuple[str, ...]:
        return ()

    def settle(self) -> bool:
        self.settled.append(not self.unsettled)
        self.unsettled = max(0, self.unsettled - 1)
        return self.settled[-1]

    def close(self, flush_s: float) -> None:
        """Nothing to close."""


class Lock:
    def __init__(self, report: LockReport, on_lock: Callable[[], object] = lambda: None) -> None:
        self._report = report
        self._on_lock = on_lock

    def lock(self) -> LockReport:
        self._on_lock()
        return self._report

    def is_locked(self) -> bool:
        return self._report.result is LockResult.LOCKED

    def names(self) -> list[str]:
        return ["i3lock"]


class Notifier:
    def __init__(self) -> None:
        self.shown: list[str] = []

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        self.shown.append(title)
        return True


class Bench:
    """A responder on fakes, with what it told."""

    def __init__(self, disk: Disk, lock: Lock, countdown_s: float = 0.0) -> None:
        self.disk = disk
        self.told: list[LockReport | None] = []
        self.counting = threading.Event()
        self.done = threading.Event()
        self.trouble: list[str] = []
        self.notifier = Notifier()
        self.writer = AlertWriter(disk, self.trouble.append, retry_s=0.01)
        self.counted: list[float] = []
        answers = Answers(self._count, self._finished)
        self.responder = Responder(self.writer, lock, self.notifier, WORDING, countdown_s, answers)
        self.writer.start()
        self.responder.start()

    def _count(self, seconds: float) -> None:
        self.counted.append(seconds)
        self.counting.set()

    def _finished(self, report: LockReport | None) -> None:
        self.told.append(report)
        self.done.set()

    def close(self) -> list[Alert]:
        self.responder.stop(5)
        assert self.writer.stop(5)
        return self.disk.kept


def finding() -> Alert:
    return WORDING.health(AlertKind.INTRUDER, "The person at the mouse is probably not the owner")


def test_two_records_under_one_finding_and_the_first_is_on_disk_before_the_lock() -> None:
    disk = Disk()
    on_disk_at_lock: list[int] = []
    bench = Bench(disk, Lock(LOCKED, lambda: on_disk_at_lock.append(len(disk.kept))))
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    create, update = bench.close()
    assert on_disk_at_lock == [1]
    assert (create.activity, update.activity) == (Activity.CREATE, Activity.UPDATE)
    assert create.finding_id == update.finding_id
    assert create.record_id != update.record_id
    assert (update.kind, update.detail["lock"], update.detail["locker"]) == (
        AlertKind.LOCK_RESULT,
        "locked",
        "i3lock",
    )
    assert bench.told == [LOCKED]


def test_a_lock_that_failed_is_the_loudest_alert_and_names_what_was_tried() -> None:
    bench = Bench(Disk(), Lock(FAILED))
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    _, update = bench.close()
    assert (update.kind, update.severity) == (AlertKind.LOCK_FAILED, Severity.CRITICAL)
    assert update.detail["tried"] == ["logind: no answer", "i3lock: ended at once"]
    assert bench.notifier.shown == ["The screen could not be locked"]


def test_a_hanging_disk_delays_the_lock_by_little_and_loses_nothing() -> None:
    gate = threading.Event()
    locked_ns: list[int] = []
    bench = Bench(Disk(gate=gate), Lock(LOCKED, lambda: locked_ns.append(time.monotonic_ns())))
    asked_ns = time.monotonic_ns()
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    assert not bench.disk.kept
    assert locked_ns[0] - asked_ns < 2_000_000_000
    gate.set()
    assert [alert.activity for alert in bench.close()] == [Activity.CREATE, Activity.UPDATE]


def test_a_full_disk_is_told_and_tried_again() -> None:
    bench = Bench(Disk(refuse=3), Lock(LOCKED))
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    assert [alert.activity for alert in bench.close()] == [Activity.CREATE, Activity.UPDATE]
    assert "No space left" in bench.trouble[0]
    assert bench.trouble[-1] == ""


def test_what_is_not_on_disk_is_tried_again_without_another_alert_until_it_is() -> None:
    disk = Disk(unsettled=3)
    bench = Bench(disk, Lock(LOCKED))
    assert bench.writer.write(finding()).done.wait(5)
    deadline = time.monotonic() + 5
    while bench.trouble != [""]:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    asked = len(disk.settled)
    assert disk.settled == [False, False, False, True]
    time.sleep(0.05)
    assert len(disk.settled) == asked, "all is well: nothing wakes up"
    bench.close()


def test_a_proven_owner_breaks_off_the_countdown() -> None:
    bench = Bench(Disk(), Lock(LOCKED, lambda: pytest.fail("locked")), countdown_s=30)
    bench.responder.lock(finding())
    assert bench.counting.wait(5)
    bench.responder.withdraw()
    assert bench.done.wait(5)
    create, update = bench.close()
    assert bench.told == [None]
    assert update.detail["lock"] == "withdrawn"
    assert update.finding_id == create.finding_id


def test_it_counts_whole_seconds_down_to_one() -> None:
    bench = Bench(Disk(), Lock(LOCKED), countdown_s=1.2)
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    bench.close()
    assert bench.counted == [2.0, 1.0]


def test_without_a_countdown_nobody_is_warned() -> None:
    bench = Bench(Disk(), Lock(LOCKED))
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    bench.close()
    assert not bench.counting.is_set()
    assert bench.notifier.shown == []
