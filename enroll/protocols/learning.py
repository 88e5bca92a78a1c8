"""The one place where protocols learn a user: whatever makes models better makes every protocol better."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.engine.errors import SteadyhandError
from agent.files.background import Background
from enroll.cohort import LEAST_PEOPLE, cohort_rows
from enroll.fold_models import Model
from enroll.model import fit_model
from enroll.protocols.device import matched
from enroll.sessions import HAND, SessionRows

MODES = ("own", "cohort")


def learn(
    own: Sequence[SessionRows],
    cohort: Sequence[SessionRows] | None = None,
    detectors: Sequence[str] | None = None,
    candidates: Sequence[str] = HAND,
    background: Background | None = None,
) -> Model:
    """A model of one user.

    Parameters
    ----------
    own : sequence of SessionRows
        The enrolment, in order of time.
    cohort : sequence of SessionRows, optional
        Sessions of the anonymous other people; None in mode ``own``.
    detectors : sequence of str, optional
        Names; the shipped ones where None.
    candidates : sequence of str
        The features that are looked at.
    background : Background, optional
        How people differ; used where there is no cohort.

    Raises
    ------
    SteadyhandError
        If there is too little to learn from, or a detector is not known or needs a cohort.
    """
    others = None if cohort is None else cohort_rows(cohort)
    differences = background if others is None else None
    return fit_model(own, cohort=others, detectors=detectors, candidates=candidates, background=differences)


def matching(
    own: Sequence[SessionRows], cohort: Sequence[SessionRows] | None
) -> tuple[SessionRows, ...] | None:
    """The cohort's sessions under the enrolment's mouse configuration, by the interval rule.

    A cohort under another configuration is no cohort: without two people left there is none, and the user is learnt
    from their own data alone.
    """
    if cohort is None:
        return None
    intervals_s = np.concatenate([session.intervals_s for session in own])
    same_configuration = tuple(session for session in cohort if matched(intervals_s, session.intervals_s))
    return (
        same_configuration
        if len({session.account for session in same_configuration}) >= LEAST_PEOPLE
        else None
    )


def check_mode(mode: str) -> None:
    """Refuse a mode that no protocol knows, before any work is done.

    Raises
    ------
    SteadyhandError
        If the mode is another than ``own`` and ``cohort``.
    """
    if mode not in MODES:
        raise SteadyhandError(f"mode {mode!r} is not known", f"use one of {', '.join(MODES)}")
