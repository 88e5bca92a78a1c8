"""What is learnt of one user: the transform, the detector, and scores of sessions that it had not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import ActionKind
from agent.engine.detectors import knn as knn_scores
from agent.engine.errors import SteadyhandError
from agent.engine.evidence import combined, deviates
from agent.engine.transform import gaussianise, whiten
from agent.engine.windowing import WINDOW
from enroll.fit import knn as knn_fit
from enroll.fit import transform as transform_fit
from enroll.fit import window as window_fit
from enroll.sessions import HAND, SessionRows, select

Arrays = dict[str, NDArray[Any]]

LEAST_ACTIONS: Final = 100
MOST_FOLDS: Final = 10

_LEAST_OF_KIND: Final = 20
_LEAST_IN_FOLD: Final = 20
_PIECES_OF_ONE: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What is learnt of one user, before limits are set.

    Attributes
    ----------
    features : tuple of str
    kinds : tuple of int
    arrays : dict
        ``transform/…``, ``knn/…``, ``calibration/…``, ``window/…`` where there is enough for it.
    out_of_session : tuple of ndarray
        The owner's combined deviates, fold by fold in order of time, by models that had not seen the fold.
    across_sessions : bool
        False where one session had to be cut, so that folds are not sessions.
    """

    features: tuple[str, ...]
    kinds: tuple[int, ...]
    arrays: Arrays
    out_of_session: tuple[NDArray[np.float64], ...]
    across_sessions: bool

    @property
    def detectors(self) -> tuple[str, ...]:
        """Names of the detectors that there was enough data for, the one of single actions first."""
        return ("knn", "window") if self.part("window") else ("knn",)

    def part(self, name: str) -> Arrays:
        """The arrays whose names begin with ``name/``, without that prefix."""
        head = name + "/"
        return {key[len(head) :]: value for key, value in self.arrays.items() if key.startswith(head)}


def fit_model(sessions: Sequence[SessionRows], *, seed: int = 0) -> Model:
    """Learn one user from sessions.

    Raises
    ------
    SteadyhandError
        If there are fewer than 100 actions.
    """
    kinds = _kinds(sessions)
    tables = [table for s in sessions if len(table := select(s.rows, HAND, kinds))]
    actions = sum(map(len, tables))
    if actions < LEAST_ACTIONS:
        who = sessions[0].account if sessions else "the recording"
        seen = sum(len(s.rows) for s in sessions)
        raise SteadyhandError(f"{who}: {seen} actions", f"record at least {LEAST_ACTIONS}")
    across = len(tables) > 1 and sum(len(t) >= _LEAST_IN_FOLD for t in tables) > 1
    folds = _grouped(tables) if across else np.array_split(np.concatenate(tables), _PIECES_OF_ONE)
    usable = transform_fit.usable(np.concatenate(folds))
    features = tuple(name for name, keep in zip(HAND, usable, strict=True) if keep)
    arrays, own = _fitted([fold[:, usable] for fold in folds], seed)
    return Model(features, kinds, arrays, own, across)


def _kinds(sessions: Sequence[SessionRows]) -> tuple[int, ...]:
    """Kinds of action that the owner made often enough to be judged by."""
    counts = sum((np.bincount(s.rows.kind, minlength=8) for s in sessions), np.zeros(8, np.int64))
    return tuple(int(kind) for kind in ActionKind if counts[kind] >= _LEAST_OF_KIND)


def _grouped(tables: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Sessions in order, at most ten groups of them, none smaller than 20 actions."""
    target = max(_LEAST_IN_FOLD, sum(map(len, tables)) / MOST_FOLDS if len(tables) > MOST_FOLDS else 0)
    groups: list[list[NDArray[np.float64]]] = [[]]
    for table in tables:
        if sum(map(len, groups[-1])) >= target:
            groups.append([])
        groups[-1].append(table)
    if len(groups) > 1 and sum(map(len, groups[-1])) < _LEAST_IN_FOLD:
        last = groups.pop()
        groups[-1] += last
    return [np.concatenate(group) for group in groups]


def _fitted(
    folds: Sequence[NDArray[np.float64]], seed: int
) -> tuple[Arrays, tuple[NDArray[np.float64], ...]]:
    transform = transform_fit.fit(np.concatenate(folds))
    white = [whiten(transform, gaussianise(transform, fold)) for fold in folds]
    knn = knn_fit.fit(white, seed=seed)
    own = [knn_scores.fold_scores(knn, fold)[:, s] for s, fold in enumerate(white)]
    calibration = _calibration(own)
    arrays = {f"transform/{name}": value for name, value in transform.items()}
    arrays |= {f"knn/{name}": value for name, value in knn.items()}
    arrays |= {f"calibration/{name}": value for name, value in calibration.items()}
    window = window_fit.fit(white)
    arrays |= {f"window/{name}": value for name, value in window.items()}
    alone = [_against_others(own, s) for s in range(len(own))]
    if not window:
        return arrays, tuple(alone)
    newest = [window_fit.own_deviates(window, fold, s, WINDOW) for s, fold in enumerate(white)]
    return arrays, tuple(combined(z, u) for z, u in zip(alone, newest, strict=True))


def _calibration(own: Sequence[NDArray[np.float32]]) -> Arrays:
    return {
        "scores": np.concatenate([np.sort(scores) for scores in own]),
        "starts": np.cumsum([0, *map(len, own)]).astype(np.int32),
    }


def _against_others(own: Sequence[NDArray[np.float32]], s: int) -> NDArray[np.float64]:
    """Deviates of fold s among the other folds' out-of-session scores: as a new session will see them."""
    others = [scores for i, scores in enumerate(own) if i != s]
    repeated = np.repeat(own[s][:, None], len(others), axis=1)
    return deviates(_calibration(others), repeated)
