"""Drill report: what the drills on this computer add up to, with their number and an exact interval. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.engine.sentence import quantity
from agent.files.drill_log import DrillOutcome

LEAST_ACTIONS: Final = 30
"""A drill with fewer judged actions, and nothing found, says nothing."""
_TAIL: Final = 0.025
_STEPS: Final = 60


@dataclass(frozen=True, slots=True)
class DrillReport:
    """Sum of all drills.

    Attributes
    ----------
    drills, noticed : int
        Drills that count, and those in which the colleague was found.
    not_counted : int
        Drills with too few judged actions.
    share_low, share_high : float
        95 % interval of the share found (Clopper and Pearson 1934).
    median_s, median_actions : float or None
        Until found, over those found.
    """

    drills: int
    noticed: int
    not_counted: int
    share_low: float
    share_high: float
    median_s: float | None
    median_actions: float | None

    @classmethod
    def of(cls, outcomes: Sequence[DrillOutcome]) -> DrillReport:
        """The report on some drills."""
        counted = [o for o in outcomes if o.found_s is not None or o.judged_actions >= LEAST_ACTIONS]
        seconds = [o.found_s for o in counted if o.found_s is not None]
        actions = [o.found_actions for o in counted if o.found_actions is not None]
        low, high = exact_interval(len(seconds), len(counted))
        return cls(
            len(counted),
            len(seconds),
            len(outcomes) - len(counted),
            low,
            high,
            statistics.median(seconds) if seconds else None,
            statistics.median(actions) if actions else None,
        )

    def lines(self) -> tuple[str, ...]:
        """What people read."""
        left_out = f"not counted, with fewer than {LEAST_ACTIONS} judged actions: {quantity(self.not_counted, 'drill')}"
        if not self.drills:
            return ("no drill yet counts: steadyhand drill", *((left_out,) if self.not_counted else ()))
        share = (
            f"found in {self.noticed} of {quantity(self.drills, 'drill')} "
            f"on this computer: {self.noticed / self.drills:.0%} "
            f"(95 % interval {self.share_low:.0%} to {self.share_high:.0%})"
        )
        median = (
            f"found after {self.median_s:.0f} s and {quantity(self.median_actions, 'action', form='.0f')} in the median"
            if self.median_s is not None and self.median_actions is not None
            else ""
        )
        return tuple(filter(None, (share, median, left_out if self.not_counted else "")))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


def exact_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share (Clopper and Pearson 1934); 0 to 1 without trials."""
    low = 0.0 if successes == 0 else _solve(lambda p: 1.0 - _at_most(successes - 1, trials, p))
    high = 1.0 if successes == trials else 1.0 - _solve(lambda q: _at_most(successes, trials, 1.0 - q))
    return low, high


def _solve(tail: Any) -> float:
    """The share at which a tail that grows with it reaches 2.5 %."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if tail(middle) > _TAIL else (middle, high)
    return low


def _at_most(successes: int, trials: int, share: float) -> float:
    return sum(math.comb(trials, k) * share**k * (1.0 - share) ** (trials - k) for k in range(successes + 1))
