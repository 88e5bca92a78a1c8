"""Guard of a fold: the account's model, its limits, and what its mouse looks like, from the enrolment alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from _fastfeat import ActionRows
from agent.config.schema import JudgementSettings
from agent.files.background import Background
from enroll.fold_models import Model
from enroll.limits import choose
from enroll.odd_sessions import of_one_mouse
from enroll.owner import owner_of
from enroll.protocols.learning import learn, matching
from enroll.protocols.rows import RowReader
from enroll.protocols.stream_judge import Guard, MouseWatch, SequentialRule, model_score
from enroll.protocols.stream_plan import ASKED, Fold
from enroll.protocols.stream_session import read_session


def enrolled_guard(
    fold: Fold, read: RowReader, detectors: Sequence[str] | None, background: Background | None
) -> Guard:
    """Enrol the account of a fold; sessions of another class of mouse are kept apart.

    Raises
    ------
    SteadyhandError
        If a table cannot be read, or there is too little to enrol.
    """
    enrolment = of_one_mouse([read_session(read, planned).merged() for planned in fold.enrolment]).learnt
    cohort = (
        None if fold.cohort is None else [read_session(read, planned).merged() for planned in fold.cohort]
    )
    model = learn(enrolment, matching(enrolment, cohort), detectors, background=background)
    return Guard(
        fold.account,
        model_score(model),
        rules_of(model, sum(s.active_s for s in enrolment)),
        MouseWatch.of(ActionRows.concat(s.rows for s in enrolment)),
        np.concatenate([s.intervals_s for s in enrolment]),
        model,
    )


def rules_of(model: Model, active_s: float) -> tuple[SequentialRule, ...]:
    """The sequential test for each of `ASKED`, from the enrolment alone."""
    owner = owner_of(model.out_of_session, active_s, model.detectors)
    usual = JudgementSettings().false_alerts_per_40h
    asked = [
        JudgementSettings(false_locks_per_40h=rate, false_alerts_per_40h=max(usual, rate)) for rate in ASKED
    ]
    likelihood, limits = choose(owner, asked)
    return tuple(SequentialRule(likelihood, limits_asked) for limits_asked in limits)
