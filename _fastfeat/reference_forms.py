"""Small forms of the oracle: statistics of a series, and the geometry of vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Values = dict[str, float]


def spread(stem: str, unit: str, values: Array) -> Values:
    """Mean, largest, smallest, and with two values the standard deviation."""
    tail = f"_{unit}" if unit else ""
    if len(values) == 0:
        return {}
    found = {"mean": values.mean(), "max": values.max(), "min": values.min()}
    if len(values) > 1:
        found["sd"] = values.std()
    return {f"{stem}_{name}{tail}": float(value) for name, value in found.items()}


def median(name: str, values: Array) -> Values:
    """The median, where there is a value."""
    return {name: float(np.quantile(values, 0.5))} if len(values) else {}


def mean(name: str, values: Array) -> Values:
    """The mean, where there is a value."""
    return {name: float(values.mean())} if len(values) else {}


def flips(values: Array) -> float:
    """Changes of sign, zeros left out."""
    signs = np.sign(values)
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
