"""Fitting of `agent.engine.detectors.knn`: a sample of the enrolled actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MOST_REFERENCES: Final = 8_000


def fit(
    folds: Sequence[NDArray[np.float32]], *, seed: int = 0, most: int = MOST_REFERENCES
) -> dict[str, NDArray[Any]]:
    """Whitened actions, at most so many of them, from every fold its share.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, d)
        The enrolment's whitened rows, fold after fold.
    seed : int
        Which actions stay, where there are too many.
    most : int

    Returns
    -------
    dict
        ``references`` (r, d) float32, ``lengths`` (r,) their squared lengths, ``starts`` (folds + 1,) int32.
    """
    rng = np.random.default_rng(seed)
    share = min(1.0, most / sum(map(len, folds)))
    samples = [fold[np.sort(rng.permutation(len(fold))[: int(len(fold) * share)])] for fold in folds]
    references = np.concatenate(samples)
    return {
        "references": references,
        "lengths": np.einsum("ij,ij->i", references, references),
        "starts": np.cumsum([0, *map(len, samples)]).astype(np.int32),
    }
