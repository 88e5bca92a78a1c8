"""The frequency measures of one action, for the oracle."""

from __future__ import annotations

import math

import numpy as np

from _fastfeat.reference_forms import Array, Values, norm


def spectrum(times: Array, way: Array) -> Values:
    """Lomb-Scargle power of the speed."""
    v = norm(way) * (1 / (np.diff(times) * 1e-9))
    if len(v) < 4 or v.std() <= 1e-6 * v.mean():
        return {}
    middles = ((times[1:] - times[0]) + (times[:-1] - times[0])) % 2_000_000_000 * 0.5e-9
    f = np.arange(1, 17)
    p = np.array([_lomb_scargle(middles, v - v.mean(), hz) for hz in range(1, 17)]) / (v.var() * len(v))
    share = p / p.sum()
    features = {"ls_power": p.mean(), "ls_centroid_hz": (f * share).sum(), "ls_peak_share": share.max()}
    for low, high in ((1, 3), (4, 7), (8, 12), (13, 16)):
        features[f"ls_share_{low}_{high}hz"] = share[low - 1 : high].sum()
    features["ls_spread_hz"] = math.sqrt(((f - features["ls_centroid_hz"]) ** 2 * share).sum())
    features["ls_entropy"] = -sum(x * math.log(x) for x in share.tolist() if x > 0) / math.log(16)
    features["ls_peak_hz"] = float(f[np.argmax(p >= 0.999999 * p.max())])
    return features


def _lomb_scargle(t: Array, y: Array, hz: int) -> float:
    omega = 2 * math.pi * hz
    tau = math.atan2(np.sin(2 * omega * t).sum(), np.cos(2 * omega * t).sum()) / (2 * omega)
    c, s = np.cos(omega * (t - tau)), np.sin(omega * (t - tau))
    terms = [(y * part).sum() ** 2 / (part**2).sum() for part in (c, s) if (part**2).sum() >= 0.001 * len(t)]
    return float(sum(terms))
