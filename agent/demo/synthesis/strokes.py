"""Strokes of the sigma-lognormal model: closed form, vectorised over time.

Plamondon's kinematic theory holds that a neuromuscular system answers one command with a speed that is
lognormal in time, and that movements are vector sums of such strokes. For a stroke of length D that is
commanded at t0, with log-time delay mu and log-response time sigma, and that turns from angle a to b:

    speed(t) = D / (sigma sqrt(2 pi) (t - t0)) exp(-(ln(t - t0) - mu)^2 / (2 sigma^2))
    share(t) = (1 + erf((ln(t - t0) - mu) / (sigma sqrt 2))) / 2          (of D that is done)
    angle(t) = a + (b - a) share(t)

so the path is an arc of a circle, and its integral is closed:

    x(t) = D / (b - a) (sin angle(t) - sin a),   y(t) = D / (b - a) (cos a - cos angle(t)).

References
----------
R. Plamondon (1995), A kinematic theory of rapid human movements, parts I and II. Biological Cybernetics
72:295-307 and 309-320, doi:10.1007/BF00202785.
C. O'Reilly, R. Plamondon (2009), Development of a Sigma-Lognormal representation for on-line signatures.
Pattern Recognition 42(12):3324-3337, doi:10.1016/j.patcog.2008.10.017.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

VISIBLE: Final = 2.6
"""Standard deviations of log time that count as the stroke's duration: 99 % of its length."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One lognormal stroke.

    Attributes
    ----------
    t0_ms : float
        When it is commanded; what is seen of it begins a little later.
    mu : float
        Mean of the log of (time - t0) in ms.
    sigma : float
        Its standard deviation: near 0 the speed profile is symmetric, from 0.3 on plainly skewed.
    length_px : float
        Length of the arc.
    from_rad, to_rad : float
        Direction at the start and at the end.
    """

    t0_ms: float
    mu: float
    sigma: float
    length_px: float
    from_rad: float
    to_rad: float

    @property
    def end_ms(self) -> float:
        """When the visible part ends."""
        return self.t0_ms + math.exp(self.mu + VISIBLE * self.sigma)


def stroke(
    start_ms: float, duration_ms: float, sigma: float, chord: tuple[float, float], turn_rad: float
) -> Stroke:
    """The stroke that is visible from `start_ms` for `duration_ms` and leads along `chord`.

    Parameters
    ----------
    start_ms, duration_ms, sigma : float
        Milliseconds, milliseconds, and the spread of log time.
    chord : (float, float)
        Displacement from its start to its end, px.
    turn_rad : float
        Angle by which the direction turns on the way; 0 is a straight line.

    Notes
    -----
    The duration covers ±k sigma of log time (k = `VISIBLE`), so mu = ln(duration / (2 sinh(k sigma))). An arc
    that turns by q has the chord (2 D / q) sin(q / 2), and sets out q / 2 to one side of it.
    """
    mu = math.log(duration_ms / (2.0 * math.sinh(VISIBLE * sigma)))
    half = turn_rad / 2.0
    length = math.hypot(*chord) * (half / math.sin(half) if abs(half) > 1e-6 else 1.0)
    angle = math.atan2(chord[1], chord[0])
    return Stroke(start_ms - math.exp(mu - VISIBLE * sigma), mu, sigma, length, angle - half, angle + half)


def share_done(stroke: Stroke, t_ms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the stroke's length that is done at each time, 0 to 1, shape (n,)."""
    since = np.maximum(t_ms - stroke.t0_ms, 1e-9)
    z = (np.log(since) - stroke.mu) / (stroke.sigma * math.sqrt(2.0))
    return 0.5 * (1.0 + np.fromiter(map(math.erf, z), np.float64, len(z)))


def trace(strokes: Iterable[Stroke], t_ms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Displacement in px by the vector sum of strokes at each time, shape (n, 2)."""
    total = np.zeros((len(t_ms), 2))
    for stroke in strokes:
        done = share_done(stroke, t_ms)
        turn = stroke.to_rad - stroke.from_rad
        if abs(turn) < 1e-6:
            total += stroke.length_px * np.outer(done, (math.cos(stroke.from_rad), math.sin(stroke.from_rad)))
            continue
        angle = stroke.from_rad + turn * done
        radius = stroke.length_px / turn
        total[:, 0] += radius * (np.sin(angle) - math.sin(stroke.from_rad))
        total[:, 1] += radius * (math.cos(stroke.from_rad) - np.cos(angle))
    return total
