"""The 39 values of one action of Antal & Egyed-Zsigmond (arXiv 1810.04668), with the authors' habits."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SCREEN_PX = 4000
ZERO_DT_S = 0.01
CRITICAL = 0.0005


def _family(*names: str) -> tuple[str, ...]:
    return tuple(f"{form}_{name}" for name in names for form in ("mean", "sd", "max", "min"))


COLUMNS: tuple[str, ...] = (
    "type_of_action",
    "traveled_distance_pixel",
    "elapsed_time",
    "direction_of_movement",
    "straightness",
    "num_points",
    "sum_of_angles",
    *_family("curv", "omega"),
    "largest_deviation",
    "dist_end_to_end_line",
    "num_critical_points",
    *_family("vx", "vy", "v", "a", "jerk"),
    "a_beg_time",
)


def _statistics(series: Floats) -> list[float]:
    """mean, sd, max, min in the authors' way."""
    n = len(series)
    mean = float(series.sum() / n) if n else 0.0
    if n < 2:
        return [mean, 0.0, 0.0, 0.0]
    sd = math.sqrt(float(((series[1:] - mean) ** 2).sum()) / (n - 1))
    lowest = min(float(series[-1]), *series[series != 0].tolist(), math.inf)
    return [mean, sd, float(series.max()), lowest]


def measure(action: int, t: Floats, x: Floats, y: Floats) -> list[float]:
    """The 39 values of one action, as in `COLUMNS`; `x` and `y` are cleaned in place."""
    for i in range(1, len(x)):
        if x[i] > SCREEN_PX or y[i] > SCREEN_PX:
            x[i], y[i] = x[i - 1], y[i - 1]
    dx, dy, dt = np.diff(x), np.diff(y), np.diff(t)
    dt[dt == 0] = ZERO_DT_S
    path = np.concatenate([[0.0], np.cumsum(np.sqrt(dx * dx + dy * dy))])
    theta = np.concatenate([[0.0], np.arctan2(dy, dx)])
    vx, vy = np.concatenate([[0.0], dx / dt]), np.concatenate([[0.0], dy / dt])
    v = np.sqrt(vx * vx + vy * vy)
    omega = np.concatenate([[0.0], np.diff(theta) / dt])
    a = np.concatenate([[0.0], np.diff(v)[:-1] / dt[:-1]])
    jerk = np.concatenate([[0.0], np.diff(a) / dt[:-1]])
    step = np.diff(path)
    curv = np.diff(theta)[step != 0] / step[step != 0]
    slower = np.flatnonzero(np.diff(v)[:-1] <= 0)
    begun = dt[: slower[0]] if len(slower) else dt[:-1]
    chord = math.hypot(x[-1] - x[0], y[-1] - y[0])
    way = float(path[-1])
    return [
        float(action),
        way,
        float(t[-1] - t[0]),
        _octant(math.atan2(y[-1] - y[0], x[-1] - x[0])),
        min(1.0, chord / way) if way else 0.0,
        float(len(t)),
        float(theta.sum()),
        *_statistics(curv),
        *_statistics(omega),
        _largest_deviation(x, y),
        chord,
        float((np.abs(curv) < CRITICAL).sum()),
        *(statistic for series in (vx, vy, v, a, jerk) for statistic in _statistics(series)),
        float(begun.sum()),
    ]


def _octant(theta: float) -> float:
    """0 to 7, each 45 degrees wide, from the x axis on; exactly pi counts as 0."""
    return float(math.floor(theta / (math.pi / 4)) % 8) if theta < math.pi else 0.0


def _largest_deviation(x: Floats, y: Floats) -> float:
    along, across = x[-1] - x[0], y[0] - y[-1]
    offset = x[0] * y[-1] - x[-1] * y[0]
    length = math.hypot(along, across)
    far = float(np.abs(along * x[1:-1] + across * y[1:-1] + offset).max())
    return far / length if length > 0 else far
