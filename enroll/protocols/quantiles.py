"""Quantiles of times that may be infinite: who is never caught."""

from __future__ import annotations

import math
from collections.abc import Sequence


def quantile(samples: Sequence[float], share: float) -> float | None:
    """A quantile by linear interpolation; None where it is infinite, or without values."""
    if not samples:
        return None
    ascending = sorted(samples)
    at = share * (len(ascending) - 1)
    low, high = ascending[math.floor(at)], ascending[math.ceil(at)]
    if math.isinf(high):
        return None
    return round(low + (high - low) * (at - math.floor(at)), 3)
