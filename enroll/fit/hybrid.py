"""Fitting of `agent.engine.detectors.hybrid`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors.hybrid import PARTS, rows_of
from enroll.fit import autoencoder, hmm, lstm, rules
from enroll.fit.deep import LibraryMissing

# Set beforehand, not searched: the Markov model sees no more than directions.
WEIGHTS: Final = {"rules": 1.0, "autoencoder": 1.0, "hmm": 0.5, "lstm": 1.0}

_LEAST_SPREAD: Final = 1e-9

Arrays = dict[str, NDArray[Any]]
Rows = NDArray[np.float32]


def fit(folds: Sequence[Rows], people: Sequence[Rows] | None, *, seed: int = 0) -> Arrays:
    """Every approach that can be fitted here, and what is usual for the owner in each.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, F + WIDTH)
        The enrolment's normal deviates and sketches, fold after fold.
    people : sequence of ndarray of float32, or None
        Other people's sketches, person by person.
    seed : int

    Returns
    -------
    dict
        ``PART/…``, ``mean/PART``, ``spread/PART``, ``weight/PART``.
    """
    out: Arrays = {}
    for name, score in PARTS.items():
        part_rows = [rows_of(name, fold) for fold in folds]
        try:
            arrays = _part(name, part_rows, people, seed)
        except LibraryMissing:
            # The others make a hybrid, too; the approach itself, asked for by name, says what is missing.
            continue
        own = np.concatenate([score(arrays, fold)[:, s] for s, fold in enumerate(part_rows)])
        out |= {f"{name}/{key}": array for key, array in arrays.items()}
        out[f"mean/{name}"] = np.array(own.mean())
        out[f"spread/{name}"] = np.array(max(float(own.std()), _LEAST_SPREAD))
        out[f"weight/{name}"] = np.array(WEIGHTS[name])
    return out


def _part(name: str, folds: Sequence[Rows], people: Sequence[Rows] | None, seed: int) -> Arrays:
    if name == "lstm":
        return lstm.fit(folds, people, seed=seed)
    own = {"rules": rules.fit, "autoencoder": autoencoder.fit, "hmm": hmm.fit}
    return own[name](folds, seed=seed)
