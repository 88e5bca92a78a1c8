"""The temporal features and those of clicks, drags and scrolling."""

from __future__ import annotations

from _fastfeat.feature import (
    AHMED,
    ALL,
    ANTAL,
    CLICK,
    FEHER,
    GAMBOA,
    KURIC,
    OWN,
    SCROLL,
    Feature,
)

_R1 = "r < 1"
_R2 = "r < 2"
_STILL = "no step (m < 1)"


def _t(
    name: str, unit: str, definition: str, source: str, undefined: str = "never", kinds: str = "MM PC DD"
) -> Feature:
    return Feature(name, "temporal", unit, definition, source, undefined, kinds)


def _p(
    name: str, unit: str, definition: str, source: str, undefined: str = "never", kinds: str = CLICK
) -> Feature:
    return Feature(name, "performance", unit, definition, source, undefined, kinds)


TEMPORAL = (
    _t("duration_s", "s", "t_{n-1} - t_0", ANTAL, kinds=ALL),
    _t("points", "1", "n", ANTAL, kinds=ALL),
    _t("moving_s", "s", "sum of dt_j where v_j > 0", KURIC),
    _t("pauses", "1", "count of rests > 0.25 s", GAMBOA),
    _t("pauses_total_s", "s", "sum of rests > 0.25 s", GAMBOA),
    _t("pause_longest_s", "s", "longest rest, of any length", KURIC),
    _t("pause_share", "1", "pauses_total_s / duration_s", GAMBOA, "duration_s = 0"),
    _t("before_pause_s", "s", "min(60, t_0 - time of the event before)", KURIC, "no event before", ALL),
    _t("since_click_s", "s", "min(60, own press, else t_0, - press before)", FEHER, "no press before", ALL),
    _t("since_action_s", "s", "min(60, t_0 - end of the row before)", AHMED, "no row before", ALL),
    _t("peak_time_s", "s", "middle of the first interval with the largest v_j, from K_0", KURIC, _R1),
    _t("peak_time_share", "1", "peak_time_s / T", KURIC, _R1),
    _t(
        "accel_time_s",
        "s",
        "sum of dt_i, i < j, for the first j >= 2 with v_j <= v_{j-1} (else T)",
        ANTAL,
        _R2,
    ),
    _t("accel_share", "1", "sum of dt_j where v_j > v_{j-1}, j >= 2, over sum of dt_j, j >= 2", KURIC, _R2),
    _t(
        "half_path_share",
        "1",
        "time at which half of sum |D_j| is covered (linear within) / T",
        OWN,
        "r < 1 or no way",
    ),
)

PERFORMANCE = (
    _p("button", "1", "number of the button: 1 left, 2 middle, 3 right", AHMED),
    _p("hold_s", "s", "release - press", FEHER, "press or release not seen"),
    _p(
        "press_pause_s",
        "s",
        "press - time of the last change of position before it",
        GAMBOA,
        "press or change before not in the action",
    ),
    _p(
        "press_speed_px_s",
        "px/s",
        "sum of s_k with 0 <= press - time(q_k) <= 0.25 s, over 0.25 s",
        KURIC,
        "press not in the action",
    ),
    _p("click_slip_px", "px", "|release - press| in place", KURIC, "press or release not in the action"),
    _p("press_path_px", "px", "sum of s_k after the press", KURIC, "press not in the action"),
    _p(
        "drag_lag_s",
        "s",
        "time of the first change of position after the press - press",
        FEHER,
        "press or change after not in the action",
    ),
    _p(
        "drag_settle_s",
        "s",
        "release - time of the last change of position from the press on",
        FEHER,
        "release or change after the press not in the action",
    ),
    _p(
        "clicks",
        "1",
        "clicks (press and release seen) completed since the end of the row before",
        FEHER,
        kinds=ALL,
    ),
    _p("double_clicks", "1", "double clicks completed since the end of the row before", FEHER, kinds=ALL),
    _p("double_click_s", "s", "press to press of the latest of these double clicks", FEHER, "no such", ALL),
    _p("last_hold_s", "s", "hold time of the latest click before t_0", FEHER, "no such", ALL),
    _p("throughput_px_s", "px/s", "chord_px / duration_s", KURIC, "duration_s = 0", "MM PC DD"),
    _p("scroll_rate_hz", "Hz", "(n - 1) / duration_s", KURIC, "duration_s = 0", SCROLL),
    _p("scroll_net", "1", "(down - up + right - left) / n", KURIC, kinds=SCROLL),
    _p("scroll_horizontal_share", "1", "(left + right) / n", OWN, kinds=SCROLL),
    _p("scroll_reversals", "1", "ticks whose direction is not that of the tick before", OWN, kinds=SCROLL),
    _p("scroll_gap_mean_s", "s", "mean(g)", KURIC, kinds=SCROLL),
    _p("scroll_gap_sd_s", "s", "sd(g)", KURIC, "n < 3", SCROLL),
    _p("scroll_gap_max_s", "s", "max(g)", KURIC, kinds=SCROLL),
    _p("scroll_gap_min_s", "s", "min(g)", KURIC, kinds=SCROLL),
    _p("scroll_gap_median_s", "s", "median(g)", KURIC, kinds=SCROLL),
    _p("scroll_bursts", "1", "1 + count of g > 0.2 s", OWN, kinds=SCROLL),
    _p("scroll_burst_ticks", "1", "n / scroll_bursts", OWN, kinds=SCROLL),
    _p("scroll_burst_pause_s", "s", "mean of g > 0.2 s", OWN, "scroll_bursts = 1", SCROLL),
    _p(
        "scroll_slowing_s",
        "s",
        "mean of the last floor(|g|/2) of g - mean of the first floor(|g|/2)",
        OWN,
        "n < 3",
        SCROLL,
    ),
)
