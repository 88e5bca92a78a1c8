"""Detectors: each scores actions, or windows of them, from plain arrays. Higher score = more genuine.

A detector has two small files: here it scores, in `enroll.fit` it is fitted. Scores come by fold of the enrolment:
column s is by the model that never saw fold s. Some look back on the actions before (`context`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors import (
    autoencoder,
    differences,
    forest,
    gaussian,
    gmm,
    hmm,
    hybrid,
    iforest,
    image,
    knn,
    lstm,
    ocsvm,
    plda,
    rules,
    window,
)
from agent.engine.detectors.windows import WindowScores
from agent.engine.errors import SteadyhandError

FoldScores = Callable[..., NDArray[np.floating[Any]]]


class Rows(Enum):
    """What a detector sees of an action."""

    DEVIATES = "normal deviates"
    WHITE = "whitened"
    SKETCHES = "sketches"
    DEVIATES_AND_SKETCHES = "normal deviates, then sketches"

    @property
    def sketched(self) -> bool:
        """Whether actions must be sketched for it."""
        return self in (Rows.SKETCHES, Rows.DEVIATES_AND_SKETCHES)


@dataclass(frozen=True, slots=True)
class Detector:
    """A model that scores actions.

    Attributes
    ----------
    fold_scores : callable
        `(arrays, rows (n, d)) -> (n, folds)`, rows in order of time. Where there is a context, a third argument
        `first` asks for the rows from that one on alone.
    rows : Rows
        Which rows it takes.
    cohort : bool
        Whether it cannot do without other people.
    cohort_helps : bool
        Whether it learns from other people where there are any.
    context : int
        How many actions a score rests on, its own the last of them.
    """

    fold_scores: FoldScores
    rows: Rows = Rows.WHITE
    cohort: bool = False
    cohort_helps: bool = False
    context: int = 1


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
        Whether it cannot do without other people.
    background : bool
        Whether it cannot do without a background of differences.
    """

    fold_scores: WindowScores
    rows: Rows = Rows.WHITE
    cohort: bool = False
    background: bool = False


DETECTORS: Final[Mapping[str, Detector | WindowDetector]] = {
    "knn": Detector(knn.fold_scores),
    "forest": Detector(forest.fold_scores, Rows.DEVIATES, cohort=True),
    "gmm": Detector(gmm.fold_scores, cohort=True),
    "ocsvm": Detector(ocsvm.fold_scores),
    "iforest": Detector(iforest.fold_scores),
    "gaussian": Detector(gaussian.fold_scores),
    "autoencoder": Detector(autoencoder.fold_scores, Rows.DEVIATES),
    "autoencoder_narrow": Detector(autoencoder.fold_scores, Rows.DEVIATES),
    "rules": Detector(rules.fold_scores, Rows.SKETCHES, context=rules.CONTEXT),
    "hmm": Detector(hmm.fold_scores, Rows.SKETCHES, context=hmm.CONTEXT),
    "lstm": Detector(lstm.fold_scores, Rows.SKETCHES, cohort_helps=True),
    "image": Detector(image.fold_scores, Rows.SKETCHES, cohort_helps=True, context=image.CONTEXT),
    "hybrid": Detector(
        hybrid.fold_scores, Rows.DEVIATES_AND_SKETCHES, cohort_helps=True, context=hybrid.CONTEXT
    ),
    "window": WindowDetector(window.fold_scores),
    "differences": WindowDetector(differences.fold_scores, Rows.DEVIATES, background=True),
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


def needs_sketches(names: Iterable[str]) -> bool:
    """True where one of the detectors looks at sketches, which are not made unless asked for."""
    return any(detector(name).rows.sketched for name in names)
