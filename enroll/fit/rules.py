"""Fitting of `agent.engine.detectors.rules`: the owner's usual measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors.rules import CONTEXT, RULES, common, rule_measures
from agent.engine.sketch import Sketches

# A flag begins where one window in twenty of the owner's lies, and is whole where one in two hundred does.
USUAL: Final = 0.95
MOST: Final = 0.995


def fit(folds: Sequence[Sketches], *, seed: int = 0) -> dict[str, NDArray[Any]]:
    """Quantiles of what the rules look at, without each fold in turn.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, WIDTH)
        The enrolment's sketches in order of time, fold after fold.
    seed : int
        Nothing here is random.

    Returns
    -------
    dict
        ``shares`` (folds, 9), ``reach`` (folds,), ``middle``, ``usual``, ``most`` (folds, rules).
    """
    measured = [common(fold) for fold in folds]
    count = len(folds)
    shares, reach = np.empty((count, measured[0]["ways"].shape[1])), np.empty(count)
    levels = np.empty((3, count, len(RULES)))
    for s in range(count):
        others = [m for i, m in enumerate(measured) if i != s]
        ways = np.concatenate([m["ways"] for m in others]).sum(axis=0)
        shares[s] = ways / max(float(ways.sum()), 1.0)
        reach[s] = np.median(np.concatenate([m["reach"] for m in others]))
        owner = {"shares": shares, "reach": reach}
        # A window that is hardly begun says little: those of the first actions are left out where others remain.
        measures = [rule_measures(owner, m, s) for m in others]
        filled = np.concatenate([t[CONTEXT // 2 :] if len(t) > CONTEXT else t for t in measures])
        levels[:, s] = np.quantile(filled, (0.5, USUAL, MOST), axis=0)
    return {"shares": shares, "reach": reach, "middle": levels[0], "usual": levels[1], "most": levels[2]}
