"""OTLP/HTTP logs against the published protobuf classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber

from agent.alerts.alert import AlertKind, Severity
from agent.alerts.api import DeliveryOutcome
from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.transports.http_client import Address
from agent.alerts.transports.otlp import OtlpContext, OtlpLogs, any_value, export_request
from agent.alerts.transports.tls_trouble import TlsContext, TlsFiles
from agent.files.secret import SecretFile
from tests.agent.alerts.fakes import make_record
from tests.agent.alerts.transports.http_stub import Stub, cut, serving

PRODUCT = Product("0.1.0", "Linux")
FORM = OtlpContext(lambda record: to_ocsf(record, PRODUCT), PRODUCT)


def parsed(told: Any) -> ExportLogsServiceRequest:
    """As a collector reads it; unknown names are errors here."""
    request: ExportLogsServiceRequest = json_format.Parse(json.dumps(told), ExportLogsServiceRequest())
    return request


def plain(value: AnyValue) -> Any:
    """Back to Python's values."""
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "kvlist_value":
        return {pair.key: plain(pair.value) for pair in value.kvlist_value.values}
    if kind == "array_value":
        return [plain(item) for item in value.array_value.values]
    return getattr(value, kind)


def collector(stub: Stub, headers: str = "") -> OtlpLogs:
    address = Address("otlp_url", stub.url(), TlsContext(TlsFiles("", "", "", prefix="http_")))
    return OtlpLogs(address, SecretFile("otlp_headers_file", headers), FORM)


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize("severity", Severity)
def test_every_alert_is_a_valid_request(kind: AlertKind, severity: Severity) -> None:
    record = make_record(42, kind=kind, severity=severity, message="żółw")
    request = parsed(export_request(record, FORM))
    (resource,) = request.resource_logs
    (log,) = resource.scope_logs[0].log_records
    assert plain(log.body) == to_ocsf(record, PRODUCT)
    assert (log.time_unix_nano, log.observed_time_unix_nano) == (record.alert.time_unix_ns,) * 2
    assert log.event_name == f"steadyhand.{kind.value.replace(' ', '_')}"
    about = {pair.key: plain(pair.value) for pair in log.attributes}
    assert about["event.id"] == record.alert.record_id
    assert about["steadyhand.sequence"] == 42
    whence = {pair.key: plain(pair.value) for pair in resource.resource.attributes}
    assert whence["service.name"] == "steadyhand"
    assert whence["host.name"] == "laptop-17"
    assert SeverityNumber.Name(log.severity_number) == f"SEVERITY_NUMBER_{log.severity_text}"


def test_graver_alerts_have_higher_numbers() -> None:
    numbers = [
        parsed(export_request(make_record(severity=severity), FORM))
        .resource_logs[0]
        .scope_logs[0]
        .log_records[0]
        .severity_number
        for severity in sorted(Severity)
    ]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -1, 2**63 - 1, -(2**63), 0.5, "", "ż", [], [1, [None, {"a": []}]], {}, {"a": {"b": 1}}],
)
def test_plain_values_come_back(value: Any) -> None:
    assert plain(json_format.ParseDict(any_value(value), AnyValue())) == value


def test_a_number_beyond_64_bits_does_not_break_it() -> None:
    assert plain(json_format.ParseDict(any_value(2**63), AnyValue())) == str(2**63)


def test_one_record_a_request_over_one_connection() -> None:
    with serving() as stub:
        assert collector(stub).send([make_record(n) for n in range(3)]).accepted == 3
    assert [request.path for request in stub.requests] == ["/v1/logs"] * 3
    assert stub.connections == 1
    assert all(len(parsed(request.json()).resource_logs) == 1 for request in stub.requests)


@pytest.mark.parametrize(
    ("answer", "accepted", "outcome"),
    [
        (
            {"partialSuccess": {"rejectedLogRecords": "1", "errorMessage": "no index"}},
            0,
            DeliveryOutcome.PERMANENT,
        ),
        ({"partialSuccess": {"rejectedLogRecords": 1}}, 0, DeliveryOutcome.PERMANENT),
        ({"partialSuccess": {"rejectedLogRecords": "0", "errorMessage": "a warning"}}, 1, DeliveryOutcome.OK),
        ({"partialSuccess": {}}, 1, DeliveryOutcome.OK),
        ({"partialSuccess": None}, 1, DeliveryOutcome.OK),
        ({}, 1, DeliveryOutcome.OK),
    ],
)
def test_partial_success(answer: dict[str, Any], accepted: int, outcome: DeliveryOutcome) -> None:
    with serving([(200, {}, answer)]) as stub:
        sent = collector(stub).send([make_record()])
    assert (sent.accepted, sent.outcome) == (accepted, outcome)
    if outcome is DeliveryOutcome.PERMANENT:
        assert "refuses the record" in sent.detail


def test_an_answer_that_was_cut_is_no_success() -> None:
    with serving([cut]) as stub:
        assert collector(stub).send([make_record()]).outcome is DeliveryOutcome.RETRY


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_the_protocol_calls_retryable_is_tried_again(status: int) -> None:
    with serving([(status, {"Retry-After": "12"}, b"")]) as stub:
        sent = collector(stub).send([make_record()])
    assert sent.outcome in (DeliveryOutcome.RETRY, DeliveryOutcome.BACK_OFF)
    assert sent.retry_after_s == 12.0


def test_headers_come_from_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "headers"
    path.write_text("Authorization: Bearer abc:def\nX-Tenant: red\n")
    path.chmod(0o600)
    with serving() as stub:
        collector(stub, str(path)).send([make_record()])
        path.write_text("no header")
        sent = collector(stub, str(path)).send([make_record()])
    assert stub.requests[0].headers["Authorization"] == "Bearer abc:def"
    assert stub.requests[0].headers["X-Tenant"] == "red"
    assert (sent.outcome, len(stub.requests)) == (DeliveryOutcome.AUTH_FAILED, 1)
    assert "a line is no header" in sent.detail


def test_the_way_can_be_checked_without_sending() -> None:
    with serving() as stub:
        assert collector(stub).send([]).outcome is DeliveryOutcome.OK
        assert stub.requests == []
