"""Hybrid detector: weighted mean of several detectors' scores, each in the owner's standard deviations.

Source: Mastrotto et al. 2020, section 8. The learnt way to bring scores together is `agent.engine.fusion`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors import autoencoder, hmm, lstm, rules
from agent.engine.sketch import WIDTH

CONTEXT: Final = rules.CONTEXT
# Beyond so many standard deviations one approach outvotes all others.
MOST: Final = 6.0

# The paper's three, and the autoencoder that labels for one of them there.
PARTS: Final[Mapping[str, Callable[..., NDArray[Any]]]] = {
    "rules": rules.fold_scores,
    "autoencoder": autoencoder.fold_scores,
    "hmm": hmm.fold_scores,
    "lstm": lstm.fold_scores,
}
# How many actions they look back on; the others see one.
_CONTEXTS: Final = {"rules": rules.CONTEXT, "hmm": hmm.CONTEXT}

Arrays = Mapping[str, NDArray[Any]]


def fold_scores(arrays: Arrays, rows: NDArray[np.float32], first: int = 0) -> NDArray[np.float64]:
    """Weighted mean of the approaches' standard-deviation scores, by each fold's models.

    Parameters
    ----------
    arrays : mapping
        ``PART/…`` for each approach that could be fitted; ``mean/PART``, ``spread/PART`` () of the owner's own
        out-of-session scores; ``weight/PART`` ().
    rows : ndarray of float32, shape (n, F + WIDTH)
        Normal deviates, then the sketch, in order of time.
    first : int
        The actions before it are only looked back on.

    Returns
    -------
    ndarray of float64, shape (n - first, folds)
    """
    total, weights = np.zeros(()), 0.0
    for name in PARTS:
        if f"weight/{name}" in arrays:
            part_scores = _scores(name, part_of(arrays, name), rows_of(name, rows), first)
            deviate = (part_scores - arrays[f"mean/{name}"]) / arrays[f"spread/{name}"]
            weight = float(arrays[f"weight/{name}"])
            total, weights = total + weight * np.clip(deviate, -MOST, MOST), weights + weight
    mean: NDArray[np.float64] = total / weights
    return mean


def _scores(name: str, arrays: Arrays, rows: NDArray[np.float32], first: int) -> NDArray[Any]:
    if name not in _CONTEXTS:
        return PARTS[name](arrays, rows[first:])
    begin = max(first - _CONTEXTS[name] + 1, 0)
    return PARTS[name](arrays, rows[begin:], first - begin)


def part_of(arrays: Arrays, name: str) -> dict[str, NDArray[Any]]:
    """One approach's own arrays."""
    head = name + "/"
    return {key[len(head) :]: array for key, array in arrays.items() if key.startswith(head)}


def rows_of(name: str, rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """What one approach looks at."""
    return rows[:, :-WIDTH] if name == "autoencoder" else rows[:, -WIDTH:]
