"""Detector fitting: one module for each detector of `agent.engine.detectors`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from enroll.fit import (
    autoencoder,
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
    rules,
)

Arrays = dict[str, NDArray[Any]]

# By name: enrolment fold by fold to arrays; where the detector learns from a cohort, too, its rows come second.
OWN_FITS: Final[Mapping[str, Callable[..., Arrays]]] = {
    "knn": knn.fit,
    "ocsvm": ocsvm.fit,
    "iforest": iforest.fit,
    "gaussian": gaussian.fit,
    "autoencoder": autoencoder.fit,
    "autoencoder_narrow": autoencoder.fit_narrow,
    "rules": rules.fit,
    "hmm": hmm.fit,
}
COHORT_FITS: Final[Mapping[str, Callable[..., Arrays]]] = {"forest": forest.fit, "gmm": gmm.fit}
# These take other people's sketches, person by person, where there are any.
HELPED_FITS: Final[Mapping[str, Callable[..., Arrays]]] = {
    "lstm": lstm.fit,
    "image": image.fit,
    "hybrid": hybrid.fit,
}


def fit(
    name: str,
    folds: Sequence[NDArray[np.float32]],
    cohort: NDArray[np.float32] | Sequence[NDArray[np.float32]] | None,
    seed: int,
) -> Arrays:
    """The arrays of a detector of single actions; `enroll.fit.windows` fits those of windows.

    Parameters
    ----------
    name : str
    folds : sequence of ndarray of float32, shape (n_s, d)
        The enrolment as the detector sees it.
    cohort : ndarray of float32, shape (m, d), or a sequence of them, or None
        Other people's rows; sketches come person by person.
    seed : int

    Raises
    ------
    ValueError
        If the detector learns from a cohort and there is none.
    """
    if name in OWN_FITS:
        return OWN_FITS[name](folds, seed=seed)
    if name in HELPED_FITS:
        return HELPED_FITS[name](folds, cohort, seed=seed)
    if cohort is None:
        raise ValueError(f"{name} learns from a cohort")
    return COHORT_FITS[name](folds, cohort, seed=seed)
