"""From an HTTP status to what it means for an alert. Pure; every transport over HTTP goes by it.

References
----------
RFC 9110, HTTP Semantics, sections 10.2.3 (Retry-After) and 15; RFC 6585, section 4 (429).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from agent.alerts.api import DeliveryOutcome

# What says nothing about the alert itself must never cost one: whoever answers 404 or 302 is the wrong
# address, and somebody has to change the settings.
_OUTCOMES: Final[Mapping[int, DeliveryOutcome]] = {
    400: DeliveryOutcome.PERMANENT,
    408: DeliveryOutcome.RETRY,
    413: DeliveryOutcome.TOO_LARGE,
    422: DeliveryOutcome.PERMANENT,
    425: DeliveryOutcome.RETRY,
    429: DeliveryOutcome.BACK_OFF,
    503: DeliveryOutcome.BACK_OFF,
}


def outcome_of(status: int) -> DeliveryOutcome:
    """What to do after an answer with `status`.

    OK for 2xx, BACK_OFF for 429 and 503, RETRY for the other 5xx, 408 and 425; TOO_LARGE for 413;
    PERMANENT for 400 and 422, with which a receiver says that it will never take these very bytes. All else
    is AUTH_FAILED: the alert waits until somebody has mended the address, the secret or the receiver.
    """
    if 200 <= status < 300:
        return DeliveryOutcome.OK
    return _OUTCOMES.get(
        status, DeliveryOutcome.RETRY if 500 <= status < 600 else DeliveryOutcome.AUTH_FAILED
    )


def retry_after_s(field: str | None, now_unix_s: float) -> float | None:
    """Seconds that a Retry-After field asks for; None without one or for one that cannot be read.

    Parameters
    ----------
    field : str or None
        Seconds, or an HTTP date.
    now_unix_s : float
        Wall clock.
    """
    if field is None:
        return None
    field = field.strip()
    if field.isascii() and field.isdigit():
        return float(field[:9])
    from email.utils import parsedate_to_datetime  # large, and hardly ever needed

    try:
        until = parsedate_to_datetime(field)
    except ValueError:
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return max(0.0, (until - datetime.fromtimestamp(now_unix_s, UTC)).total_seconds())
