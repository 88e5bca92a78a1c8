"""Wall clock of the commands, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """This moment, with its time zone."""
    return datetime.now(UTC)


def utc_text() -> str:
    """This moment as ISO 8601, to the second."""
    return utc_now().isoformat(timespec="seconds")
