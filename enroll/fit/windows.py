"""Fits detectors of windows: one model for each length and each fold left out, and the scale of its scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors.windows import MOST, WindowScores, standardised, vectors
from enroll.fit import plda, window

LENGTHS: Final = (8, 15, 30, 60, 120)
# The agent holds 60 actions: longer windows serve whole sessions alone, and telling people apart gains nothing by them.
COHORT_LENGTHS: Final = LENGTHS[:-1]

_OVERLAP: Final = 4
_LEAST_SCORED: Final = 8
_LEAST_SPREAD: Final = 1e-3
# In units of the deviates.
_MOST_SCATTER: Final = 2.0

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]
Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class WindowFit:
    """How one detector of windows is learnt.

    Attributes
    ----------
    model : callable
        The owner's vectors (n, v), other people's, one array each, to the arrays of one model.
    scores : callable
        As `agent.engine.detectors.windows.WindowScores`.
    least : int
        Fewest vectors of the owner.
    lengths : tuple of int
        Of windows, in actions.
    """

    model: Callable[[Floats, Sequence[Floats]], Arrays]
    scores: WindowScores
    least: int
    lengths: tuple[int, ...] = LENGTHS


FITS: Final = {
    "window": WindowFit(window.model, window.fold_scores, window.LEAST_WINDOWS),
    "plda": WindowFit(plda.model, plda.fold_scores, plda.LEAST_WINDOWS, COHORT_LENGTHS),
}


def fit(name: str, folds: Sequence[Rows], people: Sequence[Rows] = ()) -> Arrays:
    """One model for each length and each fold left out.

    Parameters
    ----------
    name : str
        Of the detector.
    folds : sequence of ndarray of float32, shape (n_s, d)
        The enrolment as the detector sees it, fold after fold, each in order of time.
    people : sequence of ndarray of float32, shape (m_p, d)
        Other people's actions, person by person, each in order of time.

    Returns
    -------
    dict
        ``lengths``, ``centre``, ``spread``, and the model's arrays, by length and fold; without lengths that too few
        windows fill, and empty if none is left.
    """
    parts = [
        arrays
        for length in FITS[name].lengths
        if (arrays := _of_length(FITS[name], folds, people, length)) is not None
    ]
    return {key: np.stack([part[key] for part in parts]) for key in parts[0]} if parts else {}


def own_deviates(scores: WindowScores, arrays: Arrays, fold: Rows, s: int, most: int) -> Floats:
    """What the agent will see of a new session: after each action of fold s the deviate of the newest window.

    By the model that had not seen the fold; windows of at most `most` actions; 0 while none is filled.

    Returns
    -------
    ndarray of float64, shape (n_s,)
    """
    out = np.zeros(len(fold))
    blind = {key: array[:, s : s + 1] for key, array in arrays.items() if array.ndim > 1}
    for at, length in enumerate(arrays["lengths"].tolist()):
        if length <= min(most, len(fold)):
            blind_scores = scores(blind, at, vectors(fold, length))[:, 0]
            out[length - 1 :] = standardised(arrays, at, blind_scores)
    return out


def _of_length(kind: WindowFit, folds: Sequence[Rows], people: Sequence[Rows], length: int) -> Arrays | None:
    step = max(1, length // _OVERLAP)
    own = [vectors(fold, length, step) for fold in folds]
    others = [windows for rows in people if len(windows := vectors(rows, length, step))]
    if min(sum(map(len, own)) - len(windows) for windows in own) < kind.least or (
        len(people) and len(others) < 2
    ):
        return None
    models = [kind.model(np.concatenate([*own[:s], *own[s + 1 :]]), others) for s in range(len(own))]
    arrays = {key: np.stack([model[key] for model in models])[None] for key in models[0]}
    blind = [{key: array[:, s : s + 1] for key, array in arrays.items()} for s in range(len(own))]
    scores = [kind.scores(blind[s], 0, windows)[:, 0] for s, windows in enumerate(own)]
    pooled = np.concatenate(scores)
    if len(pooled) < _LEAST_SCORED or pooled.std() == 0.0:
        return None
    if others:
        centre, spread = _between(scores, [kind.scores(arrays, 0, windows[::_OVERLAP]) for windows in others])
    else:
        centre, spread = float(pooled.mean()), float(pooled.std())
    scale = {"centre": np.array(centre), "spread": np.array(spread)}
    return {"lengths": np.array(length, np.int32), **scale} | {key: array[0] for key, array in arrays.items()}


def _between(own: Sequence[Floats], others: Sequence[Floats]) -> tuple[float, float]:
    """Centre and spread with which the owner stands at 0 and the mean of other people at the lower clip.

    Every session has one vote for where the owner stands: a single odd one must not make the scale. Where the owner is
    hardly apart from the others, the scatter of the owner's own scores is the least spread.
    """
    filled = [scores for scores in own if len(scores)]
    centre = float(np.median([scores.mean() for scores in filled]))
    gap = centre - float(np.mean([scores.mean() for scores in others]))
    least = float(np.sqrt(np.median([scores.var() for scores in filled]))) / _MOST_SCATTER
    return centre, max(gap / MOST, least, _LEAST_SPREAD)
