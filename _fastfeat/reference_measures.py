"""The measures of one action, for the oracle: each formula of the schema, in whole-array NumPy."""

from __future__ import annotations

import numpy as np

from _fastfeat.reference_forms import Array, Values, median, norm, over, spread
from _fastfeat.reference_frequency import spectrum
from _fastfeat.reference_motion import motion
from _fastfeat.reference_space import chord, device, extent, jitter, self_crossings, turns
from _fastfeat.schema import ActionKind


def measure(
    columns: tuple[Array, ...], kind: ActionKind, press: int | None, released: bool, frequency: bool
) -> Values:
    """All features of one action but its context, by name; what is missing is NaN.

    Parameters
    ----------
    columns : tuple of ndarray
        Times in ns, x and y in px, buttons; one value a point.
    kind : ActionKind
    press : int or None
        Index of the action's own press.
    released : bool
        Whether the last point is its release.
    frequency : bool
        Whether the frequency features are asked for.
    """
    t_ns, x, y, button = columns
    tau = (t_ns - t_ns[0]) * 1e-9
    features: Values = {"duration_s": float(tau[-1]), "points": float(len(tau))}
    if kind is ActionKind.SCROLL:
        return features | _scroll((t_ns[1:] - t_ns[:-1]) * 1e-9, button, tau[-1])
    place = np.column_stack([x - x[0], y - y[0]])
    moved = np.concatenate([[True], (place[1:] != place[:-1]).any(axis=1)])
    index = np.flatnonzero(moved)
    q = place[index]
    features |= extent(q) | chord(q) | turns(q) | jitter(q) | {"self_crossings": self_crossings(q)}
    features |= _rests(tau, index)
    features |= _ratios(features)
    times, knots = _knots(t_ns, place)
    dt = np.diff(times) * 1e-9
    features |= device(t_ns, np.diff(q, axis=0), dt)
    features |= motion(dt, np.diff(knots, axis=0))
    if frequency:
        features |= spectrum(times, np.diff(knots, axis=0))
    if kind is not ActionKind.MM and press is not None:
        features |= _click(tau, place, index, press, released)
    return features


def _rests(tau: Array, index: Array) -> Values:
    rests = np.diff(np.concatenate([[0.0], tau[index[1:]], tau[-1:]]))
    long = rests[rests > 0.25]
    return {
        "pauses": float(len(long)),
        "pauses_total_s": float(long.sum()),
        "pause_longest_s": float(rests.max()),
        "pause_share": over(float(long.sum()), float(tau[-1])),
    }


def _ratios(features: Values) -> Values:
    return {
        "pace_px_s": over(features["path_px"], features["duration_s"]),
        "throughput_px_s": over(features["chord_px"], features["duration_s"]),
    }


def _knots(t_ns: Array, place: Array) -> tuple[Array, Array]:
    times: list[int] = [int(t_ns[0])]
    places = [place[0]]
    for t, at in zip(t_ns, place, strict=True):
        if t - times[-1] >= 1_000_000:
            times.append(int(t))
            places.append(at)
        places[-1] = at
    return np.array(times), np.array(places)


def _click(tau: Array, place: Array, index: Array, press: int, released: bool) -> Values:
    changes = index[1:]
    steps = norm(np.diff(place[index], axis=0))
    before, after = changes <= press, changes > press
    near = before & (tau[press] - tau[changes] <= 0.25)
    features = {
        "press_speed_px_s": float(steps[near].sum() / 0.25),
        "press_path_px": float(steps[after].sum()),
    }
    if before.any():
        features["press_pause_s"] = float(tau[press] - tau[changes[before][-1]])
    if after.any():
        features["drag_lag_s"] = float(tau[changes[after][0]] - tau[press])
    if released:
        features["click_slip_px"] = float(norm(place[-1] - place[press]))
        if after.any():
            features["drag_settle_s"] = float(tau[-1] - tau[changes[-1]])
    return features


def _scroll(gaps: Array, button: Array, duration: float) -> Values:
    n, half = len(button), len(gaps) // 2
    long = gaps[gaps > 0.2]
    features = {
        "scroll_rate_hz": over(n - 1, duration),
        "scroll_net": float(np.where((button == 5) | (button == 7), 1, -1).mean()),
        "scroll_horizontal_share": float((button >= 6).mean()),
        "scroll_reversals": float((button[1:] != button[:-1]).sum()),
        "scroll_bursts": float(1 + len(long)),
        "scroll_burst_ticks": n / (1 + len(long)),
    }
    if len(long):
        features["scroll_burst_pause_s"] = float(long.mean())
    if half:
        features["scroll_slowing_s"] = float(gaps[-half:].mean() - gaps[:half].mean())
    return features | spread("scroll_gap", "s", gaps) | median("scroll_gap_median_s", gaps)
