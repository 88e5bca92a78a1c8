"""Usual learning curve: the errors to expect after so many active minutes, moved to where one person's trials lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# How far people lie from the usual curve, in log-odds, and how many stretches in a row say as much as one alone.
_SPREAD: Final = 1.0
_ALIKE: Final = 10.0
_EDGE: Final = 0.02


@dataclass(frozen=True, slots=True)
class ErrorTrial:
    """Error count over stretches of 50 actions.

    Attributes
    ----------
    minutes : float
        Active minutes that the profile was made of.
    errors, pieces : int
        How many were judged wrongly, of how many.
    """

    minutes: float
    errors: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Curve:
    """The usual errors after so many active minutes; straight between the points over the logarithm of time.

    Attributes
    ----------
    minutes : tuple of float
        Ascending.
    owner, stranger : tuple of float
        Shares of stretches judged wrongly.
    """

    minutes: tuple[float, ...]
    owner: tuple[float, ...]
    stranger: tuple[float, ...]

    def at(self, errors: tuple[float, ...], minutes: float) -> float:
        """Errors after so many minutes; beyond the ends those of the ends."""
        return float(np.interp(np.log2(max(minutes, 1e-3)), np.log2(self.minutes), errors))


# Means over the ten accounts of Balabit's training files, `evaluate sufficiency` (docs/choices.md).
OWN_CURVE: Final = Curve(
    (5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0),
    (1.0, 0.959, 0.782, 0.698, 0.318, 0.129, 0.059),
    (0.0, 0.0, 0.017, 0.045, 0.200, 0.189, 0.150),
)
# The same with a cohort of four or five people (mode cohort).
COHORT_CURVE: Final = Curve(
    (5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0),
    (1.0, 0.941, 0.857, 0.770, 0.388, 0.200, 0.200),
    (0.0, 0.0, 0.002, 0.029, 0.094, 0.084, 0.021),
)


def likeliest(curve: Curve, usual: tuple[float, ...], seen: Sequence[ErrorTrial]) -> tuple[float, ...]:
    """The usual errors, moved to where they are likeliest for what was seen."""
    by = np.linspace(-5.0, 5.0, 401)
    log_likelihood = -(by**2) / (2.0 * _SPREAD**2)
    for trial in seen:
        p = _shifted(curve.at(usual, trial.minutes), by)
        log_likelihood += (trial.errors * np.log(p) + (trial.pieces - trial.errors) * np.log1p(-p)) / _ALIKE
    best = float(by[np.argmax(log_likelihood)])
    return tuple(float(_shifted(p, np.array(best))) for p in usual) if seen else usual


def _shifted(share: float, by: Floats) -> Floats:
    p = np.clip(share, _EDGE, 1.0 - _EDGE)
    moved: Floats = 1.0 / (1.0 + (1.0 - p) / p * np.exp(-by))
    return moved
