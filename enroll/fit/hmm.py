"""Fitting of `agent.engine.detectors.hmm`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors.hmm import SYMBOLS, log_probabilities, symbols_of, windows
from agent.engine.sketch import Sketches
from enroll.fit.deep import halves, library, unseen
from enroll.fit.iforest import isolation, path_lengths, usual_path
from enroll.fit.trees import arrays_of

STATES: Final = 6
MOST_ACTIONS: Final = 2_500

_ROUNDS: Final = 15
# `isolation` grows 400 trees by this number: a vector of six asks for no more than a hundred.
_FEWER: Final = 4
_LEAST_SHARE: Final = 1e-4


def fit(folds: Sequence[Sketches], *, seed: int = 0) -> dict[str, NDArray[Any]]:
    """Two models with a forest each: a fold takes the ones of the half that it is not in.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, WIDTH)
        The enrolment's sketches in order of time, fold after fold.
    seed : int

    Returns
    -------
    dict
        ``net``; ``start``, ``move``, ``say``; ``feature``, ``threshold``, ``right``, ``value``, ``roots``, ``depth``.

    Raises
    ------
    LibraryMissing
        Without hmmlearn.
    """
    parts = halves(folds)
    models = [_model(np.concatenate(half), seed) for half in parts]
    arrays: dict[str, NDArray[Any]] = {"net": unseen(folds)}
    arrays |= {name: np.stack([m[name] for m in models]) for name in models[0]}
    forests = []
    for net, half in enumerate(parts):
        seen = np.concatenate([windows(log_probabilities(arrays, fold, net)) for fold in half])
        forests.append(isolation(seen.astype(np.float32), _FEWER, seed + net))
    usual = usual_path(np.array([min(f.max_samples_ for f in forests)]))[0]
    columns = [forest.estimators_features_ for forest in forests]
    return arrays | arrays_of(forests, lambda tree: path_lengths(tree) / usual, columns)


def _model(sketches: Sketches, seed: int) -> dict[str, NDArray[Any]]:
    symbols, there = symbols_of(sketches)
    whole = np.flatnonzero(there.any(axis=1))
    chosen = np.sort(np.random.default_rng(seed).permutation(whole)[:MOST_ACTIONS])
    path, lengths = symbols[chosen][there[chosen]], there[chosen].sum(axis=1)
    if not len(path):
        path, lengths = np.full(1, SYMBOLS - 1), np.ones(1, np.int64)
    return _learnt(path.tobytes(), tuple(lengths.tolist()), seed)


@lru_cache(maxsize=2)
def _learnt(path: bytes, lengths: tuple[int, ...], seed: int) -> dict[str, NDArray[Any]]:
    """Baum-Welch, from a start that is drawn at random. Kept from call to call: `hybrid` asks for the same models."""
    hmm = library("hmmlearn.hmm", "hmm")
    model = hmm.CategoricalHMM(
        STATES, n_iter=_ROUNDS, tol=1.0, random_state=seed, n_features=SYMBOLS, implementation="scaling"
    )
    model.fit(np.frombuffer(path, np.int64)[:, None], np.array(lengths))
    shares = {"start": model.startprob_, "move": model.transmat_, "say": model.emissionprob_}
    return {name: _floored(share) for name, share in shares.items()}


def _floored(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nothing is impossible that was merely never seen."""
    raised = np.nan_to_num(shares) + _LEAST_SHARE
    floored: NDArray[np.float64] = raised / raised.sum(axis=-1, keepdims=True)
    return floored
