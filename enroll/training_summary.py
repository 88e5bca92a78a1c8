"""Summary of a training: the figures of an enrolment that stand in its profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from agent.config.schema import JudgementSettings
from agent.engine.disagreement import KEY
from agent.engine.sentence import quantity
from agent.files.background import Background
from agent.files.cohort import Cohort
from enroll.agreement import departures, doubtful
from enroll.cohort import CohortRows
from enroll.fit import HELPED_FITS
from enroll.fold_models import Model
from enroll.likeness import Likeness
from enroll.limits import uniformity
from enroll.odd_sessions import SortedSessions
from enroll.owner import Owner


def enrolment_figures(model: Model, owner: Owner, sessions: SortedSessions) -> dict[str, Any]:
    """How much was learnt from, and how far its sessions lie apart."""
    return {
        "actions": sum(map(len, model.out_of_session)),
        "sessions": len(sessions.learnt),
        "hours": round(owner.hours, 3),
        "across_sessions": model.across_sessions,
        "session_departures_sd": list(departures(model.out_of_session)),
        "doubtful_sessions": doubtful(model.out_of_session),
        "session_drift": round(owner.drift, 3),
        "calibration_ks": round(uniformity(np.concatenate(model.out_of_session)), 3),
        "calibration_ks_worst_session": round(max(map(uniformity, model.out_of_session)), 3),
        **({"sessions_kept_apart": list(sessions.apart)} if sessions.apart else {}),
    }


def likeness_figures(alike: Likeness) -> dict[str, Any]:
    """What the enrolment was compared with, and with what it does not agree."""
    return {KEY: [disagreement.value for disagreement in alike.disagreements], **alike.figures()}


def asked_figures(asked: JudgementSettings) -> dict[str, float]:
    """The error rates that the limits are set for."""
    return {
        "false_locks_asked_per_40h": asked.false_locks_per_40h,
        "false_alerts_asked_per_40h": asked.false_alerts_per_40h,
    }


def other_people_figures(
    model: Model, background: Background | None, cohort: Cohort | None, others: CohortRows | None
) -> dict[str, str]:
    """Which other people the model has learnt from, and which detectors had to be left out."""
    differs = background if "differences" in model.detectors else None
    return {
        **({"background": differs.background_id} if differs else {}),
        "cohort": _cohort_note(cohort, others, model.detectors),
        **({"left_out": "; ".join(model.left_out.values())} if model.left_out else {}),
    }


def _cohort_note(cohort: Cohort | None, others: CohortRows | None, names: Sequence[str]) -> str:
    if cohort is None:
        return "none: own data alone"
    if others is None:
        return f"none: {cohort.cohort_id} has nobody under this mouse configuration; own data alone"
    alone = [name for name in names if name in HELPED_FITS and others.sketches is None]
    blind = f"; it holds no sketches, so {', '.join(alone)} learnt from own data alone" if alone else ""
    people = quantity(others.people, "person", "people")
    return f"{cohort.cohort_id}: {people} under this mouse configuration{blind}"
