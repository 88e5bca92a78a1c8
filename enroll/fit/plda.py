"""Fitting of `agent.engine.detectors.plda`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf

from agent.engine.detectors.plda import fold_scores as fold_scores

LEAST_WINDOWS: Final = 6
DIRECTIONS: Final = 64
# Independent windows that the owner's mean is worth: sessions differ, so that more of them do not make it surer.
OWN_WORTH: Final = 5.0
# Windows of a person that the scatter within people is learnt from.
MOST_WINDOWS: Final = 150

_LEAST_SHARE: Final = 1e-6

Floats = NDArray[np.float64]


def model(own: Floats, people: Sequence[Floats]) -> dict[str, NDArray[np.floating[Any]]]:
    """The scatter within people and between them, and where the owner stands; every person weighs the same.

    The owner is one of the people: a direction that sets the owner apart is one in which people differ, though the
    others may all be alike in it.

    Parameters
    ----------
    own : ndarray of float64, shape (n, v)
        The owner's vectors.
    people : sequence of ndarray of float64, shape (m_p, v)
        Other people's.

    Returns
    -------
    dict
        ``mean``, ``project``, ``owner``, ``owner_variance``, ``anybody_variance``, of min(people + 1, 64) directions.
    """
    everybody = [_thinned(person) for person in (own, *people)]
    means = np.stack([person.mean(axis=0) for person in everybody])
    mean = means[1:].mean(axis=0)
    unit = _whitener(everybody, means)
    apart = (means - mean) @ unit
    variance, directions = np.linalg.eigh(apart.T @ apart / len(apart))
    leading = np.arange(len(variance))[::-1][: min(DIRECTIONS, len(means))]
    between = np.maximum(variance[leading], _LEAST_SHARE)
    project = unit @ directions[:, leading]
    expected = OWN_WORTH * between / (1.0 + OWN_WORTH * between)
    return {
        "mean": mean.astype(np.float32),
        "project": project.astype(np.float32),
        "owner": (expected * ((means[0] - mean) @ project)).astype(np.float32),
        "owner_variance": (1.0 + expected / OWN_WORTH).astype(np.float32),
        "anybody_variance": (1.0 + between).astype(np.float32),
    }


def _whitener(everybody: Sequence[Floats], means: Floats) -> Floats:
    """Columns in which windows scatter about their person's mean with unit spread and no correlation, (v, v)."""
    total = sum(map(len, everybody))
    residuals = [
        (person - mean) * np.sqrt(total / len(everybody) / (len(person) - 1))
        for person, mean in zip(everybody, means, strict=True)
        if len(person) > 1
    ]
    within, _ = ledoit_wolf(np.concatenate(residuals), assume_centered=True)
    spread, axes = np.linalg.eigh(within)
    unit: Floats = axes / np.sqrt(spread)
    return unit


def _thinned(vectors: Floats) -> Floats:
    step = -(-len(vectors) // MOST_WINDOWS)
    return vectors[::step]
