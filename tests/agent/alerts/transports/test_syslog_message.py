"""RFC 5424 messages, taken apart by a parser of their own."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.alerts.alert import AlertKind, Severity
from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.transports.syslog_message import frame, ocsf_body, syslog_message
from tests.agent.alerts.fakes import STREAM, make_record

HEADER = re.compile(
    rb"<(?P<pri>\d{1,3})>1 (?P<time>\S+) (?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<proc>[!-~]{1,128})"
    rb" (?P<msgid>[!-~]{1,32}) "
)
PARAMETER = re.compile(r' ([A-Za-z]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"')

PRODUCT = Product("0.1.0", "Linux")


def taken_apart(message: bytes) -> tuple[dict[str, str], dict[str, str], bytes]:
    """Header fields, parameters of the one structured-data element, and the body."""
    header = HEADER.match(message)
    assert header
    rest = message[header.end() :]
    at = rest.index(b'"] ') + 1
    element, body = rest[:at].decode(), rest[at + 2 :]
    assert element.startswith("[steadyhand@32473")
    text, parameters = element.removeprefix("[steadyhand@32473"), {}
    while text:
        found = PARAMETER.match(text)
        assert found, text
        parameters[found[1]] = re.sub(r"\\(.)", r"\1", found[2])
        text = text[found.end() :]
    return {name: value.decode() for name, value in header.groupdict().items()}, parameters, body


def test_every_field_is_in_its_place() -> None:
    record = make_record(42)
    event = to_ocsf(record, PRODUCT)
    header, parameters, body = taken_apart(syslog_message(record, ocsf_body(record, PRODUCT)))
    assert header == {
        "pri": str(10 * 8 + 3),
        "time": "2026-01-01T00:00:00.123456Z",
        "host": "laptop-17",
        "app": "steadyhand",
        "proc": "-",
        "msgid": "intruder",
    }
    assert parameters == {
        "eventId": record.alert.record_id,
        "findingId": record.alert.finding_id,
        "stream": STREAM,
        "sequence": "42",
        "kind": "intruder",
        "activity": "create",
        "severity": "high",
        "user": "alice",
    }
    assert json.loads(body.decode()) == event


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=60), st.text(max_size=300))
def test_no_name_breaks_the_form(user: str, host: str) -> None:
    record = make_record(user=user, host=host)
    _, parameters, body = taken_apart(syslog_message(record, json.dumps({"user": user})))
    assert parameters["user"] == "".join(char if char.isprintable() else "?" for char in user)
    assert json.loads(body.decode()) == {"user": user}


@pytest.mark.parametrize("kind", AlertKind)
def test_the_kind_is_a_message_id(kind: AlertKind) -> None:
    header, parameters, _ = taken_apart(syslog_message(make_record(kind=kind), "{}"))
    assert header["msgid"].replace("-", " ") == parameters["kind"] == kind.value


def test_a_missing_host_is_nil() -> None:
    assert taken_apart(syslog_message(make_record(host=""), "{}"))[0]["host"] == "-"


def test_graver_alerts_have_smaller_levels() -> None:
    levels = [
        int(taken_apart(syslog_message(make_record(severity=s), "{}"))[0]["pri"]) - 80 for s in Severity
    ]
    assert levels == [6, 5, 4, 3, 2]


def test_the_frame_counts_octets_not_characters() -> None:
    assert frame("zażółć".encode()) == b"10 " + "zażółć".encode()
