"""Sufficiency estimate of an enrolment: expected error now, and with more data.

Profiles are made of the first quarter and the first half of an enrolment and tried on what came after: fresh data, as
far as these profiles know. Where there is a cohort, people whom the profile has not seen stand for strangers.
What was seen so moves the usual learning curve up or down, the more, the more was seen; the curve's own
shape comes from other people (`evaluate sufficiency`), since a few hours of one person do not show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import FEATURES, ActionRows
from agent.engine.calibration import MOST_DEVIATE
from agent.engine.errors import SteadyhandError
from agent.engine.fusion import Fusion, scaled
from agent.engine.sufficiency import Sufficiency
from agent.engine.windowing import WINDOW
from enroll.cohort import LEAST_PEOPLE, CohortRows, people_of
from enroll.fold_models import Model
from enroll.learning_curve import COHORT_CURVE, OWN_CURVE, Curve, ErrorTrial, likeliest
from enroll.model import fit_model
from enroll.score import stream_deviates
from enroll.sessions import SessionRows

Floats = NDArray[np.float64]

PIECE: Final = 50
# Half-way between the owner and a median intruder under the same mouse: the usual curve was measured with it.
LIMIT: Final = -0.6
# An hour more that lowers the error by less is not worth it.
LEAST_GAIN: Final = 0.02

_SHARES: Final = (0.25, 0.5)
_MOST_ROWS: Final = 900
_MOST_OF_STRANGER: Final = 300
_MOST_H: Final = 40.0
_STEP_H: Final = 0.25


@dataclass(frozen=True, slots=True)
class Weighed:
    """Error trials of an enrolment on its own later part and on strangers.

    Attributes
    ----------
    minutes : float
        Active minutes of all of it.
    owner, stranger : tuple of ErrorTrial
        The owner's later stretches, and strangers' under all of it; empty where there was nothing to try.
    """

    minutes: float
    owner: tuple[ErrorTrial, ...]
    stranger: tuple[ErrorTrial, ...]


def weigh(sessions: Sequence[SessionRows], cohort: CohortRows | None = None, *, seed: int = 0) -> Weighed:
    """Try profiles made of the beginning of an enrolment on the rest of it, and on strangers.

    Parameters
    ----------
    sessions : sequence of SessionRows
        In order of time.
    cohort : CohortRows, optional
        Half of its people are learnt from, the others are the strangers. Fewer than four are not used.
    seed : int
    """
    minutes = sum(s.active_s for s in sessions) / 60.0
    learnt, strangers = _halves(cohort)
    owner = []
    for share in _SHARES:
        before, after = parted(sessions, share * minutes * 60.0)
        model = _model(before, learnt, seed)
        if model is not None:
            owner.append(judged_owner(model, share * minutes, after))
    model = _model(sessions, learnt, seed) if strangers is not None else None
    taken = () if model is None or strangers is None else (_judged_strangers(model, minutes, strangers),)
    return Weighed(minutes, tuple(s for s in owner if s.pieces), tuple(s for s in taken if s.pieces))


def expected(weighed: Weighed, enough_error: float, curve: Curve | None = None) -> Sufficiency:
    """The error to expect of all of the enrolment, and whether more would help.

    The curve is moved, in log-odds, to where the stretches seen and the spread of people make it likeliest.

    Parameters
    ----------
    weighed : Weighed
    enough_error : float
        From this error on there is enough, 0-1.
    curve : Curve, optional
        The usual one; where None, that of profiles with or without a cohort, as was weighed.
    """
    moved = _moved(curve or (COHORT_CURVE if weighed.stranger else OWN_CURVE), weighed)
    hours = weighed.minutes / 60.0
    grid = (hours, *np.arange(_STEP_H * (np.floor(hours / _STEP_H) + 1.0), _MOST_H, _STEP_H).tolist())
    enough = (h for h in grid if _is_enough(moved, h, enough_error))
    at = next(enough, None)
    owner, stranger = (moved.at(errors, weighed.minutes) for errors in (moved.owner, moved.stranger))
    return Sufficiency(
        hours=round(hours, 2),
        error=round((owner + stranger) / 2.0, 3),
        owner_error=round(owner, 3),
        stranger_error=round(stranger, 3),
        error_next_hour=round(min(_error(moved, hours), _error(moved, hours + 1.0)), 3),
        enough=at == hours,
        enough_hours=None if at is None else round(at, 2),
        measured_strangers=bool(weighed.stranger),
    )


def error_after(weighed: Weighed, minutes: float, curve: Curve = OWN_CURVE) -> float:
    """The error to expect after so many active minutes in all."""
    return _error(_moved(curve, weighed), minutes / 60.0)


def parted(
    sessions: Sequence[SessionRows], active_s: float
) -> tuple[tuple[SessionRows, ...], tuple[SessionRows, ...]]:
    """The sessions up to so many active seconds, and what comes after."""
    before, after, left_s = [], [], active_s
    for session in sessions:
        spent_s = np.concatenate(([0.0], np.cumsum(session.steps_s)))
        count = int(np.searchsorted(spent_s, max(left_s, 0.0), side="right")) if left_s > 0.0 else 0
        left_s -= session.active_s
        before.append(_cut(session, session.rows[:count]))
        after.append(_cut(session, session.rows[count:]))
    return tuple(s for s in before if len(s.rows)), tuple(s for s in after if len(s.rows))


def judged_owner(model: Model, minutes: float, sessions: Sequence[SessionRows]) -> ErrorTrial:
    """The owner's stretches that were taken for somebody else's."""
    share = min(1.0, _MOST_ROWS / max(1, sum(len(s.rows) for s in sessions)))
    parts = [s.rows[: max(PIECE, round(share * len(s.rows)))] for s in sessions]
    means = np.concatenate([_means(stream_deviates(model, rows)) for rows in parts] or [np.empty(0)])
    return ErrorTrial(minutes, int((means < LIMIT).sum()), len(means))


def judged_strangers(model: Model, minutes: float, sessions: Sequence[ActionRows]) -> ErrorTrial:
    """Strangers' stretches that were taken for the owner's."""
    parts = [stream_deviates(model, rows[:_MOST_OF_STRANGER]) for rows in sessions]
    return _taken_for_owner(minutes, parts)


def _judged_strangers(model: Model, minutes: float, strangers: CohortRows) -> ErrorTrial:
    fusion = Fusion(model.detectors, model.arrays)
    people = people_of(strangers, [FEATURES.index(name) for name in model.features], model.kinds)
    deviates = [
        fusion.stream(scaled(fusion.transform, rows[:_MOST_OF_STRANGER]), WINDOW)
        for rows in people
        if len(rows)
    ]
    return _taken_for_owner(minutes, deviates)


def _taken_for_owner(minutes: float, parts: Sequence[Floats]) -> ErrorTrial:
    means = np.concatenate([_means(part) for part in parts] or [np.empty(0)])
    return ErrorTrial(minutes, int((means >= LIMIT).sum()), len(means))


def _means(deviates: Floats) -> Floats:
    """Of stretches of 50 actions, bounded as the sequential test bounds them; what is left over is left out."""
    whole = len(deviates) // PIECE
    bounded = np.clip(deviates[: whole * PIECE], -MOST_DEVIATE, MOST_DEVIATE)
    means: Floats = bounded.reshape(whole, PIECE).mean(axis=1)
    return means


def _model(sessions: Sequence[SessionRows], cohort: CohortRows | None, seed: int) -> Model | None:
    try:
        return fit_model(sessions, cohort=cohort, seed=seed)
    except SteadyhandError:
        # So little cannot be learnt from: then it shows nothing either.
        return None


def _halves(cohort: CohortRows | None) -> tuple[CohortRows | None, CohortRows | None]:
    """Whom to learn from, and who the strangers are; None for both where there are too few."""
    if cohort is None or cohort.people < 2 * LEAST_PEOPLE:
        return None, None
    odd = np.isin(cohort.person, np.unique(cohort.person)[1::2])
    learnt, strangers = (
        CohortRows(cohort.features[k], cohort.kind[k], cohort.person[k]) for k in (~odd, odd)
    )
    return learnt, strangers


def _moved(curve: Curve, weighed: Weighed) -> Curve:
    owner = likeliest(curve, curve.owner, weighed.owner)
    return replace(curve, owner=owner, stranger=likeliest(curve, curve.stranger, weighed.stranger))


def _error(curve: Curve, hours: float) -> float:
    return (curve.at(curve.owner, 60.0 * hours) + curve.at(curve.stranger, 60.0 * hours)) / 2.0


def _is_enough(curve: Curve, hours: float, enough_error: float) -> bool:
    now = _error(curve, hours)
    return now <= enough_error or now - _error(curve, hours + 1.0) < LEAST_GAIN


def _cut(session: SessionRows, rows: ActionRows) -> SessionRows:
    return SessionRows(session.account, session.name, rows, session.intervals_s)
