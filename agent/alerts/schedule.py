"""When a destination may be tried again. Pure: times come in, times go out."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from agent.alerts.api import Outcome

FIRST_S = 5.0
MOST_S = 300.0
LEAST_S = 0.5
MOST_RETRY_AFTER_S = 3600.0
_NS = 1_000_000_000
# Trying soon cannot help when a person must mend something first or the receiver asks for quiet.
_PATIENT = frozenset({Outcome.AUTH_FAILED, Outcome.BACK_OFF})
_PATIENT_FIRST_S = 60.0


@dataclass(slots=True)
class _Turn:
    attempts: int = 0
    due_ns: int = 0


class Schedule:
    """Exponential back-off with full jitter for each destination; alerts are never given up.

    After the n-th failure in a row the next try is uniform in [0, min(300 s, 5 s · 2ⁿ⁻¹)], at least
    `LEAST_S`: full jitter keeps a fleet of agents from coming back all at once. A receiver's Retry-After
    (up to an hour) is the least wait.

    Parameters
    ----------
    names : iterable of str
        Destinations.
    rng : random.Random
        Source of the jitter.
    """

    def __init__(self, names: Iterable[str], rng: random.Random) -> None:
        self._turns = {name: _Turn() for name in names}
        self._rng = rng

    def resume(self, name: str, attempts: int, due_ns: int) -> None:
        """Go on where an earlier run was."""
        self._turns[name] = _Turn(attempts, due_ns)

    def attempts(self, name: str) -> int:
        """Failures in a row."""
        return self._turns[name].attempts

    def is_due(self, name: str, now_ns: int) -> bool:
        """Whether `name` may be tried now."""
        return now_ns >= self._turns[name].due_ns

    def succeeded(self, name: str) -> None:
        """The destination takes alerts: no back-off any more."""
        self._turns[name] = _Turn()

    def failed(self, name: str, now_ns: int, outcome: Outcome, retry_after_s: float | None = None) -> float:
        """Back off; return the seconds until the next try."""
        turn = self._turns[name]
        first_s = _PATIENT_FIRST_S if outcome in _PATIENT else FIRST_S
        ceiling_s = min(MOST_S, first_s * 2.0 ** min(turn.attempts, 16))
        delay_s = max(LEAST_S, self._rng.uniform(0.0, ceiling_s))
        if retry_after_s is not None and retry_after_s > 0.0:
            least_s = min(retry_after_s, MOST_RETRY_AFTER_S)
            delay_s = max(delay_s, least_s * self._rng.uniform(1.0, 1.1))
        turn.attempts += 1
        turn.due_ns = now_ns + round(delay_s * _NS)
        return delay_s

    def wait_s(self, waiting: Iterable[str], now_ns: int) -> float | None:
        """Seconds until the first of the destinations in `waiting` is due; None if there is none."""
        due_ns = [self._turns[name].due_ns for name in waiting]
        return max(0.0, (min(due_ns) - now_ns) / _NS) if due_ns else None

    def hasten(self) -> None:
        """Everything is due now: a last try before the end."""
        for turn in self._turns.values():
            turn.due_ns = 0
