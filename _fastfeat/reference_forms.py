"""Small forms of the oracle: statistics of a series, and the geometry of vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Values = dict[str, float]


def spread(stem: str, unit: str, series: Array) -> Values:
    """Mean, largest, smallest, and with two values the standard deviation."""
    tail = f"_{unit}" if unit else ""
    if len(series) == 0:
        return {}
    moments = {"mean": series.mean(), "max": series.max(), "min": series.min()}
    if len(series) > 1:
        moments["sd"] = series.std()
    return {f"{stem}_{name}{tail}": float(moment) for name, moment in moments.items()}


def median(name: str, series: Array) -> Values:
    """The median, where there is a value."""
    return {name: float(np.quantile(series, 0.5))} if len(series) else {}


def mean(name: str, series: Array) -> Values:
    """The mean, where there is a value."""
    return {name: float(series.mean())} if len(series) else {}


def flips(series: Array) -> float:
    """Changes of sign, zeros left out."""
    signs = np.sign(series)
    signs = signs[signs != 0]
    return float((signs[1:] != signs[:-1]).sum())


def cross(a: Array, b: Array) -> Array:
    """Cross products."""
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0] + 0.0)


def dot(a: Array, b: Array) -> Array:
    """Dot products."""
    return np.asarray(a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1])


def norm(a: Array) -> Array:
    """Lengths of vectors."""
    return np.asarray(np.sqrt(a[..., 0] ** 2 + a[..., 1] ** 2))


def angle(a: Array, b: Array) -> Array:
    """Angles from one vector to the other."""
    pairs = zip(cross(a, b).tolist(), dot(a, b).tolist(), strict=True)
    return np.array([math.atan2(s, c) for s, c in pairs], dtype=float)


def over(part: float, whole: float) -> float:
    """A ratio; NaN where the whole is not above 0."""
    return float(part / whole) if whole > 0 else math.nan
