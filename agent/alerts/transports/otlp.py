"""Transport: OpenTelemetry logs over HTTP (OTLP/HTTP, JSON encoding), one alert a request.

A receiver may take a part of a request and say only how many records it refused, and a sender must not
repeat such a request. With one record a request the refused record is known.

References
----------
OpenTelemetry Protocol 1.x, OTLP/HTTP; opentelemetry-proto, ``logs.proto``; log data model, severity numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.alerts.alert import Severity
from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.alerts.ocsf import Product
from agent.alerts.transports.batches import one_by_one
from agent.alerts.transports.http_client import Address, Answer, Client
from agent.alerts.transports.http_settings import HttpSettings
from agent.alerts.transports.kind import TransportContext, TransportKind
from agent.engine.errors import SteadyhandError
from agent.files.options import ADDRESS, setting
from agent.files.secret import SecretFile

PATH: Final = "/v1/logs"
_LEVELS: Final = {
    Severity.INFORMATIONAL: (9, "INFO"),
    Severity.LOW: (10, "INFO2"),
    Severity.MEDIUM: (13, "WARN"),
    Severity.HIGH: (17, "ERROR"),
    Severity.CRITICAL: (21, "FATAL"),
}


@dataclass(frozen=True, slots=True)
class OtlpSettings(HttpSettings):
    """Which collector, and the headers that it wants."""

    otlp_url: str = setting("", "OpenTelemetry collector for OTLP/HTTP, without /v1/logs", **ADDRESS)
    otlp_headers_file: str = setting(
        "", "file with mode 0600 with headers for it, Name: value a line; empty for none"
    )


@dataclass(frozen=True, slots=True)
class OtlpContext:
    """How a record is put.

    Attributes
    ----------
    to_event : callable
        A record as an OCSF event.
    product : Product
    """

    to_event: Callable[[Record], dict[str, Any]]
    product: Product


class OtlpLogs:
    """One POST to ``/v1/logs`` an alert.

    Parameters
    ----------
    address : Address
    headers : SecretFile
        Lines such as ``Authorization: Bearer …``; none are sent where no file is set.
    form : OtlpContext
    """

    name = "otlp"

    def __init__(self, address: Address, headers: SecretFile, form: OtlpContext) -> None:
        self._address = address
        self._headers = headers
        self._form = form

    def send(self, records: Sequence[Record]) -> Sent:
        """Bring record after record over one connection."""
        try:
            headers = {"Content-Type": "application/json", **_headers(self._headers)}
        except SteadyhandError as error:
            return Sent(0, DeliveryOutcome.AUTH_FAILED, str(error))
        with Client(self._address) as client:
            if not records:
                return client.probe()
            whole_s = self._address.whole_s
            return one_by_one(records, lambda record: self._bring(client, headers, record), whole_s=whole_s)

    def _bring(self, client: Client, headers: Mapping[str, str], record: Record) -> Sent:
        body = json.dumps(export_request(record, self._form), ensure_ascii=False, separators=(",", ":"))
        answer = client.post(PATH, headers, body.encode())
        refused = _refused(answer)
        if refused:
            return Sent(0, DeliveryOutcome.PERMANENT, f"the collector refuses the record: {refused}")
        return Sent(
            int(answer.outcome is DeliveryOutcome.OK), answer.outcome, answer.detail, answer.retry_after_s
        )


def export_request(record: Record, form: OtlpContext) -> dict[str, Any]:
    """An ``ExportLogsServiceRequest`` with the one record, in protobuf's JSON form."""
    alert = record.alert
    number, text = _LEVELS[alert.severity]
    about = {
        "event.id": alert.record_id,
        "steadyhand.finding_id": alert.finding_id,
        "steadyhand.stream": record.stream,
        "steadyhand.sequence": record.sequence,
        "user.name": alert.user,
    }
    resource = {
        "service.name": "steadyhand",
        "service.version": form.product.version,
        "host.name": alert.host,
        "os.type": form.product.system.lower(),
    }
    log = {
        "timeUnixNano": str(alert.time_unix_ns),
        "observedTimeUnixNano": str(alert.time_unix_ns),
        "severityNumber": number,
        "severityText": text,
        "eventName": f"steadyhand.{alert.kind.value.replace(' ', '_')}",
        "body": any_value(form.to_event(record)),
        "attributes": _pairs(about),
    }
    scope = {"name": "steadyhand", "version": form.product.version}
    logs = {"scope": scope, "logRecords": [log]}
    return {"resourceLogs": [{"resource": {"attributes": _pairs(resource)}, "scopeLogs": [logs]}]}


def any_value(json_value: Any) -> dict[str, Any]:
    """A plain JSON value as an ``AnyValue``; an empty one for None."""
    if json_value is None:
        return {}
    if isinstance(json_value, bool):
        return {"boolValue": json_value}
    if isinstance(json_value, int):
        # 64 bits travel as text, because JSON's numbers lose some; what has more is text for good.
        return {"intValue" if -(2**63) <= json_value < 2**63 else "stringValue": str(json_value)}
    if isinstance(json_value, float):
        return {"doubleValue": json_value}
    if isinstance(json_value, str):
        return {"stringValue": json_value}
    if isinstance(json_value, Mapping):
        return {"kvlistValue": {"values": _pairs(json_value)}}
    return {"arrayValue": {"values": [any_value(entry) for entry in json_value]}}


def _pairs(mapping: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": any_value(json_value)} for key, json_value in mapping.items()]


def _refused(answer: Answer) -> str:
    """Why the collector refused the record though it answered 200; empty if it did not."""
    part = answer.json_object().get("partialSuccess") if answer.outcome is DeliveryOutcome.OK else None
    if not isinstance(part, dict) or str(part.get("rejectedLogRecords", 0)) == "0":
        return ""
    return str(part.get("errorMessage") or "it does not say why")[:200]


def _headers(secret: SecretFile) -> dict[str, str]:
    if not secret.path:
        return {}
    pairs = [line.partition(":") for line in secret.lines()]
    if not all(colon and name.strip() for name, colon, _ in pairs):
        raise SteadyhandError(f"{secret.setting} ({secret.path}): a line is no header", "write Name: value")
    return {name.strip(): text.strip() for name, _, text in pairs}


def build(settings: OtlpSettings, context: TransportContext) -> OtlpLogs:
    """The collector that the settings name."""
    headers = SecretFile("otlp_headers_file", settings.otlp_headers_file)
    form = OtlpContext(context.to_event, context.product)
    return OtlpLogs(settings.address("otlp_url", context), headers, form)


KIND: Final = TransportKind(OtlpSettings, build, switch="otlp_url")
