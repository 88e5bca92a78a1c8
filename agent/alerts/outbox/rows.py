"""Rows of the outbox: reads the alert in a row, counts what was lost."""

from __future__ import annotations

import sqlite3
import zlib

from agent.alerts.alert import Alert
from agent.alerts.wire import alert_from_json


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
