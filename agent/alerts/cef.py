"""Alerts in ArcSight's Common Event Format, for receivers that know it better than OCSF. Pure.

References
----------
Common Event Format, version 0: ``CEF:0|vendor|product|version|event class id|name|severity|extension``. In the
header ``|`` and ``\\`` are escaped, in the extension ``=``, ``\\`` and line ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from agent.alerts.alert import Severity
from agent.alerts.api import Record
from agent.alerts.ocsf import Product
from agent.alerts.titles import title_of

_SEVERITIES: Final = {
    Severity.INFORMATIONAL: 1,
    Severity.LOW: 3,
    Severity.MEDIUM: 5,
    Severity.HIGH: 8,
    Severity.CRITICAL: 10,
}
_MOST_TEXT: Final = 1023
_MS_NS: Final = 1_000_000


def cef(record: Record, product: Product) -> str:
    """One line of CEF. ``externalId`` is the record's id: remove duplicates by it."""
    alert = record.alert
    header = (
        "CEF:0",
        "Steadyhand",
        "Steadyhand",
        product.version,
        alert.kind.value,
        title_of(alert.kind),
        str(_SEVERITIES[alert.severity]),
    )
    pairs = " ".join(f"{key}={_extension(field_text)}" for key, field_text in _fields(record).items())
    return "|".join((header[0], *map(_header, header[1:]), pairs))


def _fields(record: Record) -> dict[str, str]:
    alert, detail = record.alert, record.alert.detail
    fields: dict[str, Any] = {
        "rt": alert.time_unix_ns // _MS_NS,
        "shost": alert.host,
        "suser": alert.user,
        "cat": alert.activity.name.lower(),
        "externalId": alert.record_id,
        "msg": alert.message,
        "reason": " ".join(alert.reasons),
        "act": detail.get("lock"),
        **_labelled("cn1", "trust", detail.get("trust")),
        **_labelled("cn2", "actions", detail.get("actions")),
        **_labelled("cn3", "sequence", record.sequence),
        **_labelled("cfp1", "evidenceLlr", detail.get("evidence_llr")),
        **_labelled("cfp2", "seconds", detail.get("seconds")),
        **_labelled("cs1", "findingId", alert.finding_id),
        **_labelled("cs2", "stream", record.stream),
        **_labelled("cs3", "profileHash", detail.get("profile_hash")),
        **_labelled("cs4", "policyHash", detail.get("policy_hash")),
        **_labelled("cs5", "mouse", _mouse(detail.get("mouse"))),
        **_labelled("cs6", "verdict", detail.get("verdict")),
    }
    return {key: str(field_value) for key, field_value in fields.items() if field_value not in (None, "")}


def _labelled(key: str, label: str, field_value: Any) -> dict[str, Any]:
    """A custom field with its label; nothing without a value."""
    return {} if field_value in (None, "") else {f"{key}Label": label, key: field_value}


def _mouse(mouse: Any) -> str:
    return (
        str(mouse.get("name") or mouse.get("product") or "")
        if isinstance(mouse, Mapping)
        else str(mouse or "")
    )


def _header(text: str) -> str:
    return _one_line(text).replace("\\", "\\\\").replace("|", "\\|")


def _extension(text: str) -> str:
    escaped = text[:_MOST_TEXT].replace("\\", "\\\\").replace("=", "\\=")
    escaped = escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return _one_line(escaped)


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
