"""HMM detector: hidden Markov model of directions; an isolation forest scores its log-probabilities over a window.

Source: Mastrotto et al. 2020, section 7: nine symbols (eight directions and no movement), Baum-Welch, the forward
algorithm's log-probabilities, an isolation forest on these. There a sequence is one page of a survey; here it is one
action's steps, and a window is the last 16 actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors.trees import leaf_values
from agent.engine.sketch import Sketches, steps_of

CONTEXT: Final = 16
SYMBOLS: Final = 9
STILL: Final = 8

_LEAST_PX: Final = 0.5
_QUANTILES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_LEAST: Final = 1e-12

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]


def symbols_of(sketches: Sketches) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Directions of the steps, 0 to 7 clockwise from the right, 8 for none; and which steps there are.

    Returns
    -------
    (symbols, there)
        Each of shape (n, STEPS).
    """
    dx, dy, there = steps_of(sketches)
    directions = np.round(np.arctan2(dy, dx) * (4.0 / np.pi)).astype(np.int64) % 8
    return np.where(np.hypot(dx, dy) < _LEAST_PX, STILL, directions), there


def fold_scores(arrays: Arrays, rows: Sketches, first: int = 0) -> Floats:
    """Negative mean path length, as of `iforest`, of the window that ends with each action.

    Parameters
    ----------
    arrays : mapping
        ``start`` (nets, H), ``move`` (nets, H, H), ``say`` (nets, H, 9): the models; ``feature``, ``threshold``,
        ``right``, ``value``, ``roots``, ``depth``: their forests, as `trees.leaf_values` takes them; ``net`` (folds,):
        whose model a fold takes.
    rows : ndarray of float32, shape (n, WIDTH)
        Sketches in order of time.
    first : int
        The actions before it are only looked back on.

    Returns
    -------
    ndarray of float64, shape (n - first, folds)

    Raises
    ------
    ValueError
        If the model is of another version's symbols.
    """
    if arrays["say"].shape[2] != SYMBOLS:
        raise ValueError(f"hmm: {arrays['say'].shape[2]} symbols, not {SYMBOLS}")
    nets = len(arrays["start"])
    out = np.empty((len(rows) - first, nets))
    for net in range(nets):
        surprise_windows = windows(log_probabilities(arrays, rows, net))[first:].astype(np.float32)
        own = {**arrays, "roots": arrays["roots"][net : net + 1]}
        out[:, net] = -np.exp2(-leaf_values(own, surprise_windows)[:, 0].mean(axis=1))
    return out[:, arrays["net"]]


def log_probabilities(arrays: Arrays, sketches: Sketches, net: int) -> Floats:
    """Log-probability of a symbol, mean over each action's, by the forward algorithm; 0 without steps. Shape (n,)."""
    symbols, there = symbols_of(sketches)
    start, move, say = (arrays[name][net] for name in ("start", "move", "say"))
    total = np.zeros(len(sketches))
    belief = np.tile(start, (len(sketches), 1))
    for step in range(symbols.shape[1]):
        if not there[:, step].any():
            break
        weighed = (belief if step == 0 else belief @ move) * say.T[symbols[:, step]]
        scale = np.maximum(weighed.sum(axis=1), _LEAST)
        total += np.where(there[:, step], np.log(scale), 0.0)
        belief = np.where(there[:, step, None], weighed / scale[:, None], belief)
    mean: Floats = total / np.maximum(there.sum(axis=1), 1)
    return mean


def windows(log_probability: Floats) -> Floats:
    """Mean and quartiles of the last 16 actions' log-probabilities, shape (n, 6); of fewer at the beginning."""
    n = len(log_probability)
    if not n:
        return np.empty((0, 1 + len(_QUANTILES)))
    early = np.full(CONTEXT - 1, np.inf)
    held = np.lib.stride_tricks.sliding_window_view(np.concatenate((early, log_probability)), CONTEXT)
    count = np.minimum(np.arange(n) + 1, CONTEXT)
    rising = np.sort(held, axis=1)
    rising[np.isinf(rising)] = 0.0
    place = np.outer(count - 1, _QUANTILES)
    below = place.astype(np.intp)
    low = np.take_along_axis(rising, below, axis=1)
    high = np.take_along_axis(rising, np.minimum(below + 1, count[:, None] - 1), axis=1)
    return np.column_stack((rising.sum(axis=1) / count, low + (high - low) * (place - below)))
