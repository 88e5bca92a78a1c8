"""Detectors: each scores actions, or windows of them, from plain arrays. Higher score = more genuine.

A detector has two small files: here it scores, in `enroll.fit` it is fitted. Scores come by fold of the enrolment:
column s is by the model that never saw fold s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors import forest, gaussian, gmm, iforest, knn, ocsvm, plda, window
from agent.engine.detectors.windows import WindowScores
from agent.engine.errors import SteadyhandError

FoldScores = Callable[[Mapping[str, NDArray[Any]], NDArray[np.float32]], NDArray[np.floating[Any]]]


class Rows(Enum):
    """What a detector sees of an action."""

    DEVIATES = "normal deviates"
    WHITE = "whitened"


@dataclass(frozen=True, slots=True)
class Detector:
    """A model that scores single actions.

    Attributes
    ----------
    fold_scores : callable
        `(arrays, rows (n, d)) -> (n, folds)`.
    rows : Rows
        Which rows it takes.
    cohort : bool
        Whether it learns from other people, too.
    """

    fold_scores: FoldScores
    rows: Rows = Rows.WHITE
    cohort: bool = False


@dataclass(frozen=True, slots=True)
class WindowDetector:
    """A model that scores windows of actions, as vectors.

    Attributes
    ----------
    fold_scores : callable
        `(arrays, number of the length, vectors (m, v)) -> (m, folds)`.
    rows : Rows
        Of which rows the vectors are made.
    cohort : bool
        Whether it learns from other people, too.
    """

    fold_scores: WindowScores
    rows: Rows = Rows.WHITE
    cohort: bool = False


DETECTORS: Final[Mapping[str, Detector | WindowDetector]] = {
    "knn": Detector(knn.fold_scores),
    "forest": Detector(forest.fold_scores, Rows.DEVIATES, cohort=True),
    "gmm": Detector(gmm.fold_scores, cohort=True),
    "ocsvm": Detector(ocsvm.fold_scores),
    "iforest": Detector(iforest.fold_scores),
    "gaussian": Detector(gaussian.fold_scores),
    "window": WindowDetector(window.fold_scores),
    "plda": WindowDetector(plda.fold_scores, Rows.DEVIATES, cohort=True),
}


def detector(name: str) -> Detector | WindowDetector:
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
