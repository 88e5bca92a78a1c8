"""Window tallies: exact sums, so that removing an action undoes adding it."""

from __future__ import annotations

import math
from bisect import bisect_left, insort

BITS = 128
LIMIT = 2.0**BITS

Described = tuple[float, float, float, float, float]


def counts(number: float) -> bool:
    """Whether a value belongs to its series: a number below the limit."""
    return -LIMIT < number < LIMIT


class Series:
    """The values of one measure in the window: exact sums, and the values in order."""

    __slots__ = ("_ordered", "_squares", "_total")

    def __init__(self) -> None:
        self._ordered: list[float] = []
        self._total = 0
        self._squares = 0

    def add(self, number: float) -> None:
        """A value enters; one that does not count is passed over."""
        if -LIMIT < number < LIMIT:
            fixed = int(number * LIMIT)
            self._total += fixed
            self._squares += fixed * fixed
            insort(self._ordered, number)

    def drop(self, number: float) -> None:
        """A value that was added leaves."""
        if -LIMIT < number < LIMIT:
            fixed = int(number * LIMIT)
            self._total -= fixed
            self._squares -= fixed * fixed
            del self._ordered[bisect_left(self._ordered, number)]

    def over(self, whole: float) -> float:
        """The sum over a number; NaN where that is not above 0."""
        return self._total / (1 << BITS) / whole if whole > 0 else math.nan

    def described(self) -> Described:
        """Mean, standard deviation, 10 % quantile, median, 90 % quantile; NaN where there are too few values."""
        ordered, n = self._ordered, len(self._ordered)
        if n == 0:
            return (math.nan,) * 5
        # Division of whole numbers is rounded once, however long they are.
        mean = self._total / (n << BITS)
        sd = math.nan
        if n > 1:
            sd = math.sqrt((n * self._squares - self._total * self._total) / (n * n << 2 * BITS))
        return mean, sd, quantile(ordered, 1), quantile(ordered, 5), quantile(ordered, 9)


class Bins:
    """How many actions there are in each bin, and how fast they are."""

    __slots__ = ("_counts", "_paced", "_totals")

    def __init__(self, count: int) -> None:
        self._counts = [0] * count
        self._paced = [0] * count
        self._totals = [0] * count

    def add(self, key: int | None, pace: float, sign: int = 1) -> None:
        """An action enters the bin `key`, or leaves it (`sign` -1); None is no bin."""
        if key is not None:
            self._counts[key] += sign
            if counts(pace):
                self._paced[key] += sign
                self._totals[key] += sign * int(pace * LIMIT)

    def shares(self) -> list[float]:
        """Share of each bin among all actions in bins."""
        whole = sum(self._counts)
        return [count / whole if whole else math.nan for count in self._counts]

    def entropy(self) -> float:
        """Entropy of the shares, over its largest possible value."""
        parts = [p * math.log(p) for p in self.shares() if p != 0.0]
        return 0.0 - sum(parts) / math.log(len(self._counts)) if parts else math.nan

    def paces(self) -> list[float]:
        """Mean pace in each bin."""
        pairs = zip(self._totals, self._paced, strict=True)
        return [total / (n << BITS) if n else math.nan for total, n in pairs]


def quantile(ordered: list[float], tenths: int) -> float:
    """A quantile in tenths, linear between neighbours."""
    at, rest = divmod((len(ordered) - 1) * tenths, 10)
    low = ordered[at]
    return low + (ordered[at + 1] - low) * (rest / 10) if rest else low
