"""The spatial measures of one action and the signature of its device, for the oracle."""

from __future__ import annotations

import math

import numpy as np

from _fastfeat.reference_forms import Array, Values, angle, cross, dot, flips, median, norm, over, spread


def extent(q: Array) -> Values:
    """Length, travel and extent of the path."""
    d = np.diff(q, axis=0)
    s = norm(d)
    across, down = np.abs(d[:, 0]).sum(), np.abs(d[:, 1]).sum()
    features = {
        "path_px": s.sum(),
        "chord_px": float(norm(q[-1])),
        "straightness": over(float(norm(q[-1])), s.sum()),
        "x_travel_px": across,
        "y_travel_px": down,
        "x_travel_share": over(across, across + down),
        "width_px": np.ptp(q[:, 0]),
        "height_px": np.ptp(q[:, 1]),
        "x_flips": flips(d[:, 0]),
        "y_flips": flips(d[:, 1]),
    }
    return features | spread("step", "px", s)


def chord(q: Array) -> Values:
    """Deviation from the straight line."""
    d, c = np.diff(q, axis=0), q[-1]
    length = float(norm(c))
    area = 0.5 * cross(q[:-1], d).sum()
    if length == 0:
        return {"area_px2": area}
    w, u = cross(c, q) / length, dot(c, q) / length
    far = int(np.argmax(np.abs(cross(c, q))))
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
        "axis_crossings": flips(cross(c, q)),
        "direction_changes": flips(dot(c, d)),
        "orthogonal_changes": flips(cross(c, d)),
    }


def turns(q: Array) -> Values:
    """Turns, curvature and what follows from them."""
    d = np.diff(q, axis=0)
    s = norm(d)
    features = {"turn_sum_rad": 0.0, "turn_abs_sum_rad": 0.0, "inflections": 0.0, "critical_points": 0.0}
    if len(d):
        features["heading_spread"] = 1 - float(norm((d / s[:, None]).sum(axis=0))) / len(d)
        features["turn_density_rad_px"] = 0.0
    if len(d) < 2:
        return features
    phi = angle(d[:-1], d[1:])
    curv = phi / ((s[:-1] + s[1:]) * 0.5)
    shortcut = dot(d[:-1] + d[1:], d[:-1] + d[1:])
    bow = np.abs(cross(d[:-1], d[1:]))[shortcut > 0] / shortcut[shortcut > 0]
    critical = float((np.abs(curv) < 0.0005).sum())
    features |= {
        "turn_sum_rad": phi.sum(),
        "turn_abs_sum_rad": np.abs(phi).sum(),
        "turn_density_rad_px": np.abs(phi).sum() / s.sum(),
        "inflections": flips(cross(d[:-1], d[1:])),
        "critical_points": critical,
        "critical_share": critical / len(curv),
        "curv_abs_mean_rad_px": np.abs(curv).mean(),
    }
    features |= median("turn_abs_median_rad", np.abs(phi)) | median("curv_abs_median_rad_px", np.abs(curv))
    features |= spread("turn", "rad", phi) | spread("curv", "rad_px", curv)
    return features | spread("bend", "rad", np.pi - np.abs(phi)) | spread("bow", "", bow)


def jitter(q: Array) -> Values:
    """The path against its smoothed self."""
    if len(q) < 5:
        return {}
    smooth = np.stack([np.convolve(q[:, i], np.ones(5) / 5, "valid") for i in (0, 1)], axis=1)
    inner = q[2:-2]
    smooth_px = float(norm((q[5:] - q[:-5]) / 5).sum())
    ratio = float(norm(np.diff(inner, axis=0)).sum()) / smooth_px if smooth_px > 1e-6 else math.nan
    return {"jitter_ratio": ratio, "jitter_rms_px": math.sqrt((norm(inner - smooth) ** 2).mean())}


def self_crossings(q: Array) -> float:
    """Proper crossings among 16 segments of the path."""
    m = len(q) - 1
    n = min(m, 16)
    p = [q[i * m // n] for i in range(n + 1)] if n else []
    count = 0
    for i in range(n):
        for k in range(i + 2, n):
            a, b, c, d = p[i], p[i + 1], p[k], p[k + 1]
            side_of_first = np.sign(cross(b - a, c - a)) * np.sign(cross(b - a, d - a))
            side_of_second = np.sign(cross(d - c, a - c)) * np.sign(cross(d - c, b - c))
            count += int(side_of_first < 0 and side_of_second < 0)
    return float(count)


def device(t_ns: Array, d: Array, dt: Array) -> Values:
    """Intervals, quantum and preferred directions of the steps."""
    features = {"same_time_share": float((np.diff(t_ns) == 0).sum() / len(t_ns))}
    features |= spread("interval", "s", dt) | median("interval_median_s", dt)
    if len(d) == 0:
        return features
    size = np.abs(d)
    whole = (size == np.floor(size)).all(axis=1)
    return features | {
        "step_quantum_px": float(size[size > 0].min()),
        "axis_parallel_share": float((size == 0).any(axis=1).mean()),
        "diagonal_share": float((size[:, 0] == size[:, 1]).mean()),
        "unit_step_share": float((size <= 1).all(axis=1).mean()),
        "even_step_share": float((size % 2 == 0).all(axis=1).mean()),
        "fraction_step_share": float((~whole).mean()),
    }
