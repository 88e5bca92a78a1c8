"""The features of a window: the last N actions of a stream, the new one included.

Notation
    A window holds the last k actions, k <= N; a restart empties it. A value that is NaN, infinite, or 2^128 and
    more in absolute value is left out of its series. Means and spreads are computed from whole multiples of
    2^-128 (the rest is cut off) and rounded once, so that no error gathers however long the stream is. They and
    all shares are updated in a time that does not depend on N; for the quantiles a value is searched for in
    log N steps and the ordered values behind it move up by one place.

    span          end of the last action - start of the first one
    cycle         min(60 s, start of the action - start of the action before it), also across the window's edge
    sector z      direction of start to end between 45 z and 45 (z + 1) degrees, from +x towards +y
    sd            divisor N; quantiles are linear between neighbours
"""

from __future__ import annotations

from itertools import pairwise

from _fastfeat.feature import AHMED, ALL, FEHER, KURIC, OWN, Feature
from _fastfeat.schema import SCHEMA, ActionKind

GOH = "Goh & Barabasi 2008, EPL 81"

PATH_EDGES_PX = (50.0, 150.0, 400.0, 1000.0)
DURATION_EDGES_S = (0.25, 0.5, 1.0, 2.0)
SECTORS = 8
FORMS = (
    ("mean", "mean"),
    ("sd", "sd"),
    ("q10", "10 % quantile"),
    ("q50", "median"),
    ("q90", "90 % quantile"),
)

SERIES: tuple[str, ...] = (
    "since_action_s",
    "before_pause_s",
    "duration_s",
    "path_px",
    "straightness",
    "dev_max_share",
    "pause_share",
    "peak_time_share",
    "accel_share",
    "v_mean_px_s",
    "v_max_px_s",
    "v_peak_ratio",
    "a_abs_mean_px_s2",
    "jerk_abs_mean_px_s3",
    "omega_abs_mean_rad_s",
    "curv_abs_median_rad_px",
    "turn_density_rad_px",
    "heading_spread",
    "jitter_ratio",
    "submovements",
    "smoothness_ldlj",
    "throughput_px_s",
    "hold_s",
    "press_pause_s",
    "click_slip_px",
    "double_click_s",
    "scroll_gap_median_s",
    "scroll_burst_ticks",
)
"""Features of the actions whose distribution over the window is described."""


def _w(name: str, unit: str, definition: str, source: str, undefined: str = "never") -> Feature:
    return Feature(name, "window", unit, definition, source, undefined, ALL)


def _bins(stem: str, labels: tuple[str, ...], what: str, paced: tuple[str, ...]) -> tuple[Feature, ...]:
    """Shares of the actions by bin, then mean speed by bin."""
    shares = (
        _w(f"{stem}_{x}_share", "1", f"share of actions {what} {x}", AHMED, f"no action with a {stem}")
        for x in labels
    )
    paces = (
        _w(f"{stem}_{x}_pace_px_s", "px/s", f"mean pace_px_s of actions {what} {x}", AHMED, "no such action")
        for x in paced
    )
    return (*shares, *paces)


def _ranges(edges: tuple[float, ...]) -> tuple[str, ...]:
    names = [f"{edge:g}".replace(".", "p") for edge in edges]
    inner = (f"{a}_to_{b}" for a, b in pairwise(names))
    return (f"under_{names[0]}", *inner, f"from_{names[-1]}")


def _described(name: str, unit: str) -> tuple[Feature, ...]:
    return tuple(
        _w(
            f"{form}_of_{name}",
            unit,
            f"{words} of {name}",
            OWN,
            "fewer than 2 values" if form == "sd" else "no value",
        )
        for form, words in FORMS
    )


_KINDS = tuple(kind.name.lower() for kind in ActionKind)
_SECTORS = tuple(str(z) for z in range(SECTORS))
_UNITS = {f.name: f.unit for f in SCHEMA}

WINDOW_SCHEMA: tuple[Feature, ...] = (
    _w("actions", "1", "k", OWN),
    _w("span_s", "s", "span", OWN),
    _w("action_rate_hz", "Hz", "(k - 1) / (start of the last - start of the first)", KURIC, "that time <= 0"),
    _w("active_share", "1", "sum of duration_s / span", FEHER, "span <= 0"),
    _w("click_rate_hz", "Hz", "sum of clicks / span", FEHER, "span <= 0"),
    _w("double_click_share", "1", "sum of double_clicks / sum of clicks", FEHER, "no click"),
    _w("other_button_share", "1", "share of button > 1 among PC and DD", AHMED, "no PC or DD"),
    _w("kind_change_share", "1", "pairs of successive actions that differ in kind / (k - 1)", OWN, "k < 2"),
    _w("burstiness", "1", "(sd - mean) / (sd + mean) of since_action_s", GOH, "fewer than 2 values; sum 0"),
    _w("kind_entropy", "1", "-sum p ln p / ln 4 over the shares of the kinds", OWN),
    _w("sector_entropy", "1", "-sum p ln p / ln 8 over the shares of the sectors", OWN, "no direction"),
    *_bins("kind", _KINDS, "that are", ("mm", "pc", "dd")),
    *_bins("sector", _SECTORS, "in sector", _SECTORS),
    *_bins("path", _ranges(PATH_EDGES_PX), "with path_px", _ranges(PATH_EDGES_PX)),
    *_bins("time", _ranges(DURATION_EDGES_S), "with duration_s", _ranges(DURATION_EDGES_S)),
    *_described("cycle_s", "s"),
    *(feature for name in SERIES for feature in _described(name, _UNITS[name])),
)

WINDOW_FEATURES: tuple[str, ...] = tuple(feature.name for feature in WINDOW_SCHEMA)
