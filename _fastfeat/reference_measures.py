"""The measures of one action, for the oracle: each formula of the schema, in whole-array NumPy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from _fastfeat.schema import ActionKind

Array = NDArray[Any]
Values = dict[str, float]


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
    found: Values = {"duration_s": float(tau[-1]), "points": float(len(tau))}
    if kind is ActionKind.SCROLL:
        return found | _scroll((t_ns[1:] - t_ns[:-1]) * 1e-9, button, tau[-1])
    place = np.column_stack([x - x[0], y - y[0]])
    moved = np.concatenate([[True], (place[1:] != place[:-1]).any(axis=1)])
    index = np.flatnonzero(moved)
    q = place[index]
    found |= _extent(q) | _chord(q) | _turns(q) | _jitter(q) | {"self_crossings": _self_crossings(q)}
    found |= _rests(tau, index)
    found |= _ratios(found)
    times, knots = _knots(t_ns, place)
    dt = np.diff(times) * 1e-9
    found |= _device(t_ns, np.diff(q, axis=0), dt)
    found |= _motion(dt, np.diff(knots, axis=0))
    if frequency:
        found |= _spectrum(times, np.diff(knots, axis=0))
    if kind is not ActionKind.MM and press is not None:
        found |= _click(tau, place, index, press, released)
    return found


def _spread(stem: str, unit: str, values: Array) -> Values:
    tail = f"_{unit}" if unit else ""
    if len(values) == 0:
        return {}
    found = {"mean": values.mean(), "max": values.max(), "min": values.min()}
    if len(values) > 1:
        found["sd"] = values.std()
    return {f"{stem}_{name}{tail}": float(value) for name, value in found.items()}


def _median(name: str, values: Array) -> Values:
    return {name: float(np.quantile(values, 0.5))} if len(values) else {}


def _mean(name: str, values: Array) -> Values:
    return {name: float(values.mean())} if len(values) else {}


def _flips(values: Array) -> float:
    signs = np.sign(values)
    signs = signs[signs != 0]
    return float((signs[1:] != signs[:-1]).sum())


def _cross(a: Array, b: Array) -> Array:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0] + 0.0)


def _dot(a: Array, b: Array) -> Array:
    return np.asarray(a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1])


def _length(a: Array) -> Array:
    return np.asarray(np.sqrt(a[..., 0] ** 2 + a[..., 1] ** 2))


def _angle(a: Array, b: Array) -> Array:
    pairs = zip(_cross(a, b).tolist(), _dot(a, b).tolist(), strict=True)
    return np.array([math.atan2(s, c) for s, c in pairs], dtype=float)


def _over(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else math.nan


def _extent(q: Array) -> Values:
    d = np.diff(q, axis=0)
    s = _length(d)
    across, down = np.abs(d[:, 0]).sum(), np.abs(d[:, 1]).sum()
    found = {
        "path_px": s.sum(),
        "chord_px": float(_length(q[-1])),
        "straightness": _over(float(_length(q[-1])), s.sum()),
        "x_travel_px": across,
        "y_travel_px": down,
        "x_travel_share": _over(across, across + down),
        "width_px": np.ptp(q[:, 0]),
        "height_px": np.ptp(q[:, 1]),
        "x_flips": _flips(d[:, 0]),
        "y_flips": _flips(d[:, 1]),
    }
    return found | _spread("step", "px", s)


def _chord(q: Array) -> Values:
    d, c = np.diff(q, axis=0), q[-1]
    length = float(_length(c))
    area = 0.5 * _cross(q[:-1], d).sum()
    if length == 0:
        return {"area_px2": area}
    w, u = _cross(c, q) / length, _dot(c, q) / length
    far = int(np.argmax(np.abs(_cross(c, q))))
    return {
        "area_px2": area,
        "area_share": area / length**2,
        "direction_sin": c[1] / length,
        "direction_cos": c[0] / length,
        "dev_max_px": np.abs(w).max(),
        "dev_mean_px": np.abs(w).mean(),
        "dev_sd_px": w.std(),
        "dev_offset_px": w.mean(),
        "dev_left_px": w.max(),
        "dev_right_px": -w.min(),
        "dev_max_share": np.abs(w).max() / length,
        "dev_max_at": u[far] / length,
        "overshoot_px": u.max() - length,
        "backtrack_px": -u.min(),
        "axis_crossings": _flips(_cross(c, q)),
        "direction_changes": _flips(_dot(c, d)),
        "orthogonal_changes": _flips(_cross(c, d)),
    }


def _turns(q: Array) -> Values:
    d = np.diff(q, axis=0)
    s = _length(d)
    found = {"turn_sum_rad": 0.0, "turn_abs_sum_rad": 0.0, "inflections": 0.0, "critical_points": 0.0}
    if len(d):
        found["heading_spread"] = 1 - float(_length((d / s[:, None]).sum(axis=0))) / len(d)
        found["turn_density_rad_px"] = 0.0
    if len(d) < 2:
        return found
    phi = _angle(d[:-1], d[1:])
    curv = phi / ((s[:-1] + s[1:]) * 0.5)
    shortcut = _dot(d[:-1] + d[1:], d[:-1] + d[1:])
    bow = np.abs(_cross(d[:-1], d[1:]))[shortcut > 0] / shortcut[shortcut > 0]
    critical = float((np.abs(curv) < 0.0005).sum())
    found |= {
        "turn_sum_rad": phi.sum(),
        "turn_abs_sum_rad": np.abs(phi).sum(),
        "turn_density_rad_px": np.abs(phi).sum() / s.sum(),
        "inflections": _flips(_cross(d[:-1], d[1:])),
        "critical_points": critical,
        "critical_share": critical / len(curv),
        "curv_abs_mean_rad_px": np.abs(curv).mean(),
    }
    found |= _median("turn_abs_median_rad", np.abs(phi)) | _median("curv_abs_median_rad_px", np.abs(curv))
    found |= _spread("turn", "rad", phi) | _spread("curv", "rad_px", curv)
    return found | _spread("bend", "rad", np.pi - np.abs(phi)) | _spread("bow", "", bow)


def _jitter(q: Array) -> Values:
    if len(q) < 5:
        return {}
    smooth = np.stack([np.convolve(q[:, i], np.ones(5) / 5, "valid") for i in (0, 1)], axis=1)
    inner = q[2:-2]
    smooth_px = float(_length(np.diff(smooth, axis=0)).sum())
    ratio = float(_length(np.diff(inner, axis=0)).sum()) / smooth_px if smooth_px > 1e-6 else math.nan
    return {"jitter_ratio": ratio, "jitter_rms_px": math.sqrt((_length(inner - smooth) ** 2).mean())}


def _self_crossings(q: Array) -> float:
    m = len(q) - 1
    n = min(m, 16)
    p = [q[i * m // n] for i in range(n + 1)] if n else []
    count = 0
    for i in range(n):
        for k in range(i + 2, n):
            a, b, c, d = p[i], p[i + 1], p[k], p[k + 1]
            one = np.sign(_cross(b - a, c - a)) * np.sign(_cross(b - a, d - a))
            two = np.sign(_cross(d - c, a - c)) * np.sign(_cross(d - c, b - c))
            count += int(one < 0 and two < 0)
    return float(count)


def _rests(tau: Array, index: Array) -> Values:
    rests = np.diff(np.concatenate([[0.0], tau[index[1:]], tau[-1:]]))
    long = rests[rests > 0.25]
    return {
        "pauses": float(len(long)),
        "pauses_total_s": float(long.sum()),
        "pause_longest_s": float(rests.max()),
        "pause_share": _over(float(long.sum()), float(tau[-1])),
    }


def _ratios(found: Values) -> Values:
    return {
        "pace_px_s": _over(found["path_px"], found["duration_s"]),
        "throughput_px_s": _over(found["chord_px"], found["duration_s"]),
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


def _device(t_ns: Array, d: Array, dt: Array) -> Values:
    found = {"same_time_share": float((np.diff(t_ns) == 0).sum() / len(t_ns))}
    found |= _spread("interval", "s", dt) | _median("interval_median_s", dt)
    if len(d) == 0:
        return found
    size = np.abs(d)
    whole = (size == np.floor(size)).all(axis=1)
    return found | {
        "step_quantum_px": float(size[size > 0].min()),
        "axis_parallel_share": float((size == 0).any(axis=1).mean()),
        "diagonal_share": float((size[:, 0] == size[:, 1]).mean()),
        "unit_step_share": float((size <= 1).all(axis=1).mean()),
        "even_step_share": float((size % 2 == 0).all(axis=1).mean()),
        "fraction_step_share": float((~whole).mean()),
    }


def _motion(dt: Array, way: Array) -> Values:
    if len(dt) == 0:
        return {"moving_s": 0.0}
    d = _length(way)
    # As products with 1 / dt, so that comparisons of speeds fall out as in the kernel.
    vx, vy, v = way[:, 0] * (1 / dt), way[:, 1] * (1 / dt), d * (1 / dt)
    h = (dt[1:] + dt[:-1]) * 0.5
    a = np.diff(v) / h
    jerk = np.diff(a) / dt[1:-1]
    snap = np.diff(jerk) / h[1:-1]
    moving = (d[:-1] > 0) & (d[1:] > 0)
    omega = _angle(way[:-1][moving], way[1:][moving]) / h[moving]
    found = {"moving_s": float(dt[v > 0].sum()), "still_share": float(dt[v == 0].sum() / dt.sum())}
    found |= {"v_first_px_s": v[0], "v_last_px_s": v[-1]}
    for q, name in ((0.1, "q10"), (0.5, "median"), (0.9, "q90")):
        found[f"v_{name}_px_s"] = float(np.quantile(v, q))
    found |= _spread("vx", "px_s", vx) | _spread("vy", "px_s", vy) | _spread("v", "px_s", v)
    found |= _spread("a", "px_s2", a) | _mean("a_abs_mean_px_s2", np.abs(a))
    found |= _median("a_abs_median_px_s2", np.abs(a))
    found |= _spread("avec", "px_s2", np.hypot(np.diff(vx), np.diff(vy)) / h)
    found |= _spread("jerk", "px_s3", jerk) | _mean("jerk_abs_mean_px_s3", np.abs(jerk))
    found |= _spread("snap", "px_s4", snap) | _mean("snap_abs_mean_px_s4", np.abs(snap))
    found |= _spread("omega", "rad_s", omega) | _mean("omega_abs_mean_rad_s", np.abs(omega))
    found |= _median("omega_abs_median_rad_s", np.abs(omega))
    return found | _profile(dt, d, v) | _submovements(dt, d, v) | _coupling(dt, vx, vy, v, jerk)


def _profile(dt: Array, d: Array, v: Array) -> Values:
    peak = int(np.argmax(v))
    whole = float(dt.sum())
    found = {"peak_time_s": float(dt[:peak].sum() + dt[peak] / 2)}
    found["peak_time_share"] = found["peak_time_s"] / whole
    if len(v) > 1:
        rising = np.diff(v) > 0
        stops = np.flatnonzero(~rising)
        found["accel_time_s"] = float(dt[: stops[0] + 1].sum()) if len(stops) else whole
        found["accel_share"] = float(dt[1:][rising].sum() / dt[1:].sum())
    if d.sum() > 0:
        covered = np.concatenate([[0.0], np.cumsum(d)])
        half = covered[-1] * 0.5
        j = int(np.argmax(covered[1:] >= half))
        found["half_path_share"] = float((dt[:j].sum() + dt[j] * (half - covered[j]) / d[j]) / whole)
        found["v_peak_ratio"] = float(v.max() / v.mean())
    return found


def _submovements(dt: Array, d: Array, v: Array) -> Values:
    found: Values = {}
    if len(v) > 2:
        found["v_maxima"] = float(((v[1:-1] > v[:-2]) & (v[1:-1] >= v[2:])).sum())
    if v.max() == 0:
        return found
    begins: list[int] = []
    ends: list[int] = []
    for j, speed in enumerate(v):
        if len(begins) > len(ends):
            if speed < 0.5 * v[begins[-1] : j + 1].max():
                ends.append(j)
        else:
            valley = v[ends[-1] : j + 1].min() if ends else 0.0
            if speed > 2 * valley and speed >= 0.1 * v.max():
                begins.append(j)
    spans = zip(begins, [*ends, len(v)], strict=False)
    peaks = [float(v[b:e].max()) for b, e in spans]
    found["submovements"] = float(len(begins))
    found["submovement_rate_hz"] = len(begins) / float(dt.sum())
    found["submovement_first_share"] = float(d[: begins[1]].sum() / d.sum()) if len(begins) > 1 else 1.0
    if len(peaks) > 1:
        found["submovement_peak_ratio"] = peaks[1] / peaks[0]
    return found


def _coupling(dt: Array, vx: Array, vy: Array, v: Array, jerk: Array) -> Values:
    found: Values = {}
    if len(v) < 3:
        return found
    fx, fy = np.abs(vx), np.abs(vy)
    if fx.std() > 1e-6 * fx.mean() and fy.std() > 1e-6 * fy.mean():
        found["v_xy_correlation"] = float(((fx - fx.mean()) * (fy - fy.mean())).mean() / fx.std() / fy.std())
    if v.std() > 1e-6 * v.mean():
        centred = v - v.mean()
        found["v_lag1"] = float((centred[1:] * centred[:-1]).sum() / (centred**2).sum())
    energy = float((jerk**2 * dt[1:-1]).sum())
    if energy > 0 and v.max() > 0:
        found["smoothness_ldlj"] = -math.log(energy * float(dt.sum()) ** 3 / float(v.max()) ** 2)
    return found


def _click(tau: Array, place: Array, index: Array, press: int, released: bool) -> Values:
    changes = index[1:]
    steps = _length(np.diff(place[index], axis=0))
    before, after = changes <= press, changes > press
    near = before & (tau[press] - tau[changes] <= 0.25)
    found = {"press_speed_px_s": float(steps[near].sum() / 0.25), "press_path_px": float(steps[after].sum())}
    if before.any():
        found["press_pause_s"] = float(tau[press] - tau[changes[before][-1]])
    if after.any():
        found["drag_lag_s"] = float(tau[changes[after][0]] - tau[press])
    if released:
        found["click_slip_px"] = float(_length(place[-1] - place[press]))
        if after.any():
            found["drag_settle_s"] = float(tau[-1] - tau[changes[-1]])
    return found


def _scroll(gaps: Array, button: Array, duration: float) -> Values:
    n, half = len(button), len(gaps) // 2
    long = gaps[gaps > 0.2]
    found = {
        "scroll_rate_hz": _over(n - 1, duration),
        "scroll_net": float(np.where((button == 5) | (button == 7), 1, -1).mean()),
        "scroll_horizontal_share": float((button >= 6).mean()),
        "scroll_reversals": float((button[1:] != button[:-1]).sum()),
        "scroll_bursts": float(1 + len(long)),
        "scroll_burst_ticks": n / (1 + len(long)),
    }
    if len(long):
        found["scroll_burst_pause_s"] = float(long.mean())
    if half:
        found["scroll_slowing_s"] = float(gaps[-half:].mean() - gaps[:half].mean())
    return found | _spread("scroll_gap", "s", gaps) | _median("scroll_gap_median_s", gaps)


def _spectrum(times: Array, way: Array) -> Values:
    v = _length(way) * (1 / (np.diff(times) * 1e-9))
    if len(v) < 4 or v.std() <= 1e-6 * v.mean():
        return {}
    middles = ((times[1:] - times[0]) + (times[:-1] - times[0])) % 2_000_000_000 * 0.5e-9
    f = np.arange(1, 17)
    p = np.array([_lomb_scargle(middles, v - v.mean(), hz) for hz in range(1, 17)]) / (v.var() * len(v))
    share = p / p.sum()
    found = {"ls_power": p.mean(), "ls_centroid_hz": (f * share).sum(), "ls_peak_share": share.max()}
    for low, high in ((1, 3), (4, 7), (8, 12), (13, 16)):
        found[f"ls_share_{low}_{high}hz"] = share[low - 1 : high].sum()
    found["ls_spread_hz"] = math.sqrt(((f - found["ls_centroid_hz"]) ** 2 * share).sum())
    found["ls_entropy"] = -sum(x * math.log(x) for x in share.tolist() if x > 0) / math.log(16)
    found["ls_peak_hz"] = float(f[np.argmax(p >= 0.999999 * p.max())])
    return found


def _lomb_scargle(t: Array, y: Array, hz: int) -> float:
    omega = 2 * math.pi * hz
    tau = math.atan2(np.sin(2 * omega * t).sum(), np.cos(2 * omega * t).sum()) / (2 * omega)
    c, s = np.cos(omega * (t - tau)), np.sin(omega * (t - tau))
    terms = [(y * part).sum() ** 2 / (part**2).sum() for part in (c, s) if (part**2).sum() >= 0.001 * len(t)]
    return float(sum(terms))
