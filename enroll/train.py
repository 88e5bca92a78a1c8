"""Trainer: makes a profile from recorded sessions."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from agent.config.schema import JudgementSettings
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.engine.signature import Signature, signature_arrays
from agent.files.background import Background
from agent.files.cohort import Cohort
from enroll.cohort import CohortRows, rows_under
from enroll.edition import FIRST, Edition
from enroll.fit.deep import LeftOut
from enroll.fold_models import Arrays, Model
from enroll.likeness import OnFile, likeness
from enroll.limits import choose
from enroll.model import fit_model
from enroll.odd_sessions import of_one_mouse
from enroll.owner import owner_of
from enroll.sessions import SessionRows
from enroll.training_summary import asked_figures, enrolment_figures, likeness_figures, other_people_figures


def train(
    sessions: Sequence[SessionRows],
    user: str,
    mouse: MouseConfiguration,
    asked: JudgementSettings | None = None,
    *,
    cohort: Cohort | None = None,
    but: int | None = None,
    detectors: Sequence[str] | None = None,
    on_file: OnFile | None = None,
    background: Background | None = None,
    edition: Edition = FIRST,
    seed: int = 0,
) -> Profile:
    """A profile of one user under one mouse configuration.

    Parameters
    ----------
    sessions : sequence of SessionRows
        The enrolment, in order of time.
    user : str
    mouse : MouseConfiguration
    asked : JudgementSettings
        The error rates that the limits are set for; the default settings where None.
    cohort : Cohort, optional
        Other people's actions; used only if it has the same mouse configuration, and the summary says so.
    but : int, optional
        The user's own number in the cohort, so that nobody is told from themselves.
    detectors : sequence of str, optional
        Names, ``shipped`` for all that are shipped; these where None. Those of sketches need sessions with
        sketches. One whose library is not installed is left out, and the summary says so.
    on_file : OnFile, optional
        What the enrolment is compared with; with whom it does not agree is in the summary.
    background : Background, optional
        How people differ, for an enrolment without a cohort.
    edition : Edition
    seed : int
        Of the thinning of references.

    Raises
    ------
    SteadyhandError
        If there is too little to learn from, the cohort has fewer than two people or other features, or a detector is
        not known or needs a cohort.
    """
    asked = asked or JudgementSettings()
    others = rows_under(cohort, mouse, but=but) if cohort else None
    sorted_sessions = of_one_mouse(sessions)
    learnt = sorted_sessions.learnt
    model = _model(learnt, others, detectors, background, seed)
    owner = owner_of(model.out_of_session, sum(s.active_s for s in learnt), model.detectors)
    likelihood, (limits,) = choose(owner, [asked])
    alike = likeness(
        learnt, user, mouse, on_file or OnFile(), out_of_session=model.out_of_session, cohort=others
    )
    return Profile(
        user=user,
        mouse=mouse,
        features=model.features,
        kinds=model.kinds,
        detectors=model.detectors,
        arrays=model.arrays | _signature(learnt) | {"evidence/likelihood": likelihood.to_array()},
        limits=limits,
        **edition.fields(),
        summary=enrolment_figures(model, owner, sorted_sessions)
        | likeness_figures(alike)
        | asked_figures(asked)
        | other_people_figures(model, background, cohort, others),
    )


def _model(
    sessions: Sequence[SessionRows],
    others: CohortRows | None,
    detectors: Sequence[str] | None,
    background: Background | None,
    seed: int,
) -> Model:
    """The model; what had to be left out is in the summary, so no warning is needed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LeftOut)
        return fit_model(
            sessions,
            cohort=others,
            detectors=detectors,
            background=background if others is None else None,
            seed=seed,
        )


def _signature(sessions: Sequence[SessionRows]) -> Arrays:
    return signature_arrays(Signature.of_features(np.concatenate([s.rows.features for s in sessions])))
