"""Fitting of `agent.engine.detectors.autoencoder`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from agent.engine.detectors.autoencoder import RECTIFIED, SIGMOID
from enroll.fit.deep import halves, unseen

MOST_ROWS: Final = 3_000
NARROW: Final = (2, 2)
WIDE: Final = (64, 16, 64)
# Standard deviations of what is added to each deviate, so that the network learns what belongs together.
NOISE: Final = 0.5

_ROUNDS: Final = 30
_BATCH: Final = 128
# Of few rows more rounds: a network that took fewer steps has not left its beginning.
_LEAST_STEPS: Final = 1_000

Rows = NDArray[np.float32]


def fit(folds: Sequence[Rows], *, seed: int = 0) -> dict[str, NDArray[Any]]:
    """The modern one: rectified units, 64-16-64, taught to take noise away.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, F)
        The enrolment's normal deviates, fold after fold.
    seed : int

    Returns
    -------
    dict
        ``weights0`` … ``biases3``, ``bend``, ``net``: a fold takes the network of the half that it is not in.
    """
    return _fitted(folds, WIDE, RECTIFIED, NOISE, seed)


def fit_narrow(folds: Sequence[Rows], *, seed: int = 0) -> dict[str, NDArray[Any]]:
    """The paper's: two hidden layers of two sigmoid neurons each."""
    return _fitted(folds, NARROW, SIGMOID, 0.0, seed)


def _fitted(
    folds: Sequence[Rows], widths: tuple[int, ...], bend: int, noise: float, seed: int
) -> dict[str, NDArray[Any]]:
    networks = [_network(np.concatenate(half), widths, bend, noise, seed) for half in halves(folds)]
    arrays: dict[str, NDArray[Any]] = {"bend": np.array(bend, np.int32), "net": unseen(folds)}
    for layer in range(len(widths) + 1):
        arrays[f"weights{layer}"] = np.stack([n.coefs_[layer] for n in networks]).astype(np.float32)
        arrays[f"biases{layer}"] = np.stack([n.intercepts_[layer] for n in networks]).astype(np.float32)
    return arrays


def _network(rows: Rows, widths: tuple[int, ...], bend: int, noise: float, seed: int) -> MLPRegressor:
    rng = np.random.default_rng(seed)
    sample = rows[np.sort(rng.permutation(len(rows))[:MOST_ROWS])]
    noisy = sample + noise * rng.normal(size=sample.shape).astype(np.float32)
    network = MLPRegressor(
        hidden_layer_sizes=widths,
        activation="relu" if bend == RECTIFIED else "logistic",
        learning_rate_init=3e-3,
        batch_size=min(_BATCH, len(sample)),
        max_iter=max(_ROUNDS, -(-_LEAST_STEPS * _BATCH // len(sample))),
        random_state=seed,
    )
    with warnings.catch_warnings():
        # So many rounds were asked for: that more would change it a little is no news.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return network.fit(noisy, sample)
