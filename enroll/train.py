"""Trainer: makes a profile from recorded sessions."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from agent.config.schema import JudgementSettings
from agent.engine.disagreement import KEY
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.engine.signature import Signature, signature_arrays
from agent.files.background import Background
from agent.files.cohort import Cohort
from enroll.agreement import departures, doubtful
from enroll.cohort import CohortRows, rows_under
from enroll.fit import HELPED_FITS
from enroll.fit.deep import LeftOut
from enroll.likeness import OnFile, likeness
from enroll.limits import choose, uniformity
from enroll.model import fit_model
from enroll.odd_sessions import of_one_mouse
from enroll.owner import owner_of
from enroll.sessions import SessionRows

VALID_DAYS: Final = 365


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
    created: datetime | None = None,
    sequence: int = 1,
    seed: int = 0,
    profile_id: str | None = None,
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
    created : datetime
        In UTC; now where None.
    sequence : int
        Version of the profile, from 1.
    seed : int
        Of the thinning of references.
    profile_id : str, optional
        UUID; a random one where None.

    Raises
    ------
    SteadyhandError
        If there is too little to learn from, the cohort has fewer than two people or other features, or a detector is
        not known or needs a cohort.
    """
    asked = asked or JudgementSettings()
    others = rows_under(cohort, mouse, but=but) if cohort else None
    sorted_sessions = of_one_mouse(sessions)
    sessions = sorted_sessions.learnt
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LeftOut)  # the summary says it
        model = fit_model(
            sessions,
            cohort=others,
            detectors=detectors,
            background=background if others is None else None,
            seed=seed,
        )
    active_s = sum(s.active_s for s in sessions)
    owner = owner_of(model.out_of_session, active_s, model.detectors)
    likelihood, (limits,) = choose(owner, [asked])
    created = created or datetime.now(UTC)
    alike = likeness(
        sessions, user, mouse, on_file or OnFile(), out_of_session=model.out_of_session, cohort=others
    )
    return Profile(
        profile_id=profile_id or str(uuid.uuid4()),
        user=user,
        mouse=mouse,
        features=model.features,
        kinds=model.kinds,
        detectors=model.detectors,
        arrays={
            **model.arrays,
            **signature_arrays(Signature.of_features(np.concatenate([s.rows.features for s in sessions]))),
            "evidence/likelihood": likelihood.to_array(),
        },
        limits=limits,
        sequence=sequence,
        created=created.isoformat(timespec="seconds"),
        expires=(created + timedelta(days=VALID_DAYS)).isoformat(timespec="seconds"),
        summary={
            "actions": sum(map(len, model.out_of_session)),
            "sessions": len(sessions),
            "hours": round(owner.hours, 3),
            "across_sessions": model.across_sessions,
            "session_departures_sd": list(departures(model.out_of_session)),
            "doubtful_sessions": doubtful(model.out_of_session),
            KEY: [disagreement.value for disagreement in alike.disagreements],
            **alike.figures(),
            "session_drift": round(owner.drift, 3),
            "calibration_ks": round(uniformity(np.concatenate(model.out_of_session)), 3),
            "calibration_ks_worst_session": round(max(map(uniformity, model.out_of_session)), 3),
            "false_locks_asked_per_40h": asked.false_locks_per_40h,
            "false_alerts_asked_per_40h": asked.false_alerts_per_40h,
            **({"sessions_kept_apart": list(sorted_sessions.apart)} if sorted_sessions.apart else {}),
            **(
                {"background": background.background_id}
                if "differences" in model.detectors and background
                else {}
            ),
            "cohort": _cohort_note(cohort, others, model.detectors),
            **({"left_out": "; ".join(model.left_out.values())} if model.left_out else {}),
        },
    )


def _cohort_note(cohort: Cohort | None, others: CohortRows | None, names: Sequence[str]) -> str:
    if cohort is None:
        return "none: own data alone"
    if others is None:
        return f"none: {cohort.cohort_id} has nobody under this mouse configuration; own data alone"
    alone = [name for name in names if name in HELPED_FITS and others.sketches is None]
    blind = f"; it holds no sketches, so {', '.join(alone)} learnt from own data alone" if alone else ""
    return f"{cohort.cohort_id}: {others.people} people under this mouse configuration{blind}"
