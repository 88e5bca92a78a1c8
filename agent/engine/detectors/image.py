"""Image detector: embedding of the picture of the last movements by a convolutional network.

After Esman 2017 (Splunk): mouse movements as pictures in which colour tells direction, speed and acceleration, and a
network with batch normalisation, trained from scratch. There it tells two classes; here its last layer is an embedding
in which the owner has a template (Gaussian with the people's covariance), and where there is a cohort the rest of the
people has one, too. Only the network's arithmetic is here: convolutions with the normalisation folded into them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.picture import layers
from agent.engine.sketch import Sketches

CONTEXT: Final = 8
SIZE: Final = 32
REACH_PX: Final = 320.0
MOST: Final = 20.0

_BLOCK: Final = 256

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float32]


def fold_scores(arrays: Arrays, rows: Sketches, first: int = 0) -> NDArray[np.float64]:
    """How much nearer the picture of the newest 8 actions is to the owner's template, by each fold's.

    Parameters
    ----------
    arrays : mapping
        ``kernel0`` … (nets, 9 c, out), ``bias0`` … (nets, out): layers; ``net`` (folds,): whose network a fold takes;
        ``mean`` (folds, e), ``root`` (folds, e, e): the owner's template, root a Cholesky factor of the precision;
        with a cohort ``others`` (folds, e), ``others_root``: everybody's.
    rows : ndarray of float32, shape (n, WIDTH)
        Sketches in order of time.
    first : int
        The actions before it are only looked back on.

    Returns
    -------
    ndarray of float64, shape (n - first, folds)
        Log-likelihood ratio within ±20; without a cohort the negative log distance.
    """
    embeddings = [embedded(arrays, rows, net, first) for net in range(len(arrays["kernel0"]))]
    out = np.empty((len(rows) - first, len(arrays["net"])))
    for s, net in enumerate(arrays["net"].tolist()):
        own = _squares(embeddings[net], arrays["mean"][s], arrays["root"][s])
        if "others" in arrays:
            others = _squares(embeddings[net], arrays["others"][s], arrays["others_root"][s])
            volume = _log_volume(arrays["root"][s]) - _log_volume(arrays["others_root"][s])
            out[:, s] = np.clip((others - own) / 2.0 + volume, -MOST, MOST)
        else:
            out[:, s] = -np.log(np.maximum(own, 1e-9)) / 2.0
    return out


def embedded(arrays: Arrays, rows: Sketches, net: int, first: int = 0) -> Floats:
    """Embeddings of the windows that end with each action from `first` on, shape (n - first, e)."""
    parts = []
    for begin in range(first, len(rows), _BLOCK):
        end = min(begin + _BLOCK, len(rows))
        drawn = windows(rows[max(begin - CONTEXT + 1, 0) : end])
        parts.append(forward(arrays, drawn[begin - end :], net))
    return np.concatenate(parts) if parts else np.empty((0, arrays["mean"].shape[1]), np.float32)


def in_blocks(arrays: Arrays, pictures: Floats, net: int) -> Floats:
    """As `forward`, of many pictures in little memory."""
    parts = [forward(arrays, pictures[i : i + _BLOCK], net) for i in range(0, len(pictures), _BLOCK)]
    return np.concatenate(parts)


def windows(rows: Sketches) -> Floats:
    """Pictures of the last 8 actions at each place, of fewer at the beginning, shape (n, 32, 32, 3)."""
    single = layers(rows, SIZE, REACH_PX)
    out = single.copy()
    for back in range(1, min(CONTEXT, len(rows))):
        np.maximum(out[back:], single[:-back], out=out[back:])
    return out


def forward(arrays: Arrays, pictures: Floats, net: int) -> Floats:
    """The network: 3 x 3 convolutions, rectified, each but the last halved in size; the mean of what is left."""
    maps = pictures
    count = sum(name.startswith("kernel") for name in arrays)
    for layer in range(count):
        maps = np.maximum(_convolved(maps, arrays[f"kernel{layer}"][net], arrays[f"bias{layer}"][net]), 0.0)
        if layer < count - 1:
            n, height, width, channels = maps.shape
            maps = maps.reshape(n, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))
    mean: Floats = maps.mean(axis=(1, 2))
    return mean


def _convolved(maps: Floats, kernel: Floats, bias: Floats) -> Floats:
    n, height, width, channels = maps.shape
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
    shifted = [padded[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
    patches = np.concatenate(shifted, axis=3).reshape(-1, 9 * channels)
    convolved: Floats = (patches @ kernel + bias).reshape(n, height, width, -1)
    return convolved


def _squares(points: Floats, mean: NDArray[Any], root: NDArray[Any]) -> NDArray[np.float64]:
    moved = (points.astype(np.float64) - mean) @ root
    squares: NDArray[np.float64] = np.einsum("ij,ij->i", moved, moved)
    return squares


def _log_volume(root: NDArray[Any]) -> float:
    return float(np.log(np.abs(np.diagonal(root))).sum())
