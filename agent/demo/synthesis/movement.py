"""Aimed movements: first stroke, corrections and tremor."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.demo.synthesis.desk import Target
from agent.demo.synthesis.hand import Hand
from agent.demo.synthesis.strokes import Stroke, stroke, trace

MOST_CORRECTIONS: Final = 3
NEAR_ENOUGH_PX: Final = 2.0

Point = tuple[float, float]


def aim(target: Target, hand: Hand, rng: np.random.Generator) -> Point:
    """The point inside the target that this hand is going for: about the middle, never its very edge."""
    scatter = 0.25 + 0.25 * hand.tolerance
    x, y = target.centre
    off = np.clip(rng.normal(0.0, scatter / 2, 2), -0.85, 0.85)
    return x + off[0] * target.width / 2, y + off[1] * target.height / 2


def fitts_ms(hand: Hand, distance_px: float, width_px: float) -> float:
    """Duration by Fitts' law in Shannon's form, milliseconds.

    References
    ----------
    I. S. MacKenzie (1992), Fitts' law as a research and design tool in human-computer interaction.
    Human-Computer Interaction 7(1):91-139, doi:10.1207/s15327051hci0701_3.
    """
    return hand.fitts_a_ms + hand.fitts_b_ms * math.log2(distance_px / width_px + 1.0)


def plan(
    start: Point, goal: Point, width_px: float, hand: Hand, rng: np.random.Generator, slowness: float = 1.0
) -> list[Stroke]:
    """Strokes that lead from `start` to within the hand's tolerance of `goal`, the first visible at time 0.

    The first stroke covers about `Hand.reach` of the way, off by `Hand.veer_rad`; while what is left is more
    than the hand puts up with, a correction sets in before or after the stroke has died down (the optimised
    initial impulse model of Meyer et al. 1988, Psychological Review 95:340-370).
    """
    at, strokes, begin = start, [], 0.0
    for number in range(1 + MOST_CORRECTIONS):
        left = (goal[0] - at[0], goal[1] - at[1])
        distance = math.hypot(*left)
        if distance < max(NEAR_ENOUGH_PX, hand.tolerance * width_px / 2 if number else 0.0):
            break
        share, veer = _error(hand, rng, first=number == 0)
        chord = _turned(left, share, veer)
        base = fitts_ms(hand, distance, width_px) if number == 0 else _correction_ms(hand, distance)
        duration = slowness * base * math.exp(hand.duration_spread * rng.standard_normal())
        sigma = hand.skew * math.exp(hand.skew_spread * rng.standard_normal())
        turn = _turn(hand, left, rng) if number == 0 else 0.3 * hand.arc_spread_rad * rng.standard_normal()
        strokes.append(stroke(begin, duration, min(sigma, 0.6), chord, turn))
        at = (at[0] + chord[0], at[1] + chord[1])
        begin += duration * hand.correction_onset * rng.uniform(0.85, 1.15)
    return strokes


def path(
    start: Point, strokes: list[Stroke], hand: Hand, rng: np.random.Generator, t_ms: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Positions in px at times `t_ms` of a movement that begins at 0 ms, shape (n, 2), tremor included.

    Tremor is two sinusoids near the hand's frequency, each axis by itself; it grows with speed and fades to
    nothing at both ends, where the hand rests.
    """
    clean = np.asarray(start) + trace(strokes, t_ms)
    if len(t_ms) < 3:
        return clean
    speed = np.hypot(*np.gradient(clean, axis=0).T)
    fade = np.minimum(1.0, np.minimum(t_ms - t_ms[0], t_ms[-1] - t_ms) / 40.0)
    envelope = hand.tremor_px * fade * (0.3 + 0.7 * speed / max(float(speed.max()), 1e-9))
    for axis in (0, 1):
        for weight in (0.75, 0.5):
            hz = hand.tremor_hz * rng.normal(1.0, 0.08)
            clean[:, axis] += (
                weight * envelope * np.sin(2e-3 * math.pi * hz * t_ms + rng.uniform(0, 2 * math.pi))
            )
    return clean


def _error(hand: Hand, rng: np.random.Generator, *, first: bool) -> tuple[float, float]:
    """Share of the way that a stroke covers and by which angle it is off."""
    if first:
        return hand.reach + hand.reach_spread * rng.standard_normal(), hand.veer_rad * rng.standard_normal()
    return 1.0 + 2.0 * hand.reach_spread * rng.standard_normal(), 2.0 * hand.veer_rad * rng.standard_normal()


def _turned(vector: Point, share: float, angle: float) -> Point:
    """The vector, scaled and turned."""
    c, s = share * math.cos(angle), share * math.sin(angle)
    return vector[0] * c - vector[1] * s, vector[0] * s + vector[1] * c


def _correction_ms(hand: Hand, distance_px: float) -> float:
    """Duration of a corrective stroke: short, and little longer when there is more to correct."""
    return hand.correction_ms + 0.3 * hand.fitts_b_ms * math.log2(distance_px / 8.0 + 1.0)


def _turn(hand: Hand, left: Point, rng: np.random.Generator) -> float:
    """By how much the path turns: wrist and elbow make that depend on the direction. Long ways turn fully."""
    direction = math.atan2(left[1], left[0])
    habit = hand.arc_rad + hand.arc_swing_rad * math.sin(direction - hand.arc_axis_rad)
    most = min(1.0, math.hypot(*left) / 150.0)
    return most * (habit + hand.arc_spread_rad * rng.standard_normal())
