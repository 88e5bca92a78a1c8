"""The spatio-temporal measures of one action, for the oracle."""

from __future__ import annotations

import math

import numpy as np

from _fastfeat.reference_forms import Array, Values, angle, mean, median, norm, spread


def motion(dt: Array, way: Array) -> Values:
    """Speed and everything derived from it."""
    if len(dt) == 0:
        return {"moving_s": 0.0}
    d = norm(way)
    # As products with 1 / dt, so that comparisons of speeds fall out as in the kernel.
    vx, vy, v = way[:, 0] * (1 / dt), way[:, 1] * (1 / dt), d * (1 / dt)
    h = (dt[1:] + dt[:-1]) * 0.5
    a = np.diff(v) / h
    jerk = np.diff(a) / dt[1:-1]
    snap = np.diff(jerk) / h[1:-1]
    moving = (d[:-1] > 0) & (d[1:] > 0)
    omega = angle(way[:-1][moving], way[1:][moving]) / h[moving]
    features = {"moving_s": float(dt[v > 0].sum()), "still_share": float(dt[v == 0].sum() / dt.sum())}
    features |= {"v_first_px_s": v[0], "v_last_px_s": v[-1]}
    for q, name in ((0.1, "q10"), (0.5, "median"), (0.9, "q90")):
        features[f"v_{name}_px_s"] = float(np.quantile(v, q))
    features |= spread("vx", "px_s", vx) | spread("vy", "px_s", vy) | spread("v", "px_s", v)
    features |= spread("a", "px_s2", a) | mean("a_abs_mean_px_s2", np.abs(a))
    features |= median("a_abs_median_px_s2", np.abs(a))
    features |= spread("avec", "px_s2", np.hypot(np.diff(vx), np.diff(vy)) / h)
    features |= spread("jerk", "px_s3", jerk) | mean("jerk_abs_mean_px_s3", np.abs(jerk))
    features |= spread("snap", "px_s4", snap) | mean("snap_abs_mean_px_s4", np.abs(snap))
    features |= spread("omega", "rad_s", omega) | mean("omega_abs_mean_rad_s", np.abs(omega))
    features |= median("omega_abs_median_rad_s", np.abs(omega))
    return features | _profile(dt, d, v) | _submovements(dt, d, v) | _coupling(dt, vx, vy, v, jerk)


def _profile(dt: Array, d: Array, v: Array) -> Values:
    peak = int(np.argmax(v))
    whole = float(dt.sum())
    features = {"peak_time_s": float(dt[:peak].sum() + dt[peak] / 2)}
    features["peak_time_share"] = features["peak_time_s"] / whole
    if len(v) > 1:
        rising = np.diff(v) > 0
        stops = np.flatnonzero(~rising)
        features["accel_time_s"] = float(dt[: stops[0] + 1].sum()) if len(stops) else whole
        features["accel_share"] = float(dt[1:][rising].sum() / dt[1:].sum())
    if d.sum() > 0:
        covered = np.concatenate([[0.0], np.cumsum(d)])
        half = covered[-1] * 0.5
        j = int(np.argmax(covered[1:] >= half))
        features["half_path_share"] = float((dt[:j].sum() + dt[j] * (half - covered[j]) / d[j]) / whole)
        features["v_peak_ratio"] = float(v.max() / v.mean())
    return features


def _submovements(dt: Array, d: Array, v: Array) -> Values:
    features: Values = {}
    if len(v) > 2:
        features["v_maxima"] = float(((v[1:-1] > v[:-2]) & (v[1:-1] >= v[2:])).sum())
    if v.max() == 0:
        return features
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
    features["submovements"] = float(len(begins))
    features["submovement_rate_hz"] = len(begins) / float(dt.sum())
    features["submovement_first_share"] = float(d[: begins[1]].sum() / d.sum()) if len(begins) > 1 else 1.0
    if len(peaks) > 1:
        features["submovement_peak_ratio"] = peaks[1] / peaks[0]
    return features


def _coupling(dt: Array, vx: Array, vy: Array, v: Array, jerk: Array) -> Values:
    features: Values = {}
    if len(v) < 3:
        return features
    fx, fy = np.abs(vx), np.abs(vy)
    if fx.std() > 1e-6 * fx.mean() and fy.std() > 1e-6 * fy.mean():
        features["v_xy_correlation"] = float(
            ((fx - fx.mean()) * (fy - fy.mean())).mean() / fx.std() / fy.std()
        )
    if v.std() > 1e-6 * v.mean():
        centred = v - v.mean()
        features["v_lag1"] = float((centred[1:] * centred[:-1]).sum() / (centred**2).sum())
    energy = float((jerk**2 * dt[1:-1]).sum())
    if energy > 0 and v.max() > 0:
        features["smoothness_ldlj"] = -math.log(energy * float(dt.sum()) ** 3 / float(v.max()) ** 2)
    return features
