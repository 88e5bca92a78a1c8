"""Verification of exports: every form that receivers write, every field with a judgement, and what is left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agent.alerts.alert import Activity, Alert, AlertKind, LaterKind, Severity
from agent.alerts.api import Record
from agent.alerts.hash_chain import Link, link_hash, sealed, sealed_content
from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.transports.otlp import OtlpContext, export_request
from agent.alerts.transports.webhook import payload
from agent.alerts.verify import verify
from tests.agent.alerts.fakes import STREAM, make_alert

PRODUCT = Product("0.1.0", "Linux")
ORIGIN = {"uid": "1000", "ip": "192.0.2.7", "session": "c2", "remote": False, "seat": "seat0"}
DETAIL = {
    "verdict": "intruder",
    "trust": 3,
    "posterior": 0.0204,
    "share": 1 / 3,
    "origin": ORIGIN,
    "playbook": "https://wiki.example/intruder.md",
}


def chained(*alerts: Alert) -> list[Record]:
    link = Link("4f0c1f5e-7a2b-4d53-9b1c-0d8f2a4c9e10")
    records = []
    for number, alert in enumerate(alerts, 1):
        linked, link = sealed(alert, link)
        records.append(Record(STREAM, number, linked))
    return records


@pytest.fixture
def record() -> Record:
    return chained(make_alert(detail=DETAIL, reasons=("speed: higher (v_mean +1.1 sd)", "pauses: fewer")))[0]


def event_of(record: Record) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(json.dumps(to_ocsf(record, PRODUCT)))
    return event


FORMS: dict[str, Callable[[Record], str]] = {
    "JSON lines": lambda record: json.dumps(event_of(record)),
    "with a byte order mark": lambda record: "\ufeff" + json.dumps(event_of(record)),
    "rsyslog's file": lambda record: (
        "2026-01-01T00:00:00.123456+00:00 laptop-17 steadyhand "
        + json.dumps(event_of(record), ensure_ascii=False)
    ),
    "rsyslog's file, older agents": lambda record: (
        "2026-01-01T00:00:00+00:00 laptop-17 steadyhand[1]: \ufeff" + json.dumps(event_of(record))
    ),
    "HEC": lambda record: json.dumps({"time": "1.0", "host": "laptop-17", "event": event_of(record)}),
    "Splunk's export": lambda record: json.dumps(
        {"preview": False, "result": {"_raw": json.dumps(event_of(record)), "host": "laptop-17"}}
    ),
    "Elastic's hit": lambda record: json.dumps({"_index": "logs", "_id": "x", "_source": event_of(record)}),
    "Elastic's hit, enriched": lambda record: json.dumps(
        {
            "_source": event_of(record)
            | {"@timestamp": "2026", "ecs": {"version": "8"}, "host": {"name": "agent"}}
        }
    ),
    "Elastic's original": lambda record: json.dumps(
        {
            "_source": {
                "@timestamp": "2026",
                "event": {"kind": "alert", "original": json.dumps(event_of(record))},
            }
        }
    ),
    "syslog-ng": lambda record: json.dumps({"pri": "83", "msg": json.dumps(event_of(record))}),
    "journalctl -o json": lambda record: json.dumps(
        {"MESSAGE": "Somebody {else}", "STEADYHAND_OCSF": json.dumps(event_of(record))}
    ),
    "webhook": lambda record: payload(record, event_of(record)).decode(),
    "OpenTelemetry": lambda record: json.dumps(
        export_request(record, OtlpContext(lambda record: to_ocsf(record, PRODUCT), PRODUCT))
    ),
    "an array": lambda record: json.dumps([event_of(record)]),
    "Elastic's search": lambda record: json.dumps(
        {"took": 1, "hits": {"total": {"value": 1}, "hits": [{"_source": event_of(record)}]}}
    ),
    "HEC, several in a row": lambda record: json.dumps({"event": event_of(record)}) * 2,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_that_a_receiver_writes_is_read(form: str, record: Record) -> None:
    report = verify([FORMS[form](record)])
    assert (report.problems, report.alerts, report.unlinked) == ((), 1, 0)
    forged = replace(record, alert=replace(record.alert, message="nothing happened"))
    assert "was changed" in verify([FORMS[form](forged)]).problems[0]


EDITS: dict[str, Any] = {
    "confidence_score": 99,
    "confidence_id": 3,
    "confidence": "High",
    "risk_score": 1,
    "risk_level_id": 1,
    "risk_level": "Low",
    "severity": "Low",
    "severity_id": 1,
    "is_alert": False,
    "status": "Resolved",
    "status_id": 4,
    "activity_id": 3,
    "activity_name": "Close",
    "type_uid": 200403,
    "type_name": "Detection Finding: Close",
    "class_name": "Compliance Finding",
    "category_name": "Discovery",
    "metadata.event_code": "heartbeat",
    "metadata.version": "1.0.0",
    "message": "nothing happened",
    "finding_info.title": "All is well",
    "finding_info.desc": "Nothing departed.",
    "finding_info.attacks": [],
    "finding_info.types": ["heartbeat"],
    "evidences": [],
    "anomaly_analyses": [],
    "remediation.desc": "Do nothing",
    "remediation.references": ["https://evil.example"],
    "actor.session.is_remote": True,
    "actor.user.uid": "0",
    "device.ip": "192.0.2.9",
    "unmapped.posterior": 0.9,
    "unmapped.trust": 100,
    "unmapped.origin.remote": True,
    "unmapped.playbook": "https://evil.example",
    "unmapped.chain.form": 1,
    "unmapped.chain.hash": "0" * 64,
}


def edited(event: dict[str, Any], path: str, replacement: Any) -> dict[str, Any]:
    *above, last = path.split(".")
    place = event
    for name in above:
        place = place[name]
    assert place[last] != replacement
    place[last] = replacement
    return event


@pytest.mark.parametrize("path", EDITS)
def test_every_field_that_carries_a_judgement_is_sealed(path: str, record: Record) -> None:
    line = json.dumps(edited(event_of(record), path, EDITS[path]))
    (problem,) = verify([line]).problems
    assert "was changed after it was sent" in problem


def test_fields_that_the_agent_never_writes_are_said_not_to_be_checked(record: Record) -> None:
    """OCSF has a verdict and a disposition, which a receiver or somebody else may add."""
    report = verify([json.dumps(event_of(record) | {"verdict": "False Positive", "disposition": "Allowed"})])
    assert report.problems == ()
    assert "disposition, verdict" in " ".join(report.unchecked)
    assert "disposition" not in " ".join(verify([json.dumps(event_of(record))]).unchecked)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"message": "forged", %s', "a key twice"),
        ('{"x": NaN, %s', "NaN"),
        ('{"x": -Infinity, %s', "-Infinity"),
        ('{"x": %s', "not whole"),
    ],
)
def test_json_that_readers_take_in_different_ways_is_refused(line: str, words: str, record: Record) -> None:
    (problem,) = verify([line % json.dumps(event_of(record))[1:]]).problems
    assert words in problem


def test_the_actions_of_a_bulk_request_are_passed_over(record: Record) -> None:
    report = verify(['{"index": {"_index": "logs"}}', json.dumps(event_of(record))])
    assert (report.problems, report.alerts) == ((), 1)


def test_a_file_of_another_form_is_a_few_lines_and_a_number() -> None:
    problems = verify(json.dumps({"a": [{"b": 1}]}, indent=2).splitlines() * 10).problems
    assert len(problems) == 21
    assert problems[-1] == "and 50 more lines are no alerts"


def test_what_was_taken_out_or_put_in_shows_as_well(record: Record) -> None:
    without = event_of(record)
    del without["confidence_score"]
    assert "confidence_score" in verify([json.dumps(without)]).problems[0]
    (quiet,) = chained(
        make_alert(kind=AlertKind.STARTED, severity=Severity.INFORMATIONAL, detail={}, reasons=())
    )
    added = event_of(quiet) | {"confidence_score": 1, "risk_level": "Low"}
    assert "confidence_score, risk_level" in verify([json.dumps(added)]).problems[0]


@pytest.mark.parametrize("kind", AlertKind)
def test_whole_alerts_of_every_kind_and_system_are_whole(kind: AlertKind) -> None:
    for activity in Activity:
        for system in ("Linux", "Windows", "Darwin", ""):
            (record,) = chained(make_alert(kind=kind, activity=activity, detail=DETAIL))
            event = to_ocsf(record, Product("0.1.0", system))
            assert verify([json.dumps(event)]).problems == ()


@pytest.mark.parametrize(
    ("title", "is_whole"), [("An alert of a later version of the agent", True), ("All is well", False)]
)
def test_an_agent_that_was_downgraded_sends_on_what_it_has_no_title_for(title: str, is_whole: bool) -> None:
    (record,) = chained(make_alert(kind=AlertKind.UPGRADED))
    older = replace(record, alert=replace(record.alert, kind=LaterKind("upgraded")))
    event = event_of(older)
    assert event["finding_info"]["title"] == "An alert of a later version of the agent"
    assert event["unmapped"]["kind"] == event["metadata"]["event_code"] == "upgraded"
    event["finding_info"]["title"] = title
    assert (verify([json.dumps(event)]).problems == ()) is is_whole


def test_a_chain_of_an_older_version_is_read_and_it_is_said_what_was_not_sealed() -> None:
    """Form 1, as it was written before: no form in the link, no activity in the hash, other derived fields."""
    alert = make_alert()
    chain = "4f0c1f5e-7a2b-4d53-9b1c-0d8f2a4c9e10"
    content = sealed_content(alert)
    del content["activity"]
    digest = link_hash(content, chain, 1, "0" * 64)
    link = {"id": chain, "number": 1, "previous": "0" * 64, "hash": digest}
    event = event_of(Record(STREAM, 1, replace(alert, detail={**alert.detail, "chain": link})))
    event |= {"confidence_score": 100, "confidence": "High"}
    event["metadata"]["version"] = "1.5.0"
    report = verify([json.dumps(event)])
    assert report.problems == ()
    assert any("1 alert is of an older version" in line for line in report.unchecked)
    event["message"] = "nothing happened"
    assert "was changed" in verify([json.dumps(event)]).problems[0]


def test_a_form_that_nobody_knows_yet_is_a_problem_and_not_passed_over(record: Record) -> None:
    event = edited(event_of(record), "unmapped.chain.form", 9)
    assert "form 9" in verify([json.dumps(event)]).problems[0]


def test_what_could_not_be_checked_is_said(record: Record) -> None:
    unlinked = event_of(Record(STREAM, 2, make_alert()))
    report = verify([json.dumps(event_of(record)), json.dumps(unlinked)])
    assert any("1 alert bears no link" in line for line in report.unchecked)
    assert any("sequence numbers" in line for line in report.unchecked)
    assert verify([]).unchecked == ()


@pytest.mark.parametrize(
    "line",
    [
        "plain text",
        "{}",
        "[]",
        '{"event": 5}',
        '{"result": {"_raw": "{"}}',
        '{"data": ' * 50 + "1" + "}" * 50,
        "[{]",
    ],
)
def test_a_line_without_an_event_is_named_and_never_raises(line: str, record: Record) -> None:
    report = verify([line, json.dumps(event_of(record))])
    assert report.alerts == 1
    (problem,) = report.problems
    assert problem.startswith("line 1 is not an alert")


def test_sleep_is_no_silence_and_neither_is_the_time_before_waking() -> None:
    start = make_alert().time_unix_ns

    def at(minutes: float, kind: AlertKind) -> Alert:
        return make_alert(kind=kind, detail={}, time_unix_ns=start + round(minutes * 60e9))

    announced = [at(0, AlertKind.HEARTBEAT), at(1, AlertKind.ASLEEP), at(90, AlertKind.HEARTBEAT)]
    woken = [at(0, AlertKind.HEARTBEAT), at(90, AlertKind.AWAKE), at(91, AlertKind.HEARTBEAT)]
    broken = [at(0, AlertKind.HEARTBEAT), at(90, AlertKind.HEARTBEAT)]
    silences = [
        len(verify([json.dumps(event_of(r)) for r in chained(*run)]).silences)
        for run in (announced, woken, broken)
    ]
    assert silences == [0, 0, 1]
