"""Detectors fitted to enrolled folds, with the owner's deviates in each fold by models that had not seen it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.calibration import deviates
from agent.engine.detectors import Detector, WindowDetector, detector
from agent.engine.errors import SteadyhandError
from agent.engine.fusion import ScaledActions, part, weights_of
from agent.engine.windowing import WINDOW
from enroll import fit as fits
from enroll.detector_choice import BACKGROUND_DETECTORS, OWN_DETECTORS
from enroll.fit import differences as difference_fits
from enroll.fit import windows as window_fits
from enroll.fit.deep import LeftOut, LibraryMissing

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]

# Weights of deviates in the sum, chosen on training sessions (docs/method.md), for every account alike.
# The sum of knn and window, and the differences, weigh the same.
OWN_WEIGHTS: Final = {"window": 0.5, "differences": 1.25**0.5}
COHORT_WEIGHTS: Final = {"window": 0.2, "knn": 0.2}

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
