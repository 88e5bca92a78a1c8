"""Model fitting: transform, detectors and out-of-session scores of one user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from _fastfeat import FEATURES, ActionKind, ActionRows
from agent.engine.detectors import detector
from agent.engine.errors import SteadyhandError
from agent.engine.fusion import ScaledActions, scaled
from agent.files.background import Background
from enroll import fit as fits
from enroll.background.building import moments_for
from enroll.cohort import CohortRows, by_person, evenly, people_of
from enroll.detector_choice import BACKGROUND_DETECTORS, chosen_detectors, needs_background
from enroll.fit import knn as knn_fit
from enroll.fit import transform as transform_fit
from enroll.fold_models import Enrolled, Known, Model, fitted
from enroll.folds import LEAST_IN_FOLD, grouped, pieces
from enroll.sessions import HAND, SessionRows, select, sketches

LEAST_ACTIONS: Final = 50
# Of a profile whose detectors need no actions: it stays under 1 MB for six folds.
KEPT_ACTIONS: Final = 500

_LEAST_OF_KIND: Final = 20


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
    names = chosen_detectors(detectors, cohort, background)
    enrolled = _enrolled(sessions, candidates)
    known = _known(cohort, enrolled, names, seed)
    if background is not None and any(needs_background(name) for name in names):
        interval_s = float(np.median(np.concatenate([s.intervals_s for s in sessions])))
        known = replace(known, moments=moments_for(background, enrolled.features, interval_s))
    return _carriable(fitted(enrolled, known, names, seed), enrolled, seed)


def _enrolled(sessions: Sequence[SessionRows], candidates: Sequence[str]) -> Enrolled:
    kinds = _kinds(sessions)
    folds, across_sessions = _folds(sessions, kinds)
    tables = [select(fold, candidates, kinds) for fold in folds]
    usable = transform_fit.usable(np.concatenate(tables))
    features = tuple(name for name, keep in zip(candidates, usable, strict=True) if keep)
    transform = transform_fit.fit(np.concatenate([table[:, usable] for table in tables]))
    scaled_folds = tuple(
        scaled(transform, table[:, usable], sketches(fold, kinds))
        for table, fold in zip(tables, folds, strict=True)
    )
    return Enrolled(features, kinds, transform, scaled_folds, across_sessions)


def _folds(sessions: Sequence[SessionRows], kinds: Sequence[int]) -> tuple[list[ActionRows], bool]:
    """Folds in order of time, and whether they are sessions rather than pieces of one."""
    tables = [rows for s in sessions if len(rows := s.rows[np.isin(s.rows.kind, kinds)])]
    if sum(map(len, tables)) < LEAST_ACTIONS:
        who = sessions[0].account if sessions else "the recording"
        of_all = sum(len(s.rows) for s in sessions)
        raise SteadyhandError(f"{who}: too few actions ({of_all})", f"record at least {LEAST_ACTIONS}")
    across_sessions = sum(len(rows) >= LEAST_IN_FOLD for rows in tables) > 1
    return (grouped(tables) if across_sessions else pieces(ActionRows.concat(tables))), across_sessions


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


def _kinds(sessions: Sequence[SessionRows]) -> tuple[int, ...]:
    """Kinds of action that the owner made often enough to be judged by."""
    counts = sum((np.bincount(s.rows.kind, minlength=8) for s in sessions), np.zeros(8, np.int64))
    return tuple(int(kind) for kind in ActionKind if counts[kind] >= _LEAST_OF_KIND)
