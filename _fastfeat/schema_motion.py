"""The spatio-temporal features: speed, its derivatives, angular speed, sub-movements, smoothness."""

from __future__ import annotations

from _fastfeat.feature import (
    ANTAL,
    BALASUBRAMANIAN,
    FEHER,
    GAMBOA,
    KURIC,
    MEYER,
    OWN,
    Feature,
    moments,
)

_G = "spatio-temporal"
_R = "r too small:"
_LDLJ = "r < 3, no way, or no jerk"


def _m(name: str, unit: str, definition: str, source: str, undefined: str) -> Feature:
    return Feature(name, _G, unit, definition, source, undefined)


SPATIO_TEMPORAL = (
    *moments("vx", _G, "px/s", "vx_j", ANTAL, _R),
    *moments("vy", _G, "px/s", "vy_j", ANTAL, _R),
    *moments("v", _G, "px/s", "v_j", ANTAL, _R),
    _m("v_q10_px_s", "px/s", "0.1 quantile of v_j", OWN, "r < 1"),
    _m("v_median_px_s", "px/s", "median of v_j", OWN, "r < 1"),
    _m("v_q90_px_s", "px/s", "0.9 quantile of v_j", OWN, "r < 1"),
    *moments("a", _G, "px/s2", "a_j", ANTAL, _R),
    _m("a_abs_mean_px_s2", "px/s2", "mean |a_j|", KURIC, "r < 2"),
    _m("a_abs_median_px_s2", "px/s2", "median |a_j|", OWN, "r < 2"),
    *moments("jerk", _G, "px/s3", "jerk_j", ANTAL, _R),
    _m("jerk_abs_mean_px_s3", "px/s3", "mean |jerk_j|", KURIC, "r < 3"),
    *moments("snap", _G, "px/s4", "snap_j", KURIC, _R),
    _m("snap_abs_mean_px_s4", "px/s4", "mean |snap_j|", KURIC, "r < 4"),
    *moments("omega", _G, "rad/s", "omega_j", ANTAL, "no omega_j:"),
    _m("omega_abs_mean_rad_s", "rad/s", "mean |omega_j|", FEHER, "no omega_j"),
    _m("omega_abs_median_rad_s", "rad/s", "median |omega_j|", OWN, "no omega_j"),
    *moments("avec", _G, "px/s2", "|V_j - V_{j-1}| / h_j, V_j = (vx_j, vy_j)", GAMBOA, _R),
    _m("pace_px_s", "px/s", "L / duration_s", ANTAL, "duration_s = 0"),
    _m("v_first_px_s", "px/s", "v_1", KURIC, "r < 1"),
    _m("v_last_px_s", "px/s", "v_r", KURIC, "r < 1"),
    _m("v_peak_ratio", "1", "max v_j / mean v_j", OWN, "r < 1 or no way"),
    _m(
        "v_xy_correlation",
        "1",
        "Pearson correlation of |vx_j| and |vy_j|",
        OWN,
        "r < 3, or an sd at most 1e-6 of its mean",
    ),
    _m(
        "v_lag1",
        "1",
        "lag-1 autocorrelation: sum (v_j - v)(v_{j-1} - v) / sum (v_j - v)^2",
        OWN,
        "r < 3, or an sd at most 1e-6 of the mean",
    ),
    _m("still_share", "1", "sum of dt_j where v_j = 0, over T", KURIC, "r < 1"),
    _m("v_maxima", "1", "count of v_j > v_{j-1} and v_j >= v_{j+1}, 1 < j < r", GAMBOA, "r < 3"),
    _m("submovements", "1", "N_s", MEYER, "r < 1 or no way"),
    _m("submovement_rate_hz", "Hz", "N_s / T", MEYER, "r < 1 or no way"),
    _m(
        "submovement_first_share",
        "1",
        "share of sum |D_j| up to the end of the first valley (1 if none)",
        MEYER,
        "r < 1 or no way",
    ),
    _m("submovement_peak_ratio", "1", "second sub-movement's peak / first one's", MEYER, "N_s < 2"),
    _m("smoothness_ldlj", "1", "-ln(sum of jerk_j^2 dt_{j-1} * T^3 / (max v_j)^2)", BALASUBRAMANIAN, _LDLJ),
)
