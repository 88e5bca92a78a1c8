"""The oracle of the window features: every window by itself, in fractions and whole arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from _fastfeat.rows import ActionRows
from _fastfeat.schema import FEATURES
from _fastfeat.schema_windows import DURATION_EDGES_S, PATH_EDGES_PX, SERIES, WINDOW_FEATURES
from _fastfeat.windows import WindowRows

Floats = NDArray[np.float64]


def extract_windows(rows: ActionRows, size: int) -> WindowRows:
    """The same as `_fastfeat.extract_windows`, slowly."""
    cycles = np.full(len(rows), math.nan)
    for i in range(1, len(rows)):
        cycles[i] = min(60_000_000_000, int(rows.start_ns[i]) - int(rows.start_ns[i - 1])) * 1e-9
    windows = WindowRows(
        np.empty((len(rows), len(WINDOW_FEATURES))), np.empty(len(rows), np.int64), rows.end_ns.copy()
    )
    for i in range(len(rows)):
        part = slice(max(0, i + 1 - size), i + 1)
        windows.features[i] = list(_window(rows[part], cycles[part]))
        windows.start_ns[i] = rows.start_ns[part][0]
    return windows


def _window(rows: ActionRows, cycles: Floats) -> Iterator[float]:
    k = len(rows)
    column = {name: rows.features[:, FEATURES.index(name)] for name in FEATURES}
    first_ns = int(rows.start_ns[0])
    span_s = (int(rows.end_ns[-1]) - first_ns) * 1e-9
    clicks = _total(column["clicks"])
    clicked = column["button"][rows.kind >= 3]
    mean, sd, *_ = _described(column["since_action_s"])
    yield k
    yield span_s
    yield _over(k - 1, (int(rows.start_ns[-1]) - first_ns) * 1e-9)
    yield _over(_total(column["duration_s"]), span_s)
    yield _over(clicks, span_s)
    yield _over(_total(column["double_clicks"]), clicks)
    yield _over(int((clicked > 1).sum()), len(clicked))
    yield _over(int((rows.kind[1:] != rows.kind[:-1]).sum()), k - 1)
    yield _over(sd - mean, sd + mean)
    kind_keys, sectors = (
        rows.kind.astype(np.float64) - 1,
        _sectors(column["direction_sin"], column["direction_cos"]),
    )
    yield _entropy(kind_keys, 4)
    yield _entropy(sectors, 8)
    pace = column["pace_px_s"]
    kinds = list(_bins(kind_keys, 4, pace))
    yield from kinds[:5] + kinds[6:]
    yield from _bins(sectors, 8, pace)
    yield from _bins(_between(column["path_px"], PATH_EDGES_PX), 5, pace)
    yield from _bins(_between(column["duration_s"], DURATION_EDGES_S), 5, pace)
    yield from _described(cycles)
    for name in SERIES:
        yield from _described(column[name])


def _counted(series: Floats) -> Floats:
    return np.asarray(series[np.isfinite(series) & (np.abs(series) < 2.0**128)])


def _exact(series: Floats) -> list[Fraction]:
    return [Fraction(math.trunc(Fraction(x) * 2**128), 2**128) for x in _counted(series).tolist()]


def _total(series: Floats) -> float:
    return float(sum(_exact(series), Fraction(0)))


def _described(series: Floats) -> list[float]:
    exact, ordered = _exact(series), np.sort(_counted(series) + 0.0)
    n = len(exact)
    if n == 0:
        return [math.nan] * 5
    mean = sum(exact, Fraction(0)) / n
    variance = sum(((x - mean) ** 2 for x in exact), Fraction(0)) / n
    statistics = [float(mean), math.sqrt(float(variance)) if n > 1 else math.nan]
    for tenths in (1, 5, 9):
        at, rest = (n - 1) * tenths // 10, (n - 1) * tenths % 10
        low, high = float(ordered[at]), float(ordered[min(at + 1, n - 1)])
        statistics.append(low + (high - low) * (rest / 10) if rest else low)
    return statistics


def _sectors(sine: Floats, cosine: Floats) -> Floats:
    """By the lines between the sectors; a limit of angles would depend on the library's arc tangent."""
    c, s = cosine, sine
    cases = [
        (s >= 0) & (c > s),
        (c > 0) & (s >= c),
        (c <= 0) & (s > -c),
        (s > 0) & (-c >= s),
        (s <= 0) & (-c > -s),
        (c < 0) & (-s >= -c),
        (c >= 0) & (-s > c),
    ]
    sectors = np.select(cases, [float(z) for z in range(7)], 7.0)
    known = np.isfinite(c) & np.isfinite(s) & (np.abs(c) < 2.0**128) & (np.abs(s) < 2.0**128)
    return np.where(known, sectors, math.nan)


def _between(series: Floats, edges: tuple[float, ...]) -> Floats:
    known = np.isfinite(series) & (np.abs(series) < 2.0**128)
    return np.where(known, np.searchsorted(edges, series, "right").astype(float), math.nan)


def _bins(keys: Floats, count: int, pace: Floats) -> Iterator[float]:
    for key in range(count):
        yield _over(int((keys == key).sum()), int((~np.isnan(keys)).sum()))
    for key in range(count):
        yield _described(pace[keys == key])[0]


def _entropy(keys: Floats, count: int) -> float:
    shares = [p for p in list(_bins(keys, count, np.zeros(len(keys))))[:count] if p > 0]
    return 0.0 - sum(p * math.log(p) for p in shares) / math.log(count) if shares else math.nan


def _over(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan
