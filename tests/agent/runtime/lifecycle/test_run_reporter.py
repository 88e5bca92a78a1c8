"""How runs begin and end stands in the record, each once."""

from __future__ import annotations

import pytest

from agent.alerts.alert import Alert, AlertKind, Severity
from agent.alerts.chained_delivery import Before
from agent.files.version import ProgramVersion
from agent.host.servicemanager import ServiceManager
from agent.host.start_environment import StartFindings
from agent.runtime.lifecycle.run_alerts import EndOfRun
from agent.runtime.lifecycle.run_reporter import RunReporter
from agent.runtime.status.snapshot import Command
from tests.agent.runtime.fakes import WORDING

MANAGED = {"NOTIFY_SOCKET": "/run/x"}


class Sink:
    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def alert(self, alert: Alert) -> None:
        self.alerts.append(alert)

    def kinds(self) -> list[AlertKind]:
        return [alert.kind for alert in self.alerts]


def reporter(sink: Sink, environ: dict[str, str]) -> RunReporter:
    return RunReporter(WORDING, sink, ServiceManager(environ))


def test_a_run_that_ended_well_is_not_reported_and_a_killed_one_is() -> None:
    sink = Sink()
    reporter(sink, {}).previous_run(Before())
    assert sink.alerts == []
    reporter(sink, {}).previous_run(Before(True, False, 1))
    assert sink.kinds() == [AlertKind.KILLED]


OLD = ProgramVersion("0.9.0", "a" * 40)
NEW = ProgramVersion("0.10.0", "b" * 40)


@pytest.mark.parametrize(
    ("last", "now", "is_downgrade"),
    [
        (OLD, NEW, False),
        (NEW, OLD, True),
        (ProgramVersion(), NEW, False),
        (OLD, ProgramVersion("0.9.0"), False),
    ],
)
def test_another_version_or_build_than_before_is_reported(
    last: ProgramVersion, now: ProgramVersion, is_downgrade: bool
) -> None:
    sink = Sink()
    reporter(sink, {}).previous_run(Before(True, True, 1, program=last), program=now)
    (alert,) = sink.alerts
    assert (alert.kind.value, int(alert.severity)) == ("upgraded", 2)
    assert {key: entry for key, entry in alert.detail.items() if key != "playbook"} == {
        "from_version": last.number,
        "to_version": now.number,
        "from_commit": last.commit,
        "to_commit": now.commit,
        "downgrade": is_downgrade,
    }
    assert alert.message.endswith(": a downgrade") is is_downgrade


def test_a_version_is_reported_in_words() -> None:
    sink = Sink()
    reporter(sink, {}).previous_run(Before(True, program=OLD), program=NEW)
    reporter(sink, {}).previous_run(Before(True, program=ProgramVersion()), program=ProgramVersion("0.2.0"))
    assert [alert.message for alert in sink.alerts] == [
        "Steadyhand 0.10.0 (commit bbbbbbbbbbbb) runs for the first time; before it ran 0.9.0 (commit aaaaaaaaaaaa)",
        "Steadyhand 0.2.0 runs for the first time; before it ran an earlier version",
    ]


def test_the_same_version_or_a_first_run_is_not_reported() -> None:
    sink = Sink()
    reporter(sink, {}).previous_run(Before(), program=NEW)
    reporter(sink, {}).previous_run(Before(problem="the chain of alerts begins anew: x"), program=NEW)
    reporter(sink, {}).previous_run(Before(True, False, 1, program=NEW), program=NEW)
    assert sink.kinds() == [AlertKind.KILLED, AlertKind.KILLED]


def test_the_start_names_every_policy_that_is_not_used() -> None:
    sink = Sink()
    reporter(sink, {}).started(["managed policy not used: x", "devices: y"])
    assert sink.kinds() == [AlertKind.STARTED, AlertKind.POLICY_REJECTED, AlertKind.POLICY_REJECTED]
    assert [alert.message for alert in sink.alerts[1:]] == ["managed policy not used: x", "devices: y"]


def test_a_start_that_was_tampered_with_is_one_severe_alert() -> None:
    sink = Sink()
    reporter(sink, {}).started(
        [], StartFindings(("it was started with LD_PRELOAD", "it runs with PYTHONPATH"))
    )
    (alert,) = sink.alerts
    assert (alert.kind, alert.severity) == (AlertKind.STARTED, Severity.HIGH)
    assert "it was started with LD_PRELOAD; it runs with PYTHONPATH" in alert.message
    reporter(sink, {}).started([])
    assert (sink.alerts[1].severity, sink.alerts[1].message) == (Severity.INFORMATIONAL, "The agent started")


def test_a_start_for_another_session_is_a_severe_alert_of_its_own() -> None:
    sink = Sink()
    reporter(sink, {}).started([], StartFindings((), ("DISPLAY is ':7'", "XDG_SESSION_ID is '9'")))
    assert sink.kinds() == [AlertKind.STARTED, AlertKind.FOREIGN_ENVIRONMENT]
    assert [alert.severity for alert in sink.alerts] == [Severity.INFORMATIONAL, Severity.HIGH]
    assert "DISPLAY is ':7'; XDG_SESSION_ID is '9'" in sink.alerts[1].message


def test_a_shutdown_is_reported_while_there_is_time_and_once() -> None:
    sink, now_ns = Sink(), [0]
    made = RunReporter(WORDING, sink, ServiceManager({}), lambda: now_ns[0])
    made.shutdown_begins()
    (alert,) = sink.alerts
    assert (alert.kind, alert.detail["end"]) == (AlertKind.STOPPED, "shutdown")
    now_ns[0] = 119_000_000_000
    assert made.final_alert(EndOfRun.SHUTDOWN) is None
    # It was called off, and the agent ends two hours later.
    now_ns[0] = 7_200_000_000_000
    later = made.final_alert(EndOfRun.SIGNAL)
    assert later is not None
    assert later.detail["end"] == "signal"


@pytest.mark.parametrize(("environ", "for_good"), [(MANAGED, True), ({}, False)])
def test_a_proven_end_is_reported_once_and_for_good(environ: dict[str, str], for_good: bool) -> None:
    sink = Sink()
    made = reporter(sink, environ)
    assert not made.ends_for_good
    made.confirmed(Command.QUIT)
    assert sink.kinds() == [AlertKind.QUIT]
    assert made.final_alert(EndOfRun.SIGNAL) is None
    assert made.ends_for_good is for_good


def test_any_other_end_is_reported_at_the_end() -> None:
    sink = Sink()
    made = reporter(sink, MANAGED)
    made.confirmed(Command.PAUSE)
    made.confirmed(Command.IT_WAS_ME)
    assert sink.kinds() == [AlertKind.CONFIRMED]
    ended = made.final_alert(EndOfRun.UNKNOWN)
    assert ended is not None
    assert (ended.kind, "signal" in ended.message) == (AlertKind.STOPPED, True)
    assert not made.ends_for_good
