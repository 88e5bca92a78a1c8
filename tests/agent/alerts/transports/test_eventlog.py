"""Entries of Windows' event log over a scripted table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from agent.alerts.alert import Severity
from agent.alerts.api import DeliveryOutcome
from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.transports import eventlog
from agent.alerts.transports.eventlog import EventLog, NoEventLog
from tests.agent.alerts.fakes import make_record


class ScriptedLog:
    """Takes so many entries, then no more."""

    def __init__(self, room: int = 1000, error: str = "") -> None:
        self.entries: list[tuple[int, int, str]] = []
        self._room = room
        self._error = error

    def write(self, entries: Sequence[tuple[int, int, str]]) -> int:
        if self._error:
            raise OSError(0, self._error)
        taken = list(entries)[: self._room - len(self.entries)]
        self.entries += taken
        return len(taken)


def event(record: Any) -> dict[str, Any]:
    return to_ocsf(record, Product("0.1.0", "Windows"))


@pytest.mark.parametrize(
    ("severity", "level", "number"),
    [
        (Severity.INFORMATIONAL, 4, 0x40000001),
        (Severity.LOW, 4, 0x40000001),
        (Severity.MEDIUM, 2, 0x80000002),
        (Severity.HIGH, 1, 0xC0000003),
        (Severity.CRITICAL, 1, 0xC0000003),
    ],
)
def test_an_alert_is_one_entry_of_its_severity(severity: Severity, level: int, number: int) -> None:
    log, record = ScriptedLog(), make_record(3, severity=severity, message="żółw")
    sent = EventLog(event, log).send([record])
    assert (sent.accepted, sent.outcome) == (1, DeliveryOutcome.OK)
    ((seen_level, seen_number, text),) = log.entries
    assert (seen_level, seen_number) == (level, number)
    assert json.loads(text) == event(record)


def test_what_the_log_did_not_take_is_tried_again() -> None:
    records = [make_record(n) for n in range(3)]
    sent = EventLog(event, ScriptedLog(room=2)).send(records)
    assert (sent.accepted, sent.outcome) == (2, DeliveryOutcome.RETRY)
    sent = EventLog(event, ScriptedLog(error="the source cannot be opened")).send(records)
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)
    assert "the source cannot be opened" in sent.detail


def test_an_alert_that_no_entry_holds_is_refused() -> None:
    log = ScriptedLog()
    sent = EventLog(event, log).send([make_record(1, message="x" * 40_000)])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.TOO_LARGE)
    assert log.entries == []


def test_without_records_only_the_source_is_opened() -> None:
    assert EventLog(event, ScriptedLog()).send([]).outcome is DeliveryOutcome.OK
    assert EventLog(event, ScriptedLog(error="no")).send([]).outcome is DeliveryOutcome.RETRY


def test_where_there_is_no_event_log_somebody_must_mend_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eventlog, "has_event_log", lambda: False)
    built = eventlog.build(eventlog.EventLogSettings(True), None)  # type: ignore[arg-type]
    assert isinstance(built, NoEventLog)
    sent = built.send([make_record(1)])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert "alerts.eventlog" in sent.detail
