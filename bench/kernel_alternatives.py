"""The usual ways to compute such features, on the same events: ``python bench/kernel_alternatives.py EVENTS.npz``.

A process of its own, because pandas and tsfresh need not be installed where the kernel is built. The file holds
`t_s`, `x`, `y` and `action`, the number of each event's action: these ways are spared the segmentation. It
prints a JSON object; what cannot be imported is missing in it.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Events = tuple[Floats, Floats, Floats, NDArray[np.int64]]

FORMS = ("mean", "std", "max", "min")
SERIES = ("vx", "vy", "v", "a", "jerk", "omega", "curvature")


def vectorised(t: Floats, x: Floats, y: Floats, action: NDArray[np.int64]) -> Floats:
    """33 features of all actions by whole-array NumPy: mean, sd, max, min of seven series, and five sums."""
    same = np.flatnonzero(action[1:] == action[:-1])
    owner = action[1:][same]
    dt = np.maximum(np.diff(t)[same], 0.001)
    dx, dy = np.diff(x)[same], np.diff(y)[same]
    step = np.hypot(dx, dy)
    vx, vy, v = dx / dt, dy / dt, step / dt
    theta = np.arctan2(dy, dx)
    turn = (np.diff(theta, prepend=theta[0]) + np.pi) % (2 * np.pi) - np.pi
    a = np.diff(v, prepend=v[0]) / dt
    jerk = np.diff(a, prepend=a[0]) / dt
    begins = np.flatnonzero(np.diff(owner, prepend=-1))
    sizes = np.diff(np.append(begins, len(owner)))
    columns: list[Floats] = []
    for series in (vx, vy, v, a, jerk, turn / dt, turn / np.maximum(step, 0.1)):
        mean = np.add.reduceat(series, begins) / sizes
        square = np.add.reduceat((series - np.repeat(mean, sizes)) ** 2, begins) / sizes
        columns += [
            mean,
            np.sqrt(square),
            np.maximum.reduceat(series, begins),
            np.minimum.reduceat(series, begins),
        ]
    path, duration = np.add.reduceat(step, begins), np.add.reduceat(dt, begins)
    chord = np.hypot(np.add.reduceat(dx, begins), np.add.reduceat(dy, begins))
    columns += [path, duration, chord, chord / np.maximum(path, 1), np.add.reduceat(np.abs(turn), begins)]
    return np.stack(columns, axis=1)


def by_pandas(t: Floats, x: Floats, y: Floats, action: NDArray[np.int64]) -> Any:
    """The same 33 features, one action's data frame after the other."""
    import pandas as pd

    table = pd.DataFrame({"t": t, "x": x, "y": y, "action": action})
    return pd.DataFrame([_one_action(group) for _, group in table.groupby("action")])


def _one_action(group: Any) -> dict[str, float]:
    dt = group["t"].diff().clip(lower=0.001)
    dx, dy = group["x"].diff(), group["y"].diff()
    step = np.hypot(dx, dy)
    turn = (np.arctan2(dy, dx).diff() + np.pi) % (2 * np.pi) - np.pi
    series = {"vx": dx / dt, "vy": dy / dt, "v": step / dt}
    series["a"] = series["v"].diff() / dt
    series["jerk"] = series["a"].diff() / dt
    series["omega"], series["curvature"] = turn / dt, turn / step.clip(lower=0.1)
    features = {f"{form}_{name}": getattr(series[name], form)() for name in SERIES for form in FORMS}
    path, chord = step.sum(), float(np.hypot(dx.sum(), dy.sum()))
    sums = {"path": path, "duration": dt.sum(), "chord": chord, "straightness": chord / max(path, 1)}
    return features | sums | {"turn": turn.abs().sum()}


def by_tsfresh(t: Floats, x: Floats, y: Floats, action: NDArray[np.int64]) -> Any:
    """The efficient set of one series, the speed."""
    import pandas as pd
    from tsfresh import extract_features
    from tsfresh.feature_extraction import EfficientFCParameters

    same = np.flatnonzero(action[1:] == action[:-1])
    v = np.hypot(np.diff(x), np.diff(y))[same] / np.maximum(np.diff(t)[same], 0.001)
    table = pd.DataFrame({"action": action[1:][same], "t": t[1:][same], "v": v})
    return extract_features(
        table,
        column_id="action",
        column_sort="t",
        column_value="v",
        default_fc_parameters=EfficientFCParameters(),
        n_jobs=0,
        disable_progressbar=True,
    )


def timed(compute: Callable[..., Any], events: Events, actions: int, rounds: int) -> dict[str, float]:
    """The shortest time of several, an event, and how many features came out."""
    most = int(np.searchsorted(events[3], actions))
    few = tuple(a[:most] for a in events)
    best, features = float("inf"), 0
    for _ in range(rounds):
        start = time.perf_counter_ns()
        features = compute(*few).shape[1]
        best = min(best, float(time.perf_counter_ns() - start))
    return {"ns_per_event": best / most, "features": features}


def main() -> None:
    """Measure what is installed."""
    with np.load(sys.argv[1], allow_pickle=False) as archive:
        events = (archive["t_s"], archive["x"], archive["y"], archive["action"])
    warnings.simplefilter("ignore")
    seconds_of = {"numpy": timed(vectorised, events, 10**9, rounds=15)}
    if importlib.util.find_spec("pandas"):
        seconds_of["pandas"] = timed(by_pandas, events, 150, rounds=3)
    if importlib.util.find_spec("tsfresh"):
        seconds_of["tsfresh"] = timed(by_tsfresh, events, 30, rounds=2)
    print(json.dumps(seconds_of))


if __name__ == "__main__":
    main()
