"""Sessions whose agent is gone: who is reported, when, and what policy's answer does. No clock, no bus."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.alert import Alert, AlertKind, Severity
from agent.alerts.wire import alert_to_json
from agent.config.absence_settings import AbsenceSettings
from agent.relay.active_sessions import ShownSession
from agent.relay.agent_register import AgentRegister
from agent.relay.intake import Intake
from agent.relay.register_file import RegisterFile
from agent.relay.screen_locker import ScreenOutcome, ScreenReport
from agent.relay.session_guard import AbsenceNews, SessionGuard
from tests.agent.alerts.fakes import Clock, make_alert
from tests.agent.relay.bench import Kept

SECOND = 1_000_000_000
ADA = ShownSession("2", 1000, "seat0")
STARTED, STOPPED, HEARTBEAT = AlertKind.STARTED, AlertKind.STOPPED, AlertKind.HEARTBEAT
OPEN = ScreenReport(ScreenOutcome.NOT_TRIED)
HELD = ScreenReport(ScreenOutcome.ALREADY_LOCKED)
LOCKED = ScreenReport(ScreenOutcome.LOCKED, ("logind: locked",))
FAILED = ScreenReport(ScreenOutcome.FAILED, ("logind: no",))


class AtOnce(Executor):
    """Runs what it is given before it returns."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments, **named))
        except RuntimeError as error:
            future.set_exception(error)
        return future


class Screen:
    """A session's screen: whether it says that it is locked, and what trying to lock it comes to."""

    def __init__(self) -> None:
        self.says_locked = False
        self.outcome = LOCKED
        self.done: list[str] = []

    def look(self, _: ShownSession) -> ScreenReport:
        return HELD if self.says_locked else OPEN

    def lock(self, session: ShownSession) -> ScreenReport:
        if self.says_locked:
            return HELD
        self.done.append("lock")
        self.says_locked = self.outcome is LOCKED
        return self.outcome

    def show_greeter(self, session: ShownSession) -> ScreenReport:
        self.done.append("greeter")
        return ScreenReport(ScreenOutcome.GREETER)


class Watch:
    """The guard over one seat, a second at a time."""

    def __init__(self, **settings: Any) -> None:
        self.agents, self.screen = AgentRegister(), Screen()
        self.shown: tuple[ShownSession, ...] = (ADA,)
        self.moved_s: int | None = None
        self.now_s = 0
        self._guard = SessionGuard(
            AbsenceSettings(**settings),
            lambda: self.shown,
            self.screen,  # type: ignore[arg-type]
            self,
            AtOnce(),
        )

    def last_moved_ns(self, seat: str) -> int | None:
        assert seat == "seat0"
        return None if self.moved_s is None else self.moved_s * SECOND

    def heard(self, kind: AlertKind) -> None:
        self.agents.heard(1000, "ada", kind, self.now_s * SECOND)

    def until(self, end_s: int) -> list[tuple[int, AbsenceNews]]:
        """Let time pass; what is new, and when."""
        news = []
        while self.now_s < end_s:
            self.now_s += 1
            news += [(self.now_s, each) for each in self._guard.look(self.agents, self.now_s * SECOND)]
        return news

    def until_reported(self, end_s: int) -> list[int]:
        return [at_s for at_s, each in self.until(end_s) if each.screen is None]


@pytest.mark.parametrize("kind", [AlertKind.STOPPED, AlertKind.QUIT])
def test_an_agent_that_ended_is_reported_once_while_its_session_goes_on(kind: AlertKind) -> None:
    watch = Watch()
    watch.until(5)
    watch.heard(kind)
    assert watch.until_reported(150) == []
    (at_s,) = watch.until_reported(900)
    assert 155 < at_s <= 161
    watch.heard(STARTED)
    assert watch.until_reported(1040) == []


def test_a_process_that_ended_without_a_word_is_noticed_by_its_end_and_forgiven_when_it_is_back() -> None:
    watch = Watch(after_s=20)
    watch.heard(STARTED)
    watch.until(30)
    watch.agents.process_ended(1000, 30 * SECOND)
    watch.until(33)
    watch.heard(STARTED)
    assert watch.until_reported(90) == []
    watch.agents.process_ended(1000, 90 * SECOND)
    (at_s,) = watch.until_reported(300)
    assert 110 < at_s <= 116


def test_an_agent_that_is_held_still_counts_as_gone_from_its_last_word() -> None:
    watch = Watch(after_s=100)
    watch.heard(HEARTBEAT)
    (at_s,) = watch.until_reported(400)
    assert 150 < at_s <= 156


def test_a_login_long_after_the_end_has_its_time_to_start_the_agent() -> None:
    watch = Watch()
    watch.heard(STOPPED)
    watch.shown = ()
    assert watch.until_reported(5000) == []
    watch.shown = (ADA,)
    assert watch.until_reported(5070) == []
    watch.heard(STARTED)
    assert watch.until_reported(5200) == []


def test_a_program_that_reports_and_never_says_that_it_lives_is_no_agent_and_is_not_missed() -> None:
    watch = Watch()
    watch.heard(AlertKind.MOUSE_TAMPERING)
    assert watch.until_reported(600) == []
    assert list(watch.agents.fallen_silent(600 * SECOND)) == []
    watch.heard(STARTED)
    watch.heard(AlertKind.MOUSE_TAMPERING)
    assert len(list(watch.agents.fallen_silent(1200 * SECOND))) == 1


def test_each_return_to_the_screen_is_reported_anew() -> None:
    watch = Watch()
    watch.heard(STOPPED)
    assert len(watch.until_reported(200)) == 1
    watch.shown = ()
    watch.until(210)
    watch.shown = (ADA,)
    assert len(watch.until_reported(500)) == 1


def test_who_never_had_an_agent_is_missed_where_policy_says_so() -> None:
    assert Watch().until_reported(600) == []
    assert len(Watch(expected_of="everybody").until_reported(600)) == 1


def test_by_default_nothing_is_locked() -> None:
    watch = Watch()
    watch.heard(STOPPED)
    watch.until(1000)
    assert watch.screen.done == []


def test_policy_locks_it_and_again_some_time_after_each_unlock() -> None:
    watch = Watch(answer="lock", after_s=30)
    watch.heard(STOPPED)
    news = watch.until(100)
    assert [each.screen for _, each in news] == [None, LOCKED]
    assert news[1][0] <= 45
    assert watch.screen.done == ["lock"]
    watch.until(500)
    assert watch.screen.done == ["lock"], "a locked screen is left alone"
    watch.screen.says_locked = False
    watch.until(525)
    assert watch.screen.done == ["lock"], "the owner has time to start the agent"
    watch.until(545)
    assert watch.screen.done == ["lock", "lock"]
    watch.screen.says_locked = False
    watch.heard(STARTED)
    watch.until(650)
    assert watch.screen.done == ["lock", "lock"]


def test_a_failure_is_tried_again_and_reported_once_in_ten_minutes() -> None:
    watch = Watch(answer="lock", after_s=60)
    watch.heard(STOPPED)
    watch.screen.outcome = FAILED
    failures = [at_s for at_s, each in watch.until(900) if each.screen is FAILED]
    assert len(failures) == 2
    assert failures[1] - failures[0] >= 600
    assert len(watch.screen.done) >= 20


def test_an_attempt_that_raises_is_a_failure_and_ends_nothing() -> None:
    watch = Watch(answer="lock", after_s=30)
    watch.heard(STOPPED)

    def fails(_: ShownSession) -> ScreenReport:
        raise RuntimeError("no bus")

    watch.screen.lock = fails  # type: ignore[method-assign]
    (_, news) = [each for _, each in watch.until(100)]
    assert news.screen is not None
    assert news.screen.outcome is ScreenOutcome.FAILED
    assert "no bus" in news.screen.tried[0]


def test_a_mouse_that_is_known_to_rest_is_not_locked_until_it_moves() -> None:
    watch = Watch(answer="lock", after_s=30)
    watch.until(10)
    watch.moved_s = 9
    watch.heard(STOPPED)
    ((_, report),) = watch.until(200)
    assert report.is_moving is False
    assert watch.screen.done == []
    watch.moved_s = 200
    watch.until(215)
    assert watch.screen.done == ["lock"]


def test_one_that_is_used_without_a_mouse_is_locked_ten_minutes_later() -> None:
    """A keyboard, a touchpad or a touch screen alone: no mouse moves."""
    watch = Watch(answer="lock", after_s=30)
    watch.until(10)
    watch.moved_s = 9
    watch.heard(STOPPED)
    watch.until(10 + 30 + 595)
    assert watch.screen.done == []
    watch.until(10 + 30 + 615)
    assert watch.screen.done == ["lock"]


def test_a_session_that_says_locked_while_its_mouse_moves_on_gets_the_greeter() -> None:
    watch = Watch(answer="lock", after_s=30)
    watch.heard(STOPPED)
    watch.screen.says_locked = True
    watch.until(500)
    assert watch.screen.done == [], "without a witness of movement its word stands"
    for _ in range(100):
        watch.moved_s = watch.now_s
        watch.until(watch.now_s + 1)
    assert watch.screen.done == ["greeter"]


def test_whoever_types_a_password_is_let_alone() -> None:
    watch = Watch(answer="lock", after_s=30)
    watch.heard(STOPPED)
    watch.screen.says_locked = True
    for _ in range(10):
        for _ in range(30):
            watch.moved_s = watch.now_s
            watch.until(watch.now_s + 1)
        watch.until(watch.now_s + 30)
    assert watch.screen.done == []


def test_the_greeter_comes_whatever_the_session_says_where_policy_wants_it() -> None:
    watch = Watch(answer="greeter", after_s=30)
    watch.heard(STOPPED)
    watch.screen.says_locked = True
    watch.until(45)
    assert watch.screen.done == ["greeter"]


def raised(tmp_path: Path, screen: ScreenReport) -> list[Alert]:
    taken, clock = Kept(), Clock()
    mine = ShownSession("2", 0, "seat0")
    locker = Screen()
    locker.outcome = screen
    guard = SessionGuard(
        AbsenceSettings(answer="lock", after_s=30),
        lambda: (mine,),
        locker,  # type: ignore[arg-type]
        Watch(),
        AtOnce(),
    )
    intake = Intake(taken, RegisterFile(tmp_path / "agents.json", "b"), "desk-7", clock, lambda: 9, guard)
    intake.begin()
    intake.answer(alert_to_json(make_alert(kind=STOPPED)).encode(), intake.peer(1, 0))
    for _ in range(12):
        intake.tick()
        clock.forward(6)
    return [alert for alert in taken.alerts if alert.kind not in (STOPPED, HEARTBEAT)]


@pytest.mark.parametrize(
    ("screen", "kind", "severity", "ending"),
    [
        (LOCKED, AlertKind.LOCK_RESULT, Severity.HIGH, "it was locked through logind"),
        (FAILED, AlertKind.LOCK_FAILED, Severity.CRITICAL, "and the screen could NOT be locked"),
    ],
)
def test_the_relay_raises_it_high_and_says_what_became_of_the_answer(
    tmp_path: Path, screen: ScreenReport, kind: AlertKind, severity: Severity, ending: str
) -> None:
    silent, answer = raised(tmp_path, screen)
    assert (silent.kind, silent.severity) == (AlertKind.SILENT, Severity.HIGH)
    assert (silent.user, silent.detail["peer_uid"], silent.detail["session"]) == ("root", 0, "2")
    assert "is not running, and their session goes on without it" in silent.message
    assert "mouse_moves" not in silent.detail
    assert (answer.kind, answer.severity) == (kind, severity)
    assert answer.message.endswith(ending)
    assert answer.detail["tried"] == list(screen.tried)
