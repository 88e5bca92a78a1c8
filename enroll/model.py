"""Model fitting: transform, detectors and out-of-session scores of one user."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import FEATURES, ActionKind, ActionRows
from agent.engine.calibration import deviates
from agent.engine.detectors import DETECTORS, Detector, WindowDetector, detector, needs_sketches
from agent.engine.errors import SteadyhandError
from agent.engine.fusion import ScaledActions, part, scaled, weights_of
from agent.engine.windowing import WINDOW
from agent.files.background import Background
from enroll import fit as fits
from enroll.background.building import moments_for
from enroll.cohort import CohortRows, by_person, evenly, people_of
from enroll.fit import differences as difference_fits
from enroll.fit import knn as knn_fit
from enroll.fit import transform as transform_fit
from enroll.fit import windows as window_fits
from enroll.fit.deep import LeftOut, LibraryMissing
from enroll.folds import LEAST_IN_FOLD, grouped, pieces
from enroll.sessions import HAND, SessionRows, select, sketches

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]

LEAST_ACTIONS: Final = 50
# Stands for the shipped detectors among others that are asked for.
SHIPPED: Final = "shipped"
OWN_DETECTORS: Final = ("knn", "window")
COHORT_DETECTORS: Final = ("plda", "window", "knn")
# In a stream the differences alone; of one short session together with the others (docs/method.md).
BACKGROUND_DETECTORS: Final = ("differences",)
SESSION_DETECTORS: Final = ("knn", "window", "differences")
# Weights of deviates in the sum, chosen on training sessions (docs/method.md), for every account alike.
# The sum of knn and window, and the differences, weigh the same.
OWN_WEIGHTS: Final = {"window": 0.5, "differences": 1.25**0.5}
COHORT_WEIGHTS: Final = {"window": 0.2, "knn": 0.2}

# Of a profile whose detectors need no actions: it stays under 1 MB for six folds.
KEPT_ACTIONS: Final = 500

_LEAST_OF_KIND: Final = 20
_LEAST_SPREAD: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Fitted model of one user, before limits are set.

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
    left_out : mapping
        By name of a detector why it could not be fitted here: a library is missing.
    """

    features: tuple[str, ...]
    kinds: tuple[int, ...]
    detectors: tuple[str, ...]
    arrays: Arrays
    out_of_session: tuple[Floats, ...]
    across_sessions: bool
    left_out: Mapping[str, str] = field(default_factory=dict)

    def part(self, name: str) -> Arrays:
        """The arrays whose names begin with ``name/``, without that prefix."""
        return part(self.arrays, name)


@dataclass(frozen=True, slots=True, eq=False)
class Enrolled:
    """Enrolled actions on the owner's scale, fold by fold in order of time."""

    features: tuple[str, ...]
    kinds: tuple[int, ...]
    transform: Arrays
    folds: tuple[ScaledActions, ...]
    across_sessions: bool


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Other people's actions: by person, an equal sample of everybody, and sketches."""

    people: tuple[ScaledActions, ...] = ()
    others: ScaledActions | None = None
    sketches: tuple[NDArray[np.float32], ...] | None = None
    moments: difference_fits.Moments | None = None


def fit_model(
    sessions: Sequence[SessionRows],
    *,
    cohort: CohortRows | None = None,
    detectors: Sequence[str] | None = None,
    candidates: Sequence[str] = HAND,
    background: Background | None = None,
    seed: int = 0,
) -> Model:
    """Fit the model of one user to sessions.

    Parameters
    ----------
    sessions : sequence of SessionRows
        The enrolment, in order of time.
    cohort : CohortRows, optional
        Other people's actions under the same mouse configuration.
    detectors : sequence of str, optional
        Names; by default those that "shipped" stands for: k-NN and window, with a cohort PLDA, window and k-NN.
    candidates : sequence of str
        The features that are looked at, as far as they say anything of the owner.
    background : Background, optional
        How people differ; where the owner fills too few windows for it, models of own data alone are fitted.
    seed : int

    Raises
    ------
    SteadyhandError
        If there are fewer than 50 actions, the cohort has fewer than two people, or a detector is not known or
        needs a cohort.
    """
    names = _names(detectors, cohort, background)
    kinds = _kinds(sessions)
    tables = [table for s in sessions if len(table := s.rows[np.isin(s.rows.kind, kinds)])]
    actions = sum(map(len, tables))
    if actions < LEAST_ACTIONS:
        who = sessions[0].account if sessions else "the recording"
        of_all = sum(len(s.rows) for s in sessions)
        raise SteadyhandError(f"{who}: {of_all} actions", f"record at least {LEAST_ACTIONS}")
    across = len(tables) > 1 and sum(len(t) >= LEAST_IN_FOLD for t in tables) > 1
    folds = grouped(tables) if across else pieces(ActionRows.concat(tables))
    fold_tables = [select(fold, candidates, kinds) for fold in folds]
    usable = transform_fit.usable(np.concatenate(fold_tables))
    features = tuple(name for name, keep in zip(candidates, usable, strict=True) if keep)
    transform = transform_fit.fit(np.concatenate([table[:, usable] for table in fold_tables]))
    seen = [
        scaled(transform, table[:, usable], sketches(fold, kinds))
        for table, fold in zip(fold_tables, folds, strict=True)
    ]
    enrolled = Enrolled(features, kinds, transform, tuple(seen), across)
    known = _known(cohort, enrolled, names, seed)
    if background is not None and any(_needs_background(name) for name in names):
        interval_s = float(np.median(np.concatenate([s.intervals_s for s in sessions])))
        known = replace(known, moments=moments_for(background, features, interval_s))
    return _carriable(fitted(enrolled, known, names, seed), enrolled, seed)


def _carriable(model: Model, enrolled: Enrolled, seed: int) -> Model:
    """With some enrolled actions, so that a profile of differences can be carried over to another mouse."""
    if model.detectors != BACKGROUND_DETECTORS:
        return model
    sample = knn_fit.fit([fold.white for fold in enrolled.folds], seed=seed, most=KEPT_ACTIONS)
    arrays = {f"knn/{name}": sample[name] for name in ("references", "starts")}
    return replace(model, arrays=model.arrays | arrays)


def _known(cohort: CohortRows | None, enrolled: Enrolled, names: Sequence[str], seed: int) -> Known:
    if cohort is None:
        return Known()
    people: tuple[ScaledActions, ...] = ()
    others, drawn = None, None
    if any(detector(name).cohort for name in names):
        rows = people_of(cohort, [FEATURES.index(name) for name in enrolled.features], enrolled.kinds)
        people = tuple(scaled(enrolled.transform, person) for person in rows)
        others = scaled(enrolled.transform, evenly(rows, sum(map(len, enrolled.folds)), seed))
    if any(name in fits.HELPED_FITS for name in names):
        drawn = by_person(cohort, enrolled.kinds)
    return Known(people, others, drawn)


def sketched_by(detectors: Sequence[str] | None) -> bool:
    """True if one of the detectors needs sketches, which are made only on request.

    Raises
    ------
    SteadyhandError
        If one is not known.
    """
    return needs_sketches([*_meant(detectors, OWN_DETECTORS), *_meant(detectors, COHORT_DETECTORS)])


def _meant(detectors: Sequence[str] | None, shipped: Sequence[str]) -> tuple[str, ...]:
    asked = (SHIPPED,) if detectors is None else detectors
    return tuple(dict.fromkeys(n for name in asked for n in (shipped if name == SHIPPED else (name,))))


def _names(
    detectors: Sequence[str] | None, cohort: CohortRows | None, background: Background | None
) -> tuple[str, ...]:
    alone = OWN_DETECTORS if background is None else BACKGROUND_DETECTORS
    names = _meant(detectors, alone if cohort is None else COHORT_DETECTORS)
    for name in names:
        if _needs_background(name) and background is None:
            raise SteadyhandError(f"{name} learns from a background", "give one, or leave the detector out")
        if detector(name).cohort and cohort is None:
            raise SteadyhandError(f"{name} learns from a cohort", "give one, or leave the detector out")
    if not names:
        raise SteadyhandError("no detector", f"name some of {', '.join(DETECTORS)}")
    return names


def _needs_background(name: str) -> bool:
    scorer = detector(name)
    return isinstance(scorer, WindowDetector) and scorer.background


def _kinds(sessions: Sequence[SessionRows]) -> tuple[int, ...]:
    """Kinds of action that the owner made often enough to be judged by."""
    counts = sum((np.bincount(s.rows.kind, minlength=8) for s in sessions), np.zeros(8, np.int64))
    return tuple(int(kind) for kind in ActionKind if counts[kind] >= _LEAST_OF_KIND)


def fitted(enrolled: Enrolled, known: Known, names: Sequence[str], seed: int) -> Model:
    """Every detector that could be fitted, and the owner's deviates fold by fold."""
    seen = enrolled.folds
    arrays: Arrays = _named("transform", enrolled.transform)
    arrays["calibration/starts"] = np.cumsum([0, *map(len, seen)]).astype(np.int32)
    used, columns, left_out = [], [], {}
    weights = COHORT_WEIGHTS if known.people else OWN_WEIGHTS
    for name in names:
        try:
            fold_arrays, own = _scored_by(name, seen, known, seed)
        except LibraryMissing as missing:
            left_out[name] = str(missing)
            warnings.warn(LeftOut(f"{name} is left out, the others go on: {missing}"), stacklevel=3)
            continue
        if fold_arrays:
            used.append(name)
            columns.append(own)
            arrays |= fold_arrays | {f"fusion/{name}": np.array(weights.get(name, 1.0))}
    if left_out and not used:
        raise SteadyhandError(next(iter(left_out.values())), "or name other detectors, too")
    if not used and tuple(names) == BACKGROUND_DETECTORS:
        return fitted(enrolled, known, OWN_DETECTORS, seed)
    if not used:
        raise SteadyhandError("too few actions for a window", "record more, or use other detectors")
    sums = [np.stack(parts, axis=1) @ weights_of(arrays, used) for parts in zip(*columns, strict=True)]
    scale = _scale(sums) if known.people else 1.0
    arrays["fusion/scale"] = np.array(scale)
    combined = tuple(scale * part for part in sums)
    about = (enrolled.features, enrolled.kinds, tuple(used), arrays, combined, enrolled.across_sessions)
    return Model(*about, left_out)


def _scale(sums: Sequence[Floats]) -> float:
    """Scale that gives the owner's sums unit spread: inverse of the median standard deviation within sessions."""
    return 1.0 / max(float(np.sqrt(np.median([part.var() for part in sums]))), _LEAST_SPREAD)


def _scored_by(
    name: str, seen: Sequence[ScaledActions], known: Known, seed: int
) -> tuple[Arrays, list[Floats]]:
    """A detector, and the owner's deviates fold by fold; no arrays where there is too little."""
    scorer = detector(name)
    if isinstance(scorer, WindowDetector):
        return _windows(name, scorer, seen, known)
    return _actions(name, scorer, seen, known, seed)


def _actions(
    name: str, scorer: Detector, seen: Sequence[ScaledActions], known: Known, seed: int
) -> tuple[Arrays, list[Floats]]:
    """A detector of actions with its calibration."""
    rows = [fold.rows(scorer.rows) for fold in seen]
    others = None if known.others is None or name in fits.HELPED_FITS else known.others.rows(scorer.rows)
    arrays = fits.fit(name, rows, known.sketches if name in fits.HELPED_FITS else others, seed)
    own = [scorer.fold_scores(arrays, fold)[:, s] for s, fold in enumerate(rows)]
    calibration = {f"calibration/{name}": _calibration(own)["scores"]}
    return _named(name, arrays) | calibration, [_against_others(own, s) for s in range(len(own))]


def _windows(
    name: str, scorer: WindowDetector, seen: Sequence[ScaledActions], known: Known
) -> tuple[Arrays, list[Floats]]:
    """A detector of windows, each length standardised."""
    rows = [fold.rows(scorer.rows) for fold in seen]
    people = [person.rows(scorer.rows) for person in known.people] if scorer.cohort else []
    if scorer.background:
        arrays = difference_fits.fit(rows, known.moments or {})
    else:
        arrays = window_fits.fit(name, rows, people)
    if not arrays:
        return {}, []
    own = [
        window_fits.own_deviates(scorer.fold_scores, arrays, fold, s, WINDOW) for s, fold in enumerate(rows)
    ]
    return _named(name, arrays), own


def _named(name: str, arrays: Arrays) -> Arrays:
    return {f"{name}/{key}": array for key, array in arrays.items()}


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
