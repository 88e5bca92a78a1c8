"""Field validation for names, times and texts of any file; what is wrong is a `ValueError` that names it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MOST_TEXT: Final = 256


def check_text(name: str, text: Any) -> None:
    """Refuse what is not a printable text of 1 to 256 letters."""
    if not isinstance(text, str) or not 0 < len(text) <= _MOST_TEXT or not text.isprintable():
        raise ValueError(f"{name} is empty, too long, or not printable")


def check_names(group: str, names: Iterable[Any]) -> None:
    """Refuse what are not up to 256 different names of lower-case letters, digits and ``_``."""
    listed = list(names)
    for name in listed:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"{group}: {name!r} is not a name")
    if not listed or len(set(listed)) != len(listed) or len(listed) > _MOST_TEXT:
        raise ValueError(f"{group}: none, too many, or one twice")


def check_keys(document: Any, expected: frozenset[str]) -> None:
    """Refuse what is not an object with exactly these keys."""
    if not isinstance(document, dict):
        raise ValueError("not an object")
    if set(document) != expected:
        raise ValueError(f"keys missing or unknown: {', '.join(sorted(set(document) ^ expected)[:5])}")


def utc(name: str, text: Any) -> datetime:
    """An ISO 8601 time with its zone, in UTC."""
    check_text(name, text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{name} has no time zone")
    return moment.astimezone(UTC)
