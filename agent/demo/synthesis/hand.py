"""The personal parameters of a hand, and the population that they are drawn from.

Medians and spreads follow the 70 people of SapiMouse (native capture, own measurements). There two random
people lie 0.4 to 0.8 pooled standard deviations apart in one dynamic (duration, peak speed, hold and settle time
of a click), and one person's sessions differ by about half of what people differ by. Taken together, by the
distance to the 3 nearest of the owner's own point-and-click actions after Gaussianising and whitening, 20 of them
with equal report rates lie 0.8 standard deviations apart per action (median of the pairs; quartiles 0.4 and 1.3);
12 generated people 0.7 (0.4 and 1.1), so telling these apart is no easier. tests/agent/engine/test_synthesis.py
holds the population to that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

import numpy as np

TEMPO: Final = 0.4
"""Correlation of every timing with the person's tempo: who is quick at one thing is often quick at others."""


RESTLESS: Final = 0.3
"""How far anything but timing moves between one person's sessions, as a share of how far people differ."""


@dataclass(frozen=True, slots=True)
class _Law:
    """How a parameter is spread over people: normal, or normal in its log; cut to what is possible."""

    median: float
    spread: float
    log: bool
    timing: bool
    least: float
    most: float

    def at(self, z: float) -> float:
        """The value at `z` standard deviations."""
        step = self.spread * z
        return self.cut(self.median * math.exp(step) if self.log else self.median + step)

    def cut(self, quantity: float) -> float:
        """The nearest possible value."""
        return min(max(quantity, self.least), self.most)


def _trait(median: float, spread: float, *, timing: bool = False, least: float, most: float) -> Any:
    """A parameter that is lognormal over people: `spread` is the standard deviation of its log."""
    return field(metadata={"law": _Law(median, spread, True, timing, least, most)})


def _signed(mean: float, spread: float, *, least: float, most: float) -> Any:
    """A parameter that is normal over people."""
    return field(metadata={"law": _Law(mean, spread, False, False, least, most)})


@dataclass(frozen=True, slots=True)
class Hand:
    """How one person moves a mouse. Names end in their unit; a `…_spread` is a standard deviation of a log.

    Attributes
    ----------
    reaction_ms, reaction_spread : float
        From having decided where to go to the first movement.
    fitts_a_ms, fitts_b_ms, duration_spread : float
        A stroke takes a + b log2(distance / width + 1) (Fitts' law, Shannon form), times lognormal noise.
    skew, skew_spread : float
        Sigma of the lognormal speed profile, and how it varies.
    reach, reach_spread : float
        Share of the way that the first stroke covers (above 1 it overshoots), and its standard deviation.
    veer_rad : float
        Standard deviation of the first stroke's error of direction.
    tolerance : float
        Share of the target's half width that is near enough not to correct.
    correction_ms, correction_onset : float
        Base duration of a corrective stroke, and when it sets in, as a share of the stroke before.
    arc_rad, arc_swing_rad, arc_axis_rad, arc_spread_rad : float
        By how much paths turn: mean, how far that depends on the direction, about which axis, and noise.
    tremor_px, tremor_hz : float
        Amplitude and frequency of tremor (physiological: 8 to 12 Hz).
    settle_ms, settle_spread : float
        From arrival to the press.
    hold_ms, hold_spread : float
        From press to release.
    double_gap_ms, double_gap_spread : float
        Between the two clicks of a double click.
    grip_ms, drag_slowness, let_go_ms : float
        Dragging: wait after the press, factor on durations, wait before the release.
    tick_ms, tick_spread, burst_ticks, burst_gap_ms : float
        Scrolling: between ticks, how many to a burst, between bursts.
    pause_ms, pause_spread, long_pause_share : float
        Between one thing done and the next, and the share of pauses that become long (seconds).
    drift : float
        How far timings move from session to session: standard deviation of their log.
    """

    reaction_ms: float = _trait(170, 0.28, timing=True, least=80, most=400)
    reaction_spread: float = _trait(0.24, 0.25, least=0.08, most=0.6)
    fitts_a_ms: float = _trait(120, 0.31, timing=True, least=50, most=280)
    fitts_b_ms: float = _trait(88, 0.25, timing=True, least=45, most=170)
    duration_spread: float = _trait(0.2, 0.25, least=0.11, most=0.4)
    skew: float = _trait(0.24, 0.25, least=0.12, most=0.45)
    skew_spread: float = _trait(0.28, 0.25, least=0.12, most=0.6)
    reach: float = _signed(0.95, 0.044, least=0.82, most=1.06)
    reach_spread: float = _trait(0.06, 0.38, least=0.024, most=0.15)
    veer_rad: float = _trait(0.056, 0.38, least=0.024, most=0.15)
    tolerance: float = _trait(0.8, 0.25, least=0.4, most=1.0)
    correction_ms: float = _trait(130, 0.25, timing=True, least=70, most=260)
    correction_onset: float = _trait(0.85, 0.15, least=0.55, most=1.2)
    arc_rad: float = _signed(0.0, 0.12, least=-0.35, most=0.35)
    arc_swing_rad: float = _trait(0.18, 0.5, least=0.04, most=0.5)
    arc_axis_rad: float = _signed(0.0, 1.5, least=-math.pi, most=math.pi)
    arc_spread_rad: float = _trait(0.24, 0.31, least=0.096, most=0.6)
    tremor_px: float = _trait(0.35, 0.44, least=0.1, most=1.2)
    tremor_hz: float = _trait(9.5, 0.12, least=7.0, most=12.5)
    settle_ms: float = _trait(75, 0.48, timing=True, least=12, most=350)
    settle_spread: float = _trait(0.65, 0.19, least=0.4, most=1.0)
    hold_ms: float = _trait(80, 0.24, timing=True, least=40, most=190)
    hold_spread: float = _trait(0.26, 0.25, least=0.14, most=0.45)
    double_gap_ms: float = _trait(110, 0.31, timing=True, least=50, most=220)
    double_gap_spread: float = _trait(0.16, 0.25, least=0.064, most=0.4)
    grip_ms: float = _trait(90, 0.5, timing=True, least=16, most=350)
    drag_slowness: float = _trait(1.35, 0.19, least=1.0, most=2.2)
    let_go_ms: float = _trait(120, 0.5, timing=True, least=16, most=450)
    tick_ms: float = _trait(55, 0.38, timing=True, least=16, most=150)
    tick_spread: float = _trait(0.28, 0.25, least=0.12, most=0.7)
    burst_ticks: float = _trait(4.0, 0.38, least=2.0, most=9.0)
    burst_gap_ms: float = _trait(320, 0.31, timing=True, least=150, most=700)
    pause_ms: float = _trait(700, 0.38, timing=True, least=250, most=2500)
    pause_spread: float = _trait(0.56, 0.19, least=0.32, most=1.1)
    long_pause_share: float = _trait(0.05, 0.5, least=0.01, most=0.15)
    drift: float = _trait(0.08, 0.25, least=0.05, most=0.18)


def person(seed: int) -> Hand:
    """Draw one person from the population."""
    rng = np.random.default_rng([seed, 0x4A])
    tempo = rng.standard_normal()
    drawn = {}
    for trait in fields(Hand):
        law: _Law = trait.metadata["law"]
        z = rng.standard_normal()
        drawn[trait.name] = law.at(TEMPO * tempo + math.sqrt(1.0 - TEMPO**2) * z if law.timing else z)
    return Hand(**drawn)


def today(hand: Hand, rng: np.random.Generator) -> Hand:
    """The same person in one session: everything moves a little, together and by itself.

    Timings move by about `Hand.drift`, the rest by `RESTLESS` of what people differ by.
    """
    together = rng.standard_normal()
    moved = {}
    for trait in fields(Hand):
        law: _Law = trait.metadata["law"]
        z = 0.6 * together + 0.8 * rng.standard_normal()
        usual = getattr(hand, trait.name)
        step = hand.drift if law.timing else RESTLESS * law.spread
        moved[trait.name] = law.cut(usual * math.exp(step * z) if law.log else usual + step * z)
    return replace(hand, **moved)
