"""What is learnt of one user: the transform, the detectors, and scores of sessions that they had not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import FEATURES, ActionKind
from agent.engine.detectors import DETECTORS, Detector, WindowDetector, detector
from agent.engine.errors import SteadyhandError
from agent.engine.evidence import deviates
from agent.engine.fusion import Seen, part, see, weights_of
from agent.engine.windowing import WINDOW
from enroll import fit as fits
from enroll.cohort import CohortRows, evenly, people_of
from enroll.fit import transform as transform_fit
from enroll.fit import windows as window_fits
from enroll.sessions import HAND, SessionRows, select

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]

LEAST_ACTIONS: Final = 50
MOST_FOLDS: Final = 10
OWN_DETECTORS: Final = ("knn", "window")
COHORT_DETECTORS: Final = ("plda", "window", "knn")
# Weights of deviates in the sum, chosen on training sessions (docs/method.md), for every account alike.
OWN_WEIGHTS: Final = {"window": 0.5}
COHORT_WEIGHTS: Final = {"window": 0.2, "knn": 0.2}

_LEAST_OF_KIND: Final = 20
_LEAST_IN_FOLD: Final = 20
_PIECES_OF_ONE: Final = 4
_LEAST_SPREAD: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What is learnt of one user, before limits are set.

    Attributes
    ----------
    features : tuple of str
    kinds : tuple of int
    detectors : tuple of str
        Names of those that there was enough data for.
    arrays : dict
        ``transform/…``, ``calibration/…``, ``fusion/…``, and a part for each detector.
    out_of_session : tuple of ndarray
        The owner's combined deviates, fold by fold in order of time, by models that had not seen the fold.
    across_sessions : bool
        False where one session had to be cut, so that folds are not sessions.
    """

    features: tuple[str, ...]
    kinds: tuple[int, ...]
    detectors: tuple[str, ...]
    arrays: Arrays
    out_of_session: tuple[Floats, ...]
    across_sessions: bool

    def part(self, name: str) -> Arrays:
        """The arrays whose names begin with ``name/``, without that prefix."""
        return part(self.arrays, name)


def fit_model(
    sessions: Sequence[SessionRows],
    *,
    cohort: CohortRows | None = None,
    detectors: Sequence[str] | None = None,
    seed: int = 0,
) -> Model:
    """Learn one user from sessions.

    Parameters
    ----------
    sessions : sequence of SessionRows
        The enrolment, in order of time.
    cohort : CohortRows, optional
        Other people's actions under the same mouse configuration.
    detectors : sequence of str, optional
        Names; by default k-NN and window, with a cohort PLDA, window and k-NN.
    seed : int

    Raises
    ------
    SteadyhandError
        If there are fewer than 50 actions, the cohort has fewer than two people, or a detector is not known or
        needs a cohort.
    """
    names = _names(detectors, cohort)
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
    others = None
    if cohort is not None and any(detector(name).cohort for name in names):
        others = people_of(cohort, [FEATURES.index(name) for name in features], kinds)
    told, arrays, own = _fitted([fold[:, usable] for fold in folds], others, names, seed)
    return Model(features, kinds, told, arrays, own, across)


def _names(detectors: Sequence[str] | None, cohort: CohortRows | None) -> tuple[str, ...]:
    if detectors is None:
        return OWN_DETECTORS if cohort is None else COHORT_DETECTORS
    for name in detectors:
        if detector(name).cohort and cohort is None:
            raise SteadyhandError(f"{name} learns from a cohort", "give one, or leave the detector out")
    if not detectors:
        raise SteadyhandError("no detector", f"name some of {', '.join(DETECTORS)}")
    return tuple(dict.fromkeys(detectors))


def _kinds(sessions: Sequence[SessionRows]) -> tuple[int, ...]:
    """Kinds of action that the owner made often enough to be judged by."""
    counts = sum((np.bincount(s.rows.kind, minlength=8) for s in sessions), np.zeros(8, np.int64))
    return tuple(int(kind) for kind in ActionKind if counts[kind] >= _LEAST_OF_KIND)


def _grouped(tables: Sequence[Floats]) -> list[Floats]:
    """Sessions in order, at most ten groups of them, none smaller than 20 actions."""
    target = max(_LEAST_IN_FOLD, sum(map(len, tables)) / MOST_FOLDS if len(tables) > MOST_FOLDS else 0)
    groups: list[list[Floats]] = [[]]
    for table in tables:
        if sum(map(len, groups[-1])) >= target:
            groups.append([])
        groups[-1].append(table)
    if len(groups) > 1 and sum(map(len, groups[-1])) < _LEAST_IN_FOLD:
        last = groups.pop()
        groups[-1] += last
    return [np.concatenate(group) for group in groups]


@dataclass(frozen=True, slots=True, eq=False)
class _Others:
    """The cohort as the owner's detectors see it: person by person, and of everybody as many actions."""

    people: tuple[Seen, ...]
    evenly: Seen


def _fitted(
    folds: Sequence[Floats], others: Sequence[Floats] | None, names: Sequence[str], seed: int
) -> tuple[tuple[str, ...], Arrays, tuple[Floats, ...]]:
    """Detectors that could be fitted, all arrays, and the owner's deviates fold by fold."""
    transform = transform_fit.fit(np.concatenate(folds))
    seen = [see(transform, fold) for fold in folds]
    cohort = None
    if others is not None:
        thinned = evenly(others, sum(map(len, folds)), seed)
        cohort = _Others(tuple(see(transform, told) for told in others), see(transform, thinned))
    arrays: Arrays = _named("transform", transform)
    arrays["calibration/starts"] = np.cumsum([0, *map(len, folds)]).astype(np.int32)
    told, columns = [], []
    weights = OWN_WEIGHTS if others is None else COHORT_WEIGHTS
    for name in names:
        fitted, own = _one(name, seen, cohort, seed)
        if fitted:
            told.append(name)
            columns.append(own)
            arrays |= fitted | {f"fusion/{name}": np.array(weights.get(name, 1.0))}
    if not told:
        raise SteadyhandError("too few actions for a window", "record more, or use other detectors")
    sums = [np.stack(parts, axis=1) @ weights_of(arrays, told) for parts in zip(*columns, strict=True)]
    scale = 1.0 if others is None else _scale(sums)
    arrays["fusion/scale"] = np.array(scale)
    return tuple(told), arrays, tuple(scale * part for part in sums)


def _scale(sums: Sequence[Floats]) -> float:
    """What gives the owner's sums unit spread within sessions; every session has one vote."""
    spread = float(np.sqrt(np.median([part.var() for part in sums])))
    return 1.0 / max(spread, _LEAST_SPREAD)


def _one(name: str, seen: Sequence[Seen], cohort: _Others | None, seed: int) -> tuple[Arrays, list[Floats]]:
    """A detector, and the owner's deviates fold by fold; no arrays where there is too little."""
    one = detector(name)
    return (
        _windows(name, one, seen, cohort)
        if isinstance(one, WindowDetector)
        else _actions(name, one, seen, cohort, seed)
    )


def _actions(
    name: str, one: Detector, seen: Sequence[Seen], cohort: _Others | None, seed: int
) -> tuple[Arrays, list[Floats]]:
    """A detector of single actions with its calibration."""
    rows = [fold.rows(one.rows) for fold in seen]
    arrays = fits.fit(name, rows, None if cohort is None else cohort.evenly.rows(one.rows), seed)
    own = [one.fold_scores(arrays, fold)[:, s] for s, fold in enumerate(rows)]
    calibration = {f"calibration/{name}": _calibration(own)["scores"]}
    return _named(name, arrays) | calibration, [_against_others(own, s) for s in range(len(own))]


def _windows(
    name: str, one: WindowDetector, seen: Sequence[Seen], cohort: _Others | None
) -> tuple[Arrays, list[Floats]]:
    """A detector of windows, each length standardised."""
    rows = [fold.rows(one.rows) for fold in seen]
    people = [told.rows(one.rows) for told in cohort.people] if cohort and one.cohort else []
    arrays = window_fits.fit(name, rows, people)
    if not arrays:
        return {}, []
    own = [window_fits.own_deviates(name, arrays, fold, s, WINDOW) for s, fold in enumerate(rows)]
    return _named(name, arrays), own


def _named(name: str, arrays: Arrays) -> Arrays:
    return {f"{name}/{key}": value for key, value in arrays.items()}


def _calibration(own: Sequence[NDArray[np.floating[Any]]]) -> Arrays:
    return {
        "scores": np.concatenate([np.sort(scores) for scores in own]),
        "starts": np.cumsum([0, *map(len, own)]).astype(np.int32),
    }


def _against_others(own: Sequence[NDArray[np.floating[Any]]], s: int) -> Floats:
    """Deviates of fold s among the other folds' out-of-session scores: as a new session will see them."""
    others = [scores for i, scores in enumerate(own) if i != s]
    repeated = np.repeat(own[s][:, None], len(others), axis=1)
    return deviates(_calibration(others), repeated)
