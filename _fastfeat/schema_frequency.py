"""The frequency features: Lomb-Scargle power of the unevenly sampled speed."""

from __future__ import annotations

from _fastfeat.feature import OWN, SCARGLE, YILDIRIM, Feature

_UNDEFINED = "frequency=False; r < 4, or an sd of v_j at most 1e-6 of its mean"


def _f(name: str, unit: str, definition: str, source: str = SCARGLE) -> Feature:
    return Feature(name, "frequency", unit, definition, source, _UNDEFINED)


FREQUENCY = (
    _f("ls_power", "1", "mean P(f)"),
    _f("ls_share_1_3hz", "1", "sum of P(f), f = 1..3, over sum P(f)", YILDIRIM),
    _f("ls_share_4_7hz", "1", "sum of P(f), f = 4..7, over sum P(f)", YILDIRIM),
    _f("ls_share_8_12hz", "1", "sum of P(f), f = 8..12 (physiological tremor), over sum P(f)", YILDIRIM),
    _f("ls_share_13_16hz", "1", "sum of P(f), f = 13..16, over sum P(f)", YILDIRIM),
    _f("ls_centroid_hz", "Hz", "sum f P(f) / sum P(f)", OWN),
    _f("ls_spread_hz", "Hz", "root of sum (f - ls_centroid_hz)^2 P(f) / sum P(f)", OWN),
    _f("ls_entropy", "1", "-sum p ln p / ln 16, p = P(f) / sum P(f)", OWN),
    _f("ls_peak_hz", "Hz", "lowest f with P(f) >= (1 - 1e-6) max P(f)"),
    _f("ls_peak_share", "1", "max P(f) / sum P(f)"),
)
