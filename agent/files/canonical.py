"""Canonical JSON: the one form in which signed and hashed values are written."""

from __future__ import annotations

import json
from typing import Any


def canonical(document: Any) -> bytes:
    """`document` as canonical JSON: sorted keys, no spaces, UTF-8, finite numbers.

    Raises
    ------
    ValueError
        If a number is not finite.
    TypeError
        If a value is not a JSON value.
    """
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()
