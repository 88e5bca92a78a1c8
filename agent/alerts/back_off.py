"""Back-off: computes when a destination may be tried again. Pure: times come in, times go out."""

from __future__ import annotations

import random

from agent.alerts.api import DeliveryOutcome

FIRST_S = 5.0
MOST_S = 300.0
LEAST_S = 0.5
MOST_RETRY_AFTER_S = 3600.0
_NS = 1_000_000_000
# Trying soon cannot help when a person must mend something first or the receiver asks for quiet.
_PATIENT = frozenset({DeliveryOutcome.AUTH_FAILED, DeliveryOutcome.BACK_OFF})
_PATIENT_FIRST_S = 60.0


class BackOff:
    """Exponential back-off with full jitter for one destination; alerts are never given up.

    After the n-th failure in a row the next try is uniform in [0, min(300 s, 5 s · 2ⁿ⁻¹)], at least
    `LEAST_S`: full jitter keeps a fleet of agents from coming back all at once. A receiver's Retry-After
    (up to an hour) is the least wait.

    Parameters
    ----------
    rng : random.Random
        Source of the jitter.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._attempts = 0
        self._due_ns = 0

    def resume(self, attempts: int, due_ns: int) -> None:
        """Go on where an earlier run was."""
        self._attempts, self._due_ns = attempts, due_ns

    @property
    def attempts(self) -> int:
        """Failures in a row."""
        return self._attempts

    def is_due(self, now_ns: int) -> bool:
        """Whether it may be tried now."""
        return now_ns >= self._due_ns

    def succeeded(self) -> None:
        """The destination takes alerts: no back-off any more."""
        self.resume(0, 0)

    def failed(self, now_ns: int, outcome: DeliveryOutcome, retry_after_s: float | None = None) -> float:
        """Back off; return the seconds until the next try."""
        first_s = _PATIENT_FIRST_S if outcome in _PATIENT else FIRST_S
        ceiling_s = min(MOST_S, first_s * 2.0 ** min(self._attempts, 16))
        delay_s = max(LEAST_S, self._rng.uniform(0.0, ceiling_s))
        if retry_after_s is not None and retry_after_s > 0.0:
            least_s = min(retry_after_s, MOST_RETRY_AFTER_S)
            delay_s = max(delay_s, least_s * self._rng.uniform(1.0, 1.1))
        self.resume(self._attempts + 1, now_ns + round(delay_s * _NS))
        return delay_s

    def wait_s(self, now_ns: int) -> float:
        """Seconds until it is due; 0 if it is."""
        return max(0.0, (self._due_ns - now_ns) / _NS)

    def hasten(self) -> None:
        """It is due now: a last try before the end."""
        self._due_ns = 0
