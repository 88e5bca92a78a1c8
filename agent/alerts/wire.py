"""Alerts as JSON: the form in which the outbox keeps them, and how an oversized one is made to fit."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from numbers import Integral, Real
from typing import Any

from agent.alerts.alert import Activity, Alert, AlertKind, LaterKind, Severity
from agent.files.decode import LEAST_INTEGER, MOST_INTEGER, Fields, decode_json

FORM = 1
MOST_ALERT_BYTES = 4096
"""An alert's JSON is at most this long, so that its OCSF form fits the 8 KiB that syslog receivers take."""
MOST_LIST_ITEMS = 32
MOST_DEPTH = 12
MOST_REASONS = 8
MOST_TEXT = 240
_KIND = re.compile("[a-z][a-z -]{0,39}")
_KINDS = frozenset(kind.value for kind in AlertKind)
_KEPT_WHEN_CUT = ("origin", "playbook")
MOST_READ_BYTES = 1 << 20
"""A longer line is not read back: nothing writes one."""


def plain(raw: Any, deepest: int = MOST_DEPTH) -> Any:
    """`raw` as JSON can say it; never raises, because an alert must not be lost for its detail.

    Numbers that are not finite become None, NumPy scalars Python's, enumerations their value, unpaired
    surrogates an escape, anything unknown its text. Lists are cut to `MOST_LIST_ITEMS`, so that a
    trajectory cannot ride along by mistake, and nesting to `deepest`.
    """
    if deepest < 0:
        return "…"
    # The plain types first: nearly all that an alert holds, and an exact look at the type is quick.
    kind = type(raw)
    if kind is str:
        return _text(raw)
    if kind is dict:
        return {_text(str(key)): plain(entry, deepest - 1) for key, entry in raw.items()}
    if kind is int:
        return _integer(raw)
    if isinstance(raw, Enum):
        return plain(raw.value)
    # Not by NumPy's types: services that see none of its values start without it.
    if kind.__module__.partition(".")[0] == "numpy":
        return plain(raw.tolist(), deepest)
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        return _text(raw)
    if isinstance(raw, Integral):
        return _integer(int(raw))
    if isinstance(raw, Real):
        return float(raw) if math.isfinite(raw) else None
    if isinstance(raw, Mapping):
        return {_text(str(key)): plain(entry, deepest - 1) for key, entry in raw.items()}
    if isinstance(raw, (list, tuple)):
        return [plain(entry, deepest - 1) for entry in raw[:MOST_LIST_ITEMS]]
    return _text(str(raw))


def _integer(number: int) -> int | str:
    """The number where it fits 64 bits, which is what readers take; else its size in words."""
    return number if LEAST_INTEGER <= number <= MOST_INTEGER else f"a number of {number.bit_length()} bits"


def _text(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def alert_to_json(alert: Alert) -> str:
    """One line of JSON that `alert_from_json` reads back as an equal alert (as far as `plain` keeps it)."""
    fields = {
        "form": FORM,
        "finding_id": alert.finding_id,
        "record_id": alert.record_id,
        "kind": alert.kind.value,
        "activity": int(alert.activity),
        "severity": int(alert.severity),
        "time_unix_ns": int(alert.time_unix_ns),
        "user": alert.user,
        "host": alert.host,
        "message": alert.message,
        "reasons": list(alert.reasons[:MOST_LIST_ITEMS]),
        "detail": alert.detail,
    }
    return json.dumps(plain(fields), ensure_ascii=False, separators=(",", ":"))


def alert_from_json(text: str | bytes) -> Alert:
    """Read what `alert_to_json` wrote, also of a later version: a kind that this one does not know stays what it is.

    Raises
    ------
    ValueError
        If it is not such a line, or of a form that this version does not know.
    """
    try:
        fields = Fields.of(decode_json(text, MOST_READ_BYTES))
        fields.integer("form", FORM, FORM)
        return Alert(
            finding_id=fields.identifier("finding_id"),
            record_id=fields.identifier("record_id"),
            kind=_kind(fields),
            activity=fields.choice("activity", Activity),
            severity=fields.choice("severity", Severity),
            time_unix_ns=fields.integer("time_unix_ns"),
            user=fields.text("user"),
            host=fields.text("host"),
            message=fields.text("message"),
            reasons=fields.texts("reasons", MOST_LIST_ITEMS),
            detail=fields.nested("detail").document,
        )
    except ValueError as error:
        raise ValueError(f"not an alert of form {FORM}: {error}") from error


def _kind(fields: Fields) -> AlertKind | LaterKind:
    word = fields.text("kind", pattern=_KIND)
    return AlertKind(word) if word in _KINDS else LaterKind(word)


def shortened(alert: Alert, most_bytes: int = MOST_ALERT_BYTES) -> Alert:
    """`alert` itself if its JSON fits `most_bytes`, else the same with its detail and long texts cut.

    What happened, to whom and when always stays; ``detail["shortened_from_bytes"]`` says that the rest
    was cut.
    """
    size = len(alert_to_json(alert).encode())
    if size <= most_bytes:
        return alert
    brief = replace(
        alert,
        user=alert.user[:MOST_TEXT],
        host=alert.host[:MOST_TEXT],
        message=alert.message[:MOST_TEXT],
        reasons=tuple(reason[:MOST_TEXT] for reason in alert.reasons[:MOST_REASONS]),
        detail={
            **{name: alert.detail[name] for name in _KEPT_WHEN_CUT if name in alert.detail},
            "shortened_from_bytes": size,
        },
    )
    if len(alert_to_json(brief).encode()) <= most_bytes:
        return brief
    return replace(brief, reasons=(), detail={"shortened_from_bytes": size})
