"""Detectors: each scores feature rows from plain arrays. Higher score = more genuine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors import knn
from agent.engine.errors import SteadyhandError

Score = Callable[[Mapping[str, NDArray[Any]], NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Detector:
    """A model that scores whitened feature rows.

    Attributes
    ----------
    score : callable
        `(arrays, rows (n, d)) -> (n,)`.
    fold_scores : callable
        `(arrays, rows (n, d)) -> (n, folds)`: column s is by the model that never saw fold s of the
        enrolment.
    """

    score: Score
    fold_scores: Score


DETECTORS: Final[Mapping[str, Detector]] = {"knn": Detector(knn.score, knn.fold_scores)}


def detector(name: str) -> Detector:
    """The detector of that name.

    Raises
    ------
    SteadyhandError
        If there is none.
    """
    if name not in DETECTORS:
        mend = f"use one of {', '.join(DETECTORS)}, or update Steadyhand"
        raise SteadyhandError(f"detector {name!r} is not known", mend)
    return DETECTORS[name]
