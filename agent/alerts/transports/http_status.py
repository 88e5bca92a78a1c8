"""From an HTTP status to what it means for an alert. Pure; every transport over HTTP goes by it.

References
----------
RFC 9110, HTTP Semantics, sections 10.2.3 (Retry-After) and 15; RFC 6585, section 4 (429).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from agent.alerts.api import Outcome

# What says nothing about the alert itself must never cost one: whoever answers 404 or 302 is the wrong
# address, and somebody has to change the settings.
_OUTCOMES: Final[Mapping[int, Outcome]] = {
    400: Outcome.PERMANENT,
    408: Outcome.RETRY,
    413: Outcome.TOO_LARGE,
    422: Outcome.PERMANENT,
    425: Outcome.RETRY,
    429: Outcome.BACK_OFF,
    503: Outcome.BACK_OFF,
}


def outcome_of(status: int) -> Outcome:
    """What to do after an answer with `status`.

    OK for 2xx, BACK_OFF for 429 and 503, RETRY for the other 5xx, 408 and 425; TOO_LARGE for 413;
    PERMANENT for 400 and 422, with which a receiver says that it will never take these very bytes. All else
    is AUTH_FAILED: the alert waits until somebody has mended the address, the secret or the receiver.
    """
    if 200 <= status < 300:
        return Outcome.OK
    return _OUTCOMES.get(status, Outcome.RETRY if 500 <= status < 600 else Outcome.AUTH_FAILED)


def retry_after_s(told: str | None, now_unix_s: float) -> float | None:
    """Seconds that a Retry-After field asks for; None without one or for one that cannot be read.

    Parameters
    ----------
    told : str or None
        Seconds, or an HTTP date.
    now_unix_s : float
        Wall clock.
    """
    if told is None:
        return None
    told = told.strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return max(0.0, (until - datetime.fromtimestamp(now_unix_s, UTC)).total_seconds())
