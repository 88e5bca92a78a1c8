"""Rows of one mouse configuration made comparable with those of another, learnt from other people alone.

Each value becomes the normal deviate of its rank among what the others did under the same configuration; so a
configuration's own scale and shape are gone. What is left of the configuration, and of a person's own unsteadiness,
shows in how the others' rows scatter about each one's mean over all configurations: within-class covariance
normalisation (Hatch, Kajarekar & Stolcke 2006, Interspeech) whitens that scatter, and the cosine compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from enroll.carried import deviates_among

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

# Of the within-person covariance, how much is replaced by its mean variance (docs/choices.md).
SHRINKAGE: Final = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Normaliser:
    """What was learnt of the others.

    Attributes
    ----------
    known : tuple of ndarray, shape (n_c, F)
        For each configuration the others' values, each column ascending.
    whitening : ndarray, shape (F, F)
    """

    known: tuple[Floats, ...]
    whitening: Floats

    def __call__(self, rows: Floats, configuration: Numbers) -> Floats:
        """Comparable rows, shape (n, F)."""
        whitened: Floats = ranked(self.known, rows, configuration) @ self.whitening
        return whitened


def fit(rows: Floats, configuration: Numbers, person: Numbers, configurations: int) -> Normaliser:
    """Learn from other people.

    Parameters
    ----------
    rows : ndarray, shape (n, F)
        Rows of at least two people; no column constant over all of them.
    configuration, person : ndarray of intp, shape (n,)
    configurations : int
        How many there are; one that nobody here used maps to 0.
    """
    known = tuple(np.sort(rows[configuration == c], axis=0) for c in range(configurations))
    deviates = ranked(known, rows, configuration)
    everybody = np.unique(person)
    centred = np.concatenate([deviates[person == p] - deviates[person == p].mean(axis=0) for p in everybody])
    within = centred.T @ centred / max(1, len(centred) - len(everybody))
    mean = max(float(np.trace(within)) / len(within), 1e-9)
    shrunk = (1.0 - SHRINKAGE) * within + SHRINKAGE * mean * np.eye(len(within))
    return Normaliser(known, np.linalg.cholesky(np.linalg.inv(shrunk)))


def ranked(known: tuple[Floats, ...], rows: Floats, configuration: Numbers) -> Floats:
    """Normal deviates of the values' ranks among the known ones of their configuration, clipped at ±3."""
    out = np.zeros(rows.shape)
    for c, table in enumerate(known):
        own = np.flatnonzero(configuration == c)
        if not len(own) or not len(table):
            continue
        for j in range(rows.shape[1]):
            out[own, j] = deviates_among(table[:, j], rows[own, j])
    return out


def cosine(enrolled: Floats, tested: Floats) -> Floats:
    """Cosine of the angle between rows, shape (n,); 0 where one of them is 0."""
    lengths = np.linalg.norm(enrolled, axis=1) * np.linalg.norm(tested, axis=1)
    cosines: Floats = np.einsum("ij,ij->i", enrolled, tested) / np.maximum(lengths, 1e-12)
    return cosines


def nearness(enrolled: Floats, tested: Floats) -> Floats:
    """Negative mean absolute distance between rows, shape (n,): the baseline's measure."""
    likeness: Floats = -np.abs(enrolled - tested).mean(axis=1)
    return likeness
