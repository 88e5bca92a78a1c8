"""What names, times and texts may be in any file; everything wrong is a `ValueError` that names it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MOST_TEXT: Final = 256


def check_text(name: str, value: Any) -> None:
    """Refuse what is not a printable text of 1 to 256 letters."""
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_TEXT or not value.isprintable():
        raise ValueError(f"{name} is empty, too long, or not printable")


def check_names(group: str, names: Iterable[Any]) -> None:
    """Refuse what are not up to 256 different names of lower-case letters, digits and ``_``."""
    told = list(names)
    for name in told:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"{group}: {name!r} is not a name")
    if not told or len(set(told)) != len(told) or len(told) > _MOST_TEXT:
        raise ValueError(f"{group}: none, too many, or one twice")


def check_keys(told: Any, expected: frozenset[str]) -> None:
    """Refuse what is not an object with exactly these keys."""
    if not isinstance(told, dict):
        raise ValueError("not an object")
    if set(told) != expected:
        raise ValueError(f"keys missing or unknown: {', '.join(sorted(set(told) ^ expected)[:5])}")


def utc(name: str, text: Any) -> datetime:
    """An ISO 8601 time with its zone, in UTC."""
    check_text(name, text)
    told = datetime.fromisoformat(text)
    if told.tzinfo is None:
        raise ValueError(f"{name} has no time zone")
    return told.astimezone(UTC)
