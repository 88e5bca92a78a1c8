"""Autoencoder detector: reconstruction error of a network trained on the owner's actions.

Two are fitted (`enroll.fit.autoencoder`): the narrow sigmoid one of Mastrotto et al. 2020, section 5.4 (25-2-2-25
neurons), and one with rectified units of which noise was taken away in training (Vincent et al. 2008, ICML). Both are
layers of weights; they differ in widths and in how a layer bends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float32]

SIGMOID: Final = 0
RECTIFIED: Final = 1

_LEAST_ERROR: Final = 1e-6


def fold_scores(arrays: Arrays, rows: Floats) -> NDArray[np.float64]:
    """Negative log of the mean squared error with which each fold's network gives the rows back.

    Parameters
    ----------
    arrays : mapping
        ``weights0``, ``biases0`` … for each layer in turn: (nets, from, to) and (nets, to); ``bend`` (): how hidden
        layers bend, 0 sigmoid, 1 rectified; ``net`` (folds,): whose network a fold takes.
    rows : ndarray of float32, shape (n, F)
        Normal deviates.

    Returns
    -------
    ndarray of float64, shape (n, folds)
    """
    nets = len(arrays["weights0"])
    out = np.empty((len(rows), nets))
    for net in range(nets):
        error = np.square(given_back(arrays, rows, net) - rows).mean(axis=1)
        out[:, net] = -np.log(np.maximum(error, _LEAST_ERROR))
    return out[:, arrays["net"]]


def given_back(arrays: Arrays, rows: Floats, net: int) -> Floats:
    """What one network makes of the rows, of the same shape."""
    activations = rows
    layers = sum(name.startswith("weights") for name in arrays)
    for layer in range(layers):
        activations = activations @ arrays[f"weights{layer}"][net] + arrays[f"biases{layer}"][net]
        if layer < layers - 1:
            activations = _bent(activations, int(arrays["bend"]))
    return activations


def _bent(sums: Floats, bend: int) -> Floats:
    if bend == RECTIFIED:
        return np.maximum(sums, np.float32(0.0))
    # Beyond ±60 a sigmoid in float32 is 0 or 1, and its exponential would overflow.
    unity = np.float32(1.0)
    sigmoid: Floats = unity / (unity + np.exp(-np.clip(sums, -60.0, 60.0), dtype=np.float32))
    return sigmoid
