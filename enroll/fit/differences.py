"""Fits what `agent.engine.detectors.differences` scores with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from agent.engine.detectors.differences import fold_scores
from agent.engine.detectors.windows import vectors

STEPS_OF_WINDOW: Final = 3
DIRECTIONS: Final = 30
# Shares of the owner's own scatter beside the background's, of the diagonal, and of an isotropic part.
OWN_SHARE: Final = 0.5
DIAGONAL_SHARE: Final = 0.3
ISOTROPIC_SHARE: Final = 0.05

_LEAST_SPREAD: Final = 0.15

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]
Rows = NDArray[np.float32]
# By length of the windows: second moments of the same person, and of somebody else.
Moments = Mapping[int, tuple[Floats, Floats]]


def fit(folds: Sequence[Rows], moments: Moments) -> Arrays:
    """One model for each length and each fold left out, and the scale of its scores.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, F)
        The enrolment as normal deviates, fold after fold, each in order of time.
    moments : mapping
        The background's, of the same features, in the order of window vectors: means, then log-spreads.

    Returns
    -------
    dict
        ``lengths``, ``centre``, ``spread``, ``mean``, ``project``; empty where too few folds fill a window.
    """
    parts = [
        arrays
        for length, (own, others) in sorted(moments.items())
        if (arrays := _of_length(folds, length, own, others)) is not None
    ]
    return {key: np.stack([part[key] for part in parts]) for key in parts[0]} if parts else {}


def _of_length(folds: Sequence[Rows], length: int, own: Floats, others: Floats) -> Arrays | None:
    windows = [vectors(fold, length, length // STEPS_OF_WINDOW) for fold in folds]
    filled = [s for s, part in enumerate(windows) if len(part)]
    left = (sum(len(windows[o]) for o in filled if o != s) for s in range(len(folds)))
    if len(filled) < 2 or min(left) < 2:  # one window has no spread to set the background's scale by
        return None
    models = [model([windows[o] for o in filled if o != s], own, others) for s in range(len(folds))]
    mean, project = (np.stack([m[part] for m in models]).astype(np.float32) for part in (0, 1))
    scores = [
        fold_scores({"mean": mean[None, s : s + 1], "project": project[None, s : s + 1]}, 0, windows[s])[:, 0]
        for s in filled
    ]
    spread = float(np.sqrt(np.median([part.var() for part in scores])))
    return {
        "lengths": np.array(length, np.int32),
        "centre": np.array(float(np.median([part.mean() for part in scores]))),
        "spread": np.array(max(spread, _LEAST_SPREAD)),
        "mean": mean,
        "project": project,
    }


def model(sessions: Sequence[Floats], own: Floats, others: Floats) -> tuple[Floats, Floats]:
    """The owner's mean, and the weighted directions in which other people lie apart more than the owner does.

    Parameters
    ----------
    sessions : sequence of ndarray of float64, shape (n_s, v)
        Window vectors of the owner, session by session, none empty.
    own, others : ndarray of float64, shape (v, v)
        Second moments of the background.

    Returns
    -------
    (mean, project)
        Shapes (v,) and (v, k), k at most 30.
    """
    means = np.stack([part.mean(axis=0) for part in sessions])
    scatter = _own_scatter(sessions, means)
    scale = float(np.trace(scatter) / np.trace(own))
    same = _shrunk(OWN_SHARE * scatter + (1.0 - OWN_SHARE) * scale * own)
    apart = _shrunk(scale * others)
    floor = ISOTROPIC_SHARE * float(np.trace(same)) / len(same) * np.eye(len(same))
    count = min(DIRECTIONS, len(same))
    ratios, directions = eigh(apart + floor, same + floor, subset_by_index=(len(same) - count, len(same) - 1))
    weights = np.sqrt(np.maximum(0.0, 1.0 - 1.0 / ratios))
    return means.mean(axis=0), directions * weights


def _own_scatter(sessions: Sequence[Floats], means: Floats) -> Floats:
    """Mean over sessions of their windows' second moments about the mean of the other sessions."""
    total, count = means.sum(axis=0), len(means)
    centres = (total - means) / (count - 1) if count > 1 else means
    outers = [
        (part - centre).T @ (part - centre) / len(part)
        for part, centre in zip(sessions, centres, strict=True)
    ]
    scatter: Floats = np.mean(outers, axis=0)
    return scatter


def _shrunk(moments: Floats) -> Floats:
    return (1.0 - DIAGONAL_SHARE) * moments + DIAGONAL_SHARE * np.diag(np.diag(moments))
