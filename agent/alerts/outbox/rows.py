"""Rows of the outbox: reads the alert in a row, counts what was lost."""

from __future__ import annotations

import sqlite3
import zlib
from typing import Final

from agent.alerts.alert import Alert, AlertKind
from agent.alerts.outbox.owners import owner_of
from agent.alerts.wire import alert_from_json, alert_to_json

ROW_BYTES: Final = 256
"""What a row costs beside its body: ids, numbers and two indexes."""


def row_of(alert: Alert) -> tuple[tuple[object, ...], int]:
    """The columns of an alert's row without its sequence, and the bytes that it counts for."""
    body = alert_to_json(alert).encode()
    size = len(body) + ROW_BYTES
    is_loss = alert.kind is AlertKind.LOSS
    severity, checksum = int(alert.severity), zlib.crc32(body)
    return (
        alert.record_id,
        alert.time_unix_ns,
        severity,
        is_loss,
        size,
        checksum,
        body,
        owner_of(alert),
    ), size


def read_body(crc: object, body: object) -> Alert | None:
    """A row's alert; None if it is not what was written."""
    if not isinstance(body, bytes) or zlib.crc32(body) != crc:
        return None
    try:
        return alert_from_json(body)
    except ValueError:
        return None


def count_loss(db: sqlite3.Connection, cause: str, count: int) -> None:
    """Note a loss that will be announced. Within a transaction of the caller."""
    db.execute(
        "INSERT INTO loss VALUES (?, ?) ON CONFLICT (cause) DO UPDATE SET count = count + excluded.count",
        (cause, count),
    )
