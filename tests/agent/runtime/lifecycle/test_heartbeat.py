"""The sign of life, and what the agent notices about itself from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from agent.alerts.alert import Alert, AlertKind, Severity
from agent.alerts.chained_delivery import Before
from agent.config.fingerprints import Installation
from agent.files.ledger import Gone
from agent.host.session_fate import SessionFate
from agent.host.usage import Usage, own_usage
from agent.runtime.lifecycle.heartbeat import Heartbeat
from agent.runtime.lifecycle.resource_budget import BEATS_OVER, ClockReading
from agent.runtime.lifecycle.run_alerts import confirmed, end_of_run, restarted, stopped
from agent.runtime.status.snapshot import Command, State, Status
from tests.agent.runtime.fakes import SECOND, WORDING

MINUTE = 60 * SECOND


@dataclass
class Bench:
    """A heartbeat whose world is set by hand."""

    clock: ClockReading = field(default_factory=lambda: ClockReading(1000 * SECOND, 1_700_000_000 * SECOND))
    usage: Usage = field(default_factory=lambda: Usage(0, 40.0))
    installed: Installation = field(default_factory=lambda: Installation("", (), {"a.profile": "1"}))
    status: Status = field(
        default_factory=lambda: Status(state=State.PROTECTING, profile_id="p-1", last_lock="locked")
    )
    alerts: list[Alert] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    rate: bool = True
    gone: Gone = field(default_factory=Gone)
    damaged: tuple[str, ...] = ()
    alive_states: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.heart = Heartbeat(WORDING, self, Readings(self), self, reports_rate=self.rate)
        self.heart.begin()

    def alert(self, alert: Alert) -> None:
        self.alerts.append(alert)

    def policy_changed(self) -> None:
        self.told.append("policy")

    def profiles_changed(self) -> None:
        self.told.append("profiles")

    def over_budget(self) -> None:
        self.told.append("budget")

    def alive(self, state: str) -> None:
        self.alive_states.append(state)

    def minute(self, *, events: int = 0, wall_s: float = 60.0, cpu_s: float = 0.5) -> list[Alert]:
        """A minute later: the alerts of one beat."""
        self.clock = ClockReading(self.clock.boot_ns + MINUTE, self.clock.wall_ns + int(wall_s * SECOND))
        self.usage = replace(self.usage, cpu_ns=self.usage.cpu_ns + int(cpu_s * SECOND))
        self.status = replace(self.status, events=self.status.events + events)
        self.alerts.clear()
        self.heart.beat()
        return list(self.alerts)


class Readings:
    """What the bench's heartbeat observes."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def clock(self) -> ClockReading:
        return self._bench.clock

    def usage(self) -> Usage:
        return self._bench.usage

    def installation(self) -> Installation:
        return self._bench.installed

    def status(self) -> Status:
        return self._bench.status

    def gone_recordings(self) -> Gone:
        return self._bench.gone

    def damaged_files(self) -> tuple[str, ...]:
        return self._bench.damaged


def kinds(alerts: list[Alert]) -> list[AlertKind]:
    return [alert.kind for alert in alerts]


def test_it_says_what_the_security_team_counts_on() -> None:
    bench = Bench()
    bench.minute(events=1)
    (beat,) = bench.minute(events=600)
    assert beat.kind is AlertKind.HEARTBEAT
    assert beat.detail["beat"] == 2
    assert beat.detail["events_per_s"] == 10.0
    assert beat.detail["uptime_s"] == 120
    assert beat.detail["cpu_percent"] == pytest.approx(0.83)
    assert beat.detail["rss_mb"] == 40.0
    assert beat.detail["profile_hashes"] == ["1"]
    assert beat.detail["last_lock"] == "locked"
    assert bench.alive_states == ["protecting", "protecting"]
    assert beat.detail["state"] == "protecting"
    assert beat.detail.keys() >= {"outbox_depth", "policy_hash", "profile_id", "mode"}


def test_without_the_figure_of_activity_nothing_follows_the_use_of_the_mouse() -> None:
    bench = Bench(rate=False)
    (busy,), (idle,) = bench.minute(events=600), bench.minute(events=600)
    assert busy.detail.keys().isdisjoint({"events_per_s", "cpu_percent", "state"})
    changing = {name for name in busy.detail if busy.detail[name] != idle.detail[name]}
    assert changing == {"beat", "uptime_s"}
    assert busy.message == "The agent is alive"
    assert busy.detail["sees"] is True


@pytest.mark.parametrize(("wall_s", "words"), [(3660.0, "3600 s forward"), (-540.0, "600 s back")])
def test_a_clock_that_was_set_is_told_once(wall_s: float, words: str) -> None:
    bench = Bench()
    step, _ = bench.minute(wall_s=wall_s)
    assert step.kind is AlertKind.CLOCK_STEPPED
    assert words in step.message
    assert kinds(bench.minute()) == [AlertKind.HEARTBEAT]


def test_a_damaged_file_is_an_alert_of_its_own_once() -> None:
    bench = Bench()
    bench.damaged = ("chain.json was damaged",)
    damage, beat = bench.minute()
    assert (damage.kind, damage.message) == (AlertKind.STATE_DAMAGED, "chain.json was damaged")
    assert beat.kind is AlertKind.HEARTBEAT
    assert kinds(bench.minute()) == [AlertKind.HEARTBEAT]


def test_what_a_time_server_corrects_is_no_step() -> None:
    assert kinds(Bench().minute(wall_s=62.0)) == [AlertKind.HEARTBEAT]


def test_a_changed_policy_is_told_with_both_hashes() -> None:
    bench = Bench()
    bench.installed = replace(bench.installed, policy="b" * 64)
    changed, beat = bench.minute()
    assert changed.kind is AlertKind.POLICY_CHANGED
    assert (changed.detail["before"], changed.detail["now"]) == ("", "b" * 64)
    assert beat.detail["policy_hash"] == "b" * 64
    assert bench.told == ["policy"]
    assert kinds(bench.minute()) == [AlertKind.HEARTBEAT]


def test_a_policy_that_turned_bad_is_told_once() -> None:
    bench = Bench()
    bench.installed = replace(bench.installed, problems=("managed policy not used: x",))
    assert kinds(bench.minute()) == [AlertKind.POLICY_REJECTED, AlertKind.HEARTBEAT]
    assert kinds(bench.minute()) == [AlertKind.HEARTBEAT]


@pytest.mark.parametrize(
    ("profiles", "words"),
    [
        ({"a.profile": "2"}, "The profile a.profile was replaced"),
        ({}, "The profile a.profile was taken away"),
        ({"a.profile": "1", "b.profile": "9"}, "The profile b.profile was added"),
    ],
)
def test_a_changed_profile_is_told_and_looked_at_again(profiles: dict[str, str], words: str) -> None:
    bench = Bench()
    bench.installed = replace(bench.installed, profiles=profiles)
    changed, _ = bench.minute()
    assert (changed.kind, changed.message) == (AlertKind.PROFILE_CHANGED, words)
    assert bench.told == ["profiles"]


def test_the_agents_own_new_profile_is_no_surprise() -> None:
    bench = Bench()
    bench.installed = replace(bench.installed, profiles={"a.profile": "2"})
    bench.heart.accept_profiles()
    assert kinds(bench.minute()) == [AlertKind.HEARTBEAT]


def test_too_much_for_too_long_is_told_a_peak_is_not() -> None:
    bench = Bench()
    assert kinds(bench.minute(cpu_s=30)) == [AlertKind.HEARTBEAT]
    assert kinds(bench.minute()) == [AlertKind.HEARTBEAT]
    seen = [kinds(bench.minute(cpu_s=30)) for _ in range(BEATS_OVER)]
    assert seen[:-1] == [[AlertKind.HEARTBEAT]] * (BEATS_OVER - 1)
    assert seen[-1] == [AlertKind.OVER_BUDGET, AlertKind.HEARTBEAT]
    assert bench.told == ["budget"]
    bench.usage = Usage(bench.usage.cpu_ns, 900.0)
    fat = [bench.minute() for _ in range(BEATS_OVER)]
    assert "900 MB of memory" in fat[-1][0].message


def test_a_system_that_does_not_tell_memory_is_no_reason_to_complain() -> None:
    bench = Bench()
    bench.usage = Usage(0, None)
    assert [kinds(bench.minute()) for _ in range(5)] == [[AlertKind.HEARTBEAT]] * 5


def test_this_process_can_be_measured() -> None:
    usage = own_usage()
    assert usage.cpu_ns > 0
    assert usage.rss_mb is None or 5 < usage.rss_mb < 5000


NOW = ClockReading(1000 * SECOND, 1_700_000_000 * SECOND)


def test_a_kill_is_told_from_a_power_cut_and_from_an_end() -> None:
    assert restarted(Before(), NOW, WORDING) is None
    assert restarted(Before(True, True, NOW.wall_ns), NOW, WORDING) is None
    killed = restarted(Before(True, False, NOW.wall_ns - 3 * SECOND), NOW, WORDING)
    assert killed is not None
    assert (killed.kind, killed.detail["silent_s"]) == (AlertKind.KILLED, 3.0)
    assert "was killed" in killed.message
    assert killed.severity is Severity.HIGH
    down = restarted(Before(True, False, NOW.wall_ns - 2000 * SECOND), NOW, WORDING)
    assert down is not None
    assert down.detail["computer_restarted"]
    assert "went down" in down.message
    assert down.severity is Severity.LOW
    damaged = restarted(Before(problem="the chain of alerts begins anew: x"), NOW, WORDING)
    assert damaged is not None
    assert "anew" in damaged.message


@pytest.mark.parametrize(
    ("before", "now", "is_kill"),
    [("3", "3", True), ("3", "5", False), ("3", "", False), ("", "5", True), ("", "", True)],
    ids=["same session", "next login", "it ends now", "unknown before", "unknown"],
)
def test_a_run_that_ended_with_its_session_is_no_severe_alert(before: str, now: str, is_kill: bool) -> None:
    """A compositor that goes away takes a tray along without a word: GNOME and sway do so at each logout."""
    run = Before(True, False, NOW.wall_ns - 3 * SECOND, session=before)
    alert = restarted(run, NOW, WORDING, now)
    assert alert is not None
    assert alert.severity is (Severity.HIGH if is_kill else Severity.LOW)
    assert alert.detail.get("computer_restarted") is (False if is_kill else None)
    assert alert.detail.get("session_ended", False) is not is_kill


@pytest.mark.parametrize(
    ("fate", "ordered", "restarts", "end", "severity", "words"),
    [
        (SessionFate.SHUTTING_DOWN, True, False, "shutdown", Severity.LOW, "computer shuts down"),
        (SessionFate.ENDING, True, False, "session end", Severity.LOW, "session ends"),
        (SessionFate.GOES_ON, True, False, "signal", Severity.MEDIUM, "session goes on without it"),
        (SessionFate.UNKNOWN, True, False, "unknown", Severity.LOW, "a signal or the end of the session"),
        (SessionFate.GOES_ON, True, True, "restart", Severity.LOW, "restarts by itself"),
        (SessionFate.GOES_ON, False, False, "error", Severity.LOW, "An error"),
        (SessionFate.SHUTTING_DOWN, False, True, "error", Severity.LOW, "An error"),
    ],
)
def test_every_end_says_what_ended_it(
    fate: SessionFate, ordered: bool, restarts: bool, end: str, severity: Severity, words: str
) -> None:
    alert = stopped(end_of_run(fate, ordered=ordered, restarts=restarts), WORDING)
    assert (alert.kind, alert.severity, alert.detail["end"]) == (AlertKind.STOPPED, severity, end)
    assert words in alert.message


def test_every_proof_is_told() -> None:
    quit_alert = confirmed(Command.QUIT, WORDING)
    enrol_alert = confirmed(Command.ENROL, WORDING)
    assert quit_alert is not None
    assert enrol_alert is not None
    assert (quit_alert.kind, quit_alert.detail["authenticated"]) == (AlertKind.QUIT, True)
    assert (enrol_alert.kind, enrol_alert.detail["authenticated"]) == (AlertKind.CONFIRMED, True)
    assert confirmed(Command.PAUSE, WORDING) is None, "the worker raises it, with how long it lasts"


def test_recordings_that_have_gone_are_told_with_who_allowed_it() -> None:
    bench = Bench(gone=Gone(by_owner=2))
    detail = bench.alerts[0].detail
    assert (detail["authenticated"], detail["recordings"]) == (True, 2), "while no agent ran"
    bench.gone = Gone(by_nobody=1)
    erased, beat = bench.minute()
    assert (erased.kind, beat.kind) == (AlertKind.RECORDINGS_ERASED, AlertKind.HEARTBEAT)
    assert (erased.detail["authenticated"], erased.detail["recordings"]) == (False, 1)
    bench.gone = Gone()
    assert kinds(bench.minute()) == [AlertKind.HEARTBEAT]
