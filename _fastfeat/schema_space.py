"""The spatial features, and the signature of the device."""

from __future__ import annotations

from _fastfeat.feature import (
    ANTAL,
    FEHER,
    GAMBOA,
    KURIC,
    MACKENZIE,
    OWN,
    ZHENG,
    Feature,
    moments,
)

_STILL = "no step (m < 1)"
_CLOSED = "chord_px = 0"
_M2 = "m < 2"
_JITTER = "m < 5 or a smoothed path of at most 1e-6 px"


def _s(name: str, unit: str, definition: str, source: str, undefined: str = "never") -> Feature:
    return Feature(name, "spatial", unit, definition, source, undefined)


def _d(name: str, unit: str, definition: str, undefined: str = "never") -> Feature:
    return Feature(name, "device", unit, definition, OWN, undefined, configuration_sensitive=True)


SPATIAL = (
    _s("path_px", "px", "L = sum of s_k", ANTAL),
    _s("chord_px", "px", "C = |p_{n-1} - p_0|", ANTAL),
    _s("straightness", "1", "C / L", ANTAL, _STILL),
    _s("direction_sin", "1", "c_y / C", ANTAL, _CLOSED),
    _s("direction_cos", "1", "c_x / C", ANTAL, _CLOSED),
    _s("x_travel_px", "px", "sum |dx_k|", KURIC),
    _s("y_travel_px", "px", "sum |dy_k|", KURIC),
    _s("x_travel_share", "1", "sum |dx_k| / sum (|dx_k| + |dy_k|)", KURIC, _STILL),
    _s("width_px", "px", "max x - min x", KURIC),
    _s("height_px", "px", "max y - min y", KURIC),
    *moments("step", "spatial", "px", "s_k", GAMBOA, "m too small:"),
    _s("dev_max_px", "px", "max |w_k|", ANTAL, _CLOSED),
    _s("dev_mean_px", "px", "mean |w_k| (movement error)", MACKENZIE, _CLOSED),
    _s("dev_sd_px", "px", "sd(w_k) (movement variability)", MACKENZIE, _CLOSED),
    _s("dev_offset_px", "px", "mean(w_k) (movement offset)", MACKENZIE, _CLOSED),
    _s("dev_left_px", "px", "max w_k", OWN, _CLOSED),
    _s("dev_right_px", "px", "-min w_k", OWN, _CLOSED),
    _s("dev_max_share", "1", "dev_max_px / C", KURIC, _CLOSED),
    _s("dev_max_at", "1", "u_k / C of the first q_k with the largest |w_k|", OWN, _CLOSED),
    _s(
        "area_px2", "px2", "(1/2) sum of (q_k - q_0) x d_{k+1}: the signed area between path and chord", KURIC
    ),
    _s("area_share", "1", "area_px2 / C^2", OWN, _CLOSED),
    _s("overshoot_px", "px", "max u_k - C", KURIC, _CLOSED),
    _s("backtrack_px", "px", "-min u_k", KURIC, _CLOSED),
    _s("axis_crossings", "1", "changes of sign in w_k, zeros left out", MACKENZIE, _CLOSED),
    _s("direction_changes", "1", "changes of sign in c . d_k, zeros left out", MACKENZIE, _CLOSED),
    _s("orthogonal_changes", "1", "changes of sign in c x d_k, zeros left out", MACKENZIE, _CLOSED),
    _s("x_flips", "1", "changes of sign in dx_k, zeros left out", KURIC),
    _s("y_flips", "1", "changes of sign in dy_k, zeros left out", KURIC),
    _s("inflections", "1", "changes of sign in d_k x d_{k+1}, zeros left out", KURIC),
    _s(
        "self_crossings",
        "1",
        "proper crossings of two segments of the path thinned to at most 17 vertices",
        KURIC,
    ),
    _s("turn_sum_rad", "rad", "sum phi_k", ANTAL),
    _s("turn_abs_sum_rad", "rad", "sum |phi_k|", GAMBOA),
    _s("turn_density_rad_px", "rad/px", "turn_abs_sum_rad / L", KURIC, _STILL),
    *moments("turn", "spatial", "rad", "phi_k", GAMBOA, "m too small:"),
    _s("turn_abs_median_rad", "rad", "median |phi_k|", OWN, _M2),
    *moments("curv", "spatial", "rad/px", "c_k", ANTAL, "m too small:"),
    _s("curv_abs_mean_rad_px", "rad/px", "mean |c_k|", FEHER, _M2),
    _s("curv_abs_median_rad_px", "rad/px", "median |c_k|", OWN, _M2),
    _s("critical_points", "1", "count of |c_k| < 0.0005 rad/px", ANTAL),
    _s("critical_share", "1", "critical_points / (m - 1)", OWN, _M2),
    *moments("bend", "spatial", "rad", "pi - |phi_k|, the angle at q_k", ZHENG, "m too small:"),
    *moments("bow", "spatial", "1", "b_k", ZHENG, "m too small, or all b_k undefined:"),
    _s("heading_spread", "1", "1 - |sum d_k / s_k| / m", FEHER, _STILL),
    _s("jitter_ratio", "1", "length of q_2..q_{m-2} / length of its 5-point moving mean", KURIC, _JITTER),
    _s(
        "jitter_rms_px",
        "px",
        "root mean square distance of q_2..q_{m-2} from its 5-point moving mean",
        KURIC,
        "m < 4",
    ),
)

DEVICE = (
    _d("interval_mean_s", "s", "mean(dt_j)", "r < 1"),
    _d("interval_sd_s", "s", "sd(dt_j)", "r < 2"),
    _d("interval_max_s", "s", "max(dt_j)", "r < 1"),
    _d("interval_min_s", "s", "min(dt_j)", "r < 1"),
    _d("interval_median_s", "s", "median(dt_j)", "r < 1"),
    _d("same_time_share", "1", "share of points at the same time as the point before", "never"),
    _d("step_quantum_px", "px", "smallest |dx_k| or |dy_k| that is not 0", _STILL),
    _d("axis_parallel_share", "1", "share of steps with dx_k = 0 or dy_k = 0", _STILL),
    _d("diagonal_share", "1", "share of steps with |dx_k| = |dy_k|", _STILL),
    _d("unit_step_share", "1", "share of steps with max(|dx_k|, |dy_k|) <= 1", _STILL),
    _d("even_step_share", "1", "share of steps whose dx_k and dy_k are both even numbers", _STILL),
    _d("fraction_step_share", "1", "share of steps whose dx_k or dy_k is not a whole number", _STILL),
)
