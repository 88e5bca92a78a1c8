"""Events for the tests: from hypothesis, from short scripts, and in plenty."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from _fastfeat import FEATURES, SCHEMA, ActionRows

Events = tuple[
    NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8], NDArray[np.uint8]
]
MS = 1_000_000
MOVE, DRAG, PRESS, RELEASE, SCROLL = range(5)

STEPS_NS = (0, 1, 999_999, MS, 8 * MS, 8 * MS + 125, 16 * MS, 110 * MS, 250 * MS, 251 * MS, 1000 * MS)
GAPS_NS = (1000 * MS + 1, 1500 * MS, 70_000 * MS, 10**15)
PLACES = st.one_of(
    st.integers(-3, 3).map(float),
    st.integers(-2000, 2000).map(float),
    st.floats(-50, 50, width=32),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([65534.0, 65535.0, -65534.5, 1e300, -0.0, 1e-300, 0.0009, 0.0005]),
)
KINDS = st.sampled_from([MOVE] * 6 + [DRAG] * 5 + [PRESS] * 2 + [RELEASE] * 2 + [SCROLL] * 2)


def pack(rows: list[tuple[int, float, float, int, int]]) -> Events:
    """Arrays from rows of time, x, y, kind, button."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    t, x, y, kind, button = columns
    return (
        np.array(t, np.int64),
        np.array(x, np.float64),
        np.array(y, np.float64),
        np.array(kind, np.uint8),
        np.array(button, np.uint8),
    )


def part(events: Events, start: int, stop: int | None = None) -> Events:
    """The events from `start` to before `stop`."""
    t, x, y, kind, button = events
    here = slice(start, stop)
    return t[here], x[here], y[here], kind[here], button[here]


@st.composite
def event_streams(draw: st.DrawFn, most: int = 80) -> Events:
    """Any stream that `push` must take: jumps, repeats, glitches, lost presses and releases."""
    rows: list[tuple[int, float, float, int, int]] = []
    t, x, y = draw(st.integers(0, 10**12)), 0.0, 0.0
    for _ in range(draw(st.integers(0, most))):
        t += draw(st.sampled_from(STEPS_NS * 4 + GAPS_NS))
        if draw(st.integers(0, 3)):
            x, y = draw(PLACES), draw(PLACES)
        kind = draw(KINDS)
        button = draw(st.integers(4, 7)) if kind == SCROLL else draw(st.sampled_from([1, 1, 1, 3]))
        rows.append((t, x, y, kind, button if kind >= PRESS else 0))
    return pack(rows)


def work(seed: int, actions: int, interval_ms: float = 8.0) -> Events:
    """Smooth, human-like movements in whole pixels with pauses, clicks, drags and scrolling."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, float, float, int, int]] = []
    t, at = 0, np.array([500.0, 400.0])
    for number in range(actions):
        t += int(rng.choice([0.05, 0.3, 1.4]) * 1e9)
        if number % 9 == 8:
            for _ in range(int(rng.integers(1, 9))):
                t += int(rng.gamma(1.2, 80) * MS) + 1
                rows.append((t, 0.0, 0.0, SCROLL, int(rng.choice([4, 5, 5]))))
            continue
        drag = number % 5 == 4
        if drag:
            rows.append((t, *at, PRESS, 1))
        count = int(rng.integers(2, 60))
        goal = at + rng.normal(0, 250, 2)
        bend = rng.normal(0, 30, 2)
        for phase in (np.arange(count) + 1) / count:
            t += max(1, int(rng.normal(interval_ms, 0.1 * interval_ms) * MS))
            s = phase**3 * (10 - 15 * phase + 6 * phase**2)
            place = np.round(at + (goal - at) * s + bend * np.sin(np.pi * phase) + rng.normal(0, 0.6, 2))
            rows.append((t, *place, DRAG if drag else MOVE, 0))
        at = np.array(rows[-1][1:3])
        if not drag and number % 3:
            t += int(rng.gamma(3, 30) * MS)
            rows.append((t, *at, PRESS, 1))
        if drag or number % 3:
            t += int(rng.gamma(5, 18) * MS)
            rows.append((t, *at, RELEASE, 1))
    return pack([(t, float(x), float(y), kind, button) for t, x, y, kind, button in rows])


def assert_same(one: ActionRows, other: ActionRows) -> None:
    """Equal bit for bit."""
    for name in ActionRows.__slots__:
        left, right = getattr(one, name), getattr(other, name)
        assert left.shape == right.shape, name
        assert left.tobytes() == right.tobytes(), name


def scales(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each value, the size of what it was computed from: an error is small beside that."""
    found = np.maximum(np.abs(features), 1.0)
    column = {name: i for i, name in enumerate(FEATURES)}
    for i, feature in enumerate(SCHEMA):
        for form in ("_mean", "_sd"):
            stem, _, unit = feature.name.partition(form)
            ends = [column.get(f"{stem}{end}{unit}") for end in ("_max", "_min")]
            for end in ends:
                if feature.name != stem and end is not None:
                    found[:, i] = np.fmax(found[:, i], np.abs(features[:, end]))
        if feature.name in ("area_px2", "dev_offset_px", "dev_sd_px", "overshoot_px", "backtrack_px"):
            extent = features[:, column["path_px"]]
            found[:, i] = np.fmax(found[:, i], extent**2 if feature.name == "area_px2" else extent)
    return found


def assert_close(kernel: ActionRows, oracle: ActionRows, tolerance: float = 1e-9) -> None:
    """Equal within the tolerance, relative to what the values were computed from; NaN where the other is."""
    for name in ("kind", "start_ns", "end_ns", "points"):
        np.testing.assert_array_equal(getattr(kernel, name), getattr(oracle, name), name)
    left, right = kernel.features, oracle.features
    same = np.isnan(left) & np.isnan(right)
    near = np.abs(left - right) <= tolerance * scales(right)
    for row, column in np.argwhere(~(same | near)):
        raise AssertionError(
            f"row {row}, {FEATURES[column]}: {left[row, column]!r}, not {right[row, column]!r}"
        )
