"""The alert first, then the countdown, then the lock; a bad disk never prevents it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.config.schema import ResponseSettings
from agent.host.api import LockReport, LockResult
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.response.alert_writer import AlertWriter
from agent.runtime.response.countdown import MonotonicClock, ResponseClock
from agent.runtime.response.responder import Responder

WORDING = AlertWording("ada", "desk-7", lambda: 1_700_000_000_000_000_000)
LOCKED = LockReport(LockResult.LOCKED, "i3lock", 123, ("i3lock: locked",))
BLOCKED = LockReport(
    LockResult.BLOCKED, "i3lock", 0, ("i3lock: blocked: another program holds the mouse or keyboard",)
)
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
    """A screen lock that follows its script; the last report goes on."""

    def __init__(self, *reports: LockReport, on_lock: Callable[[], object] = lambda: None) -> None:
        self._reports = list(reports)
        self._on_lock = on_lock
        self.attempts = 0

    def lock(self) -> LockReport:
        self.attempts += 1
        self._on_lock()
        return self._reports.pop(0) if len(self._reports) > 1 else self._reports[0]

    def is_locked(self) -> bool:
        return self._reports[0].result is LockResult.LOCKED

    def names(self) -> list[str]:
        return ["i3lock"]


class Notifier:
    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        self.shown.append((title, text))
        return True


class SteppedClock:
    """Time that passes only while something waits; what is planned for a moment happens then, on that thread."""

    def __init__(self) -> None:
        self.time_s = 100.0
        self.waits: list[float] = []
        self._planned: list[tuple[float, Callable[[], object]]] = []

    def after(self, seconds: float, act: Callable[[], object]) -> None:
        """Do `act` so many seconds from now."""
        self._planned.append((self.time_s + seconds, act))
        self._planned.sort(key=lambda planned: planned[0])

    def now_s(self) -> float:
        return self.time_s

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        self.waits.append(timeout_s)
        end_s = self.time_s + timeout_s
        while not event.is_set() and self._planned and self._planned[0][0] <= end_s:
            self.time_s, act = self._planned.pop(0)
            act()
        if not event.is_set():
            self.time_s = end_s
        return event.is_set()


class Bench:
    """A responder on fakes, with what it reported."""

    def __init__(
        self,
        disk: Disk,
        lock: Lock,
        countdown_s: float = 0.0,
        clock: ResponseClock | None = None,
        defer_s: float = 0.0,
        second_step: str = "none",
    ) -> None:
        self.disk = disk
        self.reports: list[LockReport] = []
        self.held = self.broken_off = 0
        self.presenting = False
        self.started_counting = threading.Event()
        self.done = threading.Event()
        self.trouble: list[str] = []
        self.notifier = Notifier()
        self.writer = AlertWriter(disk, self.trouble.append, retry_s=0.01)
        self.counted: list[float] = []
        settings = ResponseSettings(
            countdown_s=countdown_s, defer_while_presenting=defer_s, second_step=second_step
        )
        self.responder = Responder(
            self.writer, lock, self.notifier, WORDING, settings, self, self, clock or MonotonicClock()
        )
        self.writer.start()
        self.responder.start()

    def is_presenting(self) -> bool:
        return self.presenting

    def counting_down(self, seconds: float) -> None:
        self.counted.append(seconds)
        self.started_counting.set()

    def holding(self) -> None:
        self.held += 1

    def attempted(self, report: LockReport) -> None:
        self.reports.append(report)
        if report.result is LockResult.LOCKED:
            self.done.set()

    def withdrawn(self) -> None:
        self.broken_off += 1
        self.done.set()

    def close(self) -> list[Alert]:
        self.responder.stop(5)
        assert self.writer.stop(5)
        return self.disk.kept


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    deadline_s = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.002)


def finding() -> Alert:
    return WORDING.health(AlertKind.INTRUDER, "The person at the mouse is probably not the owner")


def test_two_records_under_one_finding_and_the_first_is_on_disk_before_the_lock() -> None:
    disk = Disk()
    on_disk_at_lock: list[int] = []
    bench = Bench(disk, Lock(LOCKED, on_lock=lambda: on_disk_at_lock.append(len(disk.kept))))
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
    assert bench.reports == [LOCKED]


def test_a_lock_that_failed_is_the_loudest_alert_names_what_was_tried_and_is_tried_again() -> None:
    clock = SteppedClock()
    bench = Bench(Disk(), Lock(FAILED, LOCKED), clock=clock)
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    _, failed, locked = bench.close()
    assert (failed.kind, failed.severity) == (AlertKind.LOCK_FAILED, Severity.CRITICAL)
    assert failed.detail["tried"] == ["logind: no answer", "i3lock: ended at once"]
    assert (locked.kind, locked.detail["attempts"]) == (AlertKind.LOCK_RESULT, 2)
    ((title, text),) = bench.notifier.shown
    assert title == "The screen could not be locked yet"
    assert "tries again until the screen locks" in text


def test_a_held_button_puts_the_lock_off_only_as_long_as_it_is_held() -> None:
    clock = SteppedClock()
    lock = Lock(*[BLOCKED] * 40, LOCKED)
    bench = Bench(Disk(), lock, clock=clock)
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    create, failed, locked = bench.close()
    assert clock.waits == [0.5] * 40, "again every half second, without any event of the mouse"
    assert (failed.kind, locked.kind) == (AlertKind.LOCK_FAILED, AlertKind.LOCK_RESULT)
    assert (locked.detail["attempts"], locked.detail["seconds_to_lock"]) == (41, 20.0)
    assert {create.finding_id} == {failed.finding_id, locked.finding_id}


def test_a_lock_that_goes_on_failing_is_reported_again_every_minute() -> None:
    clock = SteppedClock()
    bench = Bench(Disk(), Lock(*[BLOCKED] * 400, LOCKED), clock=clock)
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    _, *updates = bench.close()
    assert [update.kind for update in updates] == [AlertKind.LOCK_FAILED] * 4 + [AlertKind.LOCK_RESULT]


def test_the_owners_proof_ends_the_attempts() -> None:
    clock = SteppedClock()
    lock = Lock(BLOCKED)
    bench = Bench(Disk(), lock, clock=clock)
    clock.after(7.2, bench.responder.withdraw)
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    attempts = lock.attempts
    *_, update = bench.close()
    assert update.detail["lock"] == "withdrawn"
    assert (lock.attempts, bench.broken_off) == (attempts, 1)
    assert attempts == 15


def test_findings_during_the_attempts_are_on_disk_at_once_and_answered_by_the_same_lock() -> None:
    clock = SteppedClock()
    bench = Bench(Disk(), Lock(*[BLOCKED] * 40, LOCKED), clock=clock)
    first, second = finding(), finding()
    clock.after(5.0, lambda: bench.responder.lock(second))
    clock.after(6.0, lambda: until(lambda: second in bench.disk.kept))
    bench.responder.lock(first)
    assert bench.done.wait(5)
    alerts = bench.close()
    of_second = [alert.kind for alert in alerts if alert.finding_id == second.finding_id]
    assert of_second == [AlertKind.INTRUDER, AlertKind.LOCK_RESULT]
    assert bench.reports[-1] == LOCKED
    assert [report.result for report in bench.reports].count(LockResult.LOCKED) == 1


@pytest.mark.parametrize("result", [r for r in LockResult if r is not LockResult.LOCKED])
def test_whatever_keeps_the_lock_from_holding_it_is_tried_again(result: LockResult) -> None:
    clock = SteppedClock()
    bench = Bench(Disk(), Lock(LockReport(result, "x", 0, ("x: no",)), LOCKED), clock=clock)
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    bench.close()
    assert clock.waits[0] <= 30.0
    assert bench.reports[-1] == LOCKED


def test_the_end_of_the_agent_ends_the_attempts_and_no_owner_is_named() -> None:
    tried = threading.Event()
    bench = Bench(Disk(), Lock(BLOCKED, on_lock=tried.set))
    bench.responder.lock(finding())
    assert tried.wait(5)
    alerts = bench.close()
    assert not any("owner, who proved" in alert.message for alert in alerts)


def test_a_hanging_disk_delays_the_lock_by_little_and_loses_nothing() -> None:
    gate = threading.Event()
    locked_ns: list[int] = []
    bench = Bench(Disk(gate=gate), Lock(LOCKED, on_lock=lambda: locked_ns.append(time.monotonic_ns())))
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
    bench = Bench(Disk(), Lock(LOCKED, on_lock=lambda: pytest.fail("locked")), countdown_s=30)
    bench.responder.lock(finding())
    assert bench.started_counting.wait(5)
    bench.responder.withdraw()
    assert bench.done.wait(5)
    create, update = bench.close()
    assert (bench.broken_off, bench.reports) == (1, [])
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
    assert not bench.started_counting.is_set()
    assert bench.notifier.shown == []


def held(*answers: tuple[float, str]) -> tuple[Bench, SteppedClock, list[float]]:
    """A countdown of 10 s; `answers` are seconds after its begin and the call of the responder."""
    clock = SteppedClock()
    locked_s: list[float] = []
    bench = Bench(Disk(), Lock(LOCKED, on_lock=lambda: locked_s.append(clock.time_s)), 10.0, clock)
    for seconds, name in answers:
        clock.after(seconds, getattr(bench.responder, name))
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    bench.close()
    return bench, clock, locked_s


def test_a_question_holds_the_countdown_and_the_proof_ends_it() -> None:
    bench, clock, locked_s = held((4.0, "question_asked"), (30.0, "withdraw"))
    assert (bench.held, bench.broken_off, locked_s) == (1, 1, [])
    assert clock.time_s == 130.0


def test_a_refused_question_locks_at_once() -> None:
    _, _, locked_s = held((4.0, "question_asked"), (9.0, "question_refused"))
    assert locked_s == [109.0]


def test_a_question_without_an_answer_locks_after_thirty_seconds() -> None:
    _, _, locked_s = held((4.0, "question_asked"))
    assert locked_s == [134.0]


def test_a_second_question_about_the_same_finding_holds_nothing() -> None:
    bench, _, locked_s = held((4.0, "question_asked"), (20.0, "question_asked"), (33.0, "question_asked"))
    assert (bench.held, locked_s) == (1, [134.0])


def test_the_next_finding_may_be_held_again() -> None:
    clock = SteppedClock()
    lock = Lock(LOCKED)
    bench = Bench(Disk(), lock, 10.0, clock)
    for number in (1, 2):
        bench.done.clear()
        clock.after(4.0, bench.responder.question_asked)
        bench.responder.lock(finding())
        assert bench.done.wait(5)
        assert (bench.held, lock.attempts) == (number, number)
    bench.close()
    assert clock.time_s == 168.0


class Presented:
    """A finding while somebody presents, with policy's two minutes."""

    def __init__(self, defer_s: float = 120.0) -> None:
        self.clock = SteppedClock()
        self.locked_s: list[float] = []
        lock = Lock(LOCKED, on_lock=lambda: self.locked_s.append(self.clock.time_s))
        self.bench = Bench(Disk(), lock, 10.0, self.clock, defer_s)
        self.bench.presenting = True

    def run(self) -> list[Alert]:
        self.bench.responder.lock(finding())
        assert self.bench.done.wait(5)
        return self.bench.close()


def test_a_presentation_puts_the_lock_off_once_says_so_and_never_prevents_it() -> None:
    presented = Presented()
    create, deferred, locked = presented.run()
    assert presented.locked_s == [230.0]
    assert (deferred.activity, deferred.detail["lock"]) == (Activity.UPDATE, "deferred")
    assert (deferred.detail["deferred_most_s"], deferred.finding_id) == (120.0, create.finding_id)
    assert locked.kind is AlertKind.LOCK_RESULT


def test_the_end_of_the_presentation_locks() -> None:
    presented = Presented()
    presented.clock.after(40.0, lambda: setattr(presented.bench, "presenting", False))
    presented.run()
    assert presented.locked_s == [140.0]


def test_the_owner_ends_a_lock_that_was_put_off() -> None:
    presented = Presented()
    presented.clock.after(60.0, presented.bench.responder.withdraw)
    *_, last = presented.run()
    assert (presented.locked_s, last.detail["lock"]) == ([], "withdrawn")


def test_by_default_no_presentation_puts_a_lock_off() -> None:
    presented = Presented(defer_s=0.0)
    assert ResponseSettings().defer_while_presenting == 0.0
    assert len(presented.run()) == 2
    assert presented.locked_s == [110.0]


def test_the_worker_knows_of_an_attempt_before_its_record_is_written() -> None:
    order: list[str] = []
    bench = Bench(Disk(), Lock(FAILED, LOCKED), clock=SteppedClock())
    write = bench.writer.write

    def written(alert: Alert) -> object:
        order.append(alert.kind.value)
        return write(alert)

    attempted = bench.attempted
    bench.writer.write = written  # type: ignore[method-assign,assignment]
    bench.attempted = lambda report: (order.append(report.result.name), attempted(report))  # type: ignore[method-assign,assignment,func-returns-value]
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    bench.close()
    assert order == ["intruder", "FAILED", "lock failed", "LOCKED", "lock result"]


def test_what_is_shown_after_a_failed_attempt_says_that_it_goes_on() -> None:
    clock = SteppedClock()
    bench = Bench(Disk(), Lock(FAILED, LOCKED), clock=clock)
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    bench.close()
    assert bench.notifier.shown == [
        (
            "The screen could not be locked yet",
            "Steadyhand tries again until the screen locks. Lock it yourself if you leave your desk.",
        )
    ]
    assert clock.waits == [2.0]


def test_other_settings_hold_from_the_next_finding_on() -> None:
    bench = Bench(Disk(), Lock(LOCKED), clock=SteppedClock())
    bench.responder.apply_settings(ResponseSettings(countdown_s=2.0))
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    bench.close()
    assert bench.counted == [2.0, 1.0]


def test_an_alert_alone_locks_nothing() -> None:
    bench = Bench(Disk(), Lock(LOCKED, on_lock=lambda: pytest.fail("locked")))
    alone = finding()
    bench.responder.alert(alone)
    assert bench.close() == [alone]


class Attendant:
    """Goes along with countdowns, and may have its owner prove who they are."""

    def __init__(self, on_begin: Callable[[], None] = lambda: None) -> None:
        self.calls: list[str] = []
        self._on_begin = on_begin

    def begin(self) -> None:
        self.calls.append("begin")
        self._on_begin()

    def end(self) -> None:
        self.calls.append("end")


@pytest.mark.parametrize(
    ("second_step", "countdown_s", "calls"),
    [("fingerprint", 2.0, ["begin", "end"]), ("none", 2.0, []), ("fingerprint", 0.0, [])],
)
def test_a_second_step_goes_along_with_the_countdown_where_policy_asks_for_one(
    second_step: str, countdown_s: float, calls: list[str]
) -> None:
    bench = Bench(
        Disk(), Lock(LOCKED), clock=SteppedClock(), countdown_s=countdown_s, second_step=second_step
    )
    attendant = Attendant()
    bench.responder.attend(attendant)
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    bench.close()
    assert attendant.calls == calls
    assert [report.result for report in bench.reports] == [LockResult.LOCKED]


def test_a_proven_second_step_keeps_the_screen_open() -> None:
    bench = Bench(
        Disk(),
        Lock(LOCKED, on_lock=lambda: pytest.fail("locked")),
        clock=SteppedClock(),
        countdown_s=2.0,
        second_step="fingerprint",
    )
    bench.responder.attend(Attendant(bench.responder.withdraw))
    bench.responder.lock(finding())
    assert bench.done.wait(5)
    bench.close()
    assert bench.broken_off == 1
