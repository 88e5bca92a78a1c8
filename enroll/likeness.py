"""Likeness of an enrolment to earlier records: the owner's previous profile, other people's profiles, a cohort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import FEATURES, ActionRows
from agent.engine.calibration import MOST_DEVIATE
from agent.engine.detectors import needs_sketches
from agent.engine.disagreement import Disagreement
from agent.engine.fusion import Fusion, scaled
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import REVOKED, Profile
from agent.engine.transform import gaussianise
from agent.engine.windowing import WINDOW
from enroll.agreement import doubtful
from enroll.cohort import CohortRows, evenly, people_of
from enroll.fit import transform as transform_fit
from enroll.owner import OWN_DAYS
from enroll.sessions import HAND, SessionRows, select

Floats = NDArray[np.float64]

# Chosen on the first halves of Balabit's training sessions and the first 40 people of SapiMouse; measured on the other
# halves and the other 30 (docs/reliability.md).
DEPARTED_DRIFTS: Final = 2.7
NEARER_SD: Final = 0.3
OUTLYING: Final = 1.4

LEAST_COMPARED: Final = 300
"""Actions: the mean of fewer says little."""
LEAST_CROWD: Final = 10
"""People: nobody is far from everybody where everybody is few."""

_LEAST_OF_KIND: Final = 10


@dataclass(frozen=True, slots=True)
class OnFile:
    """Records that an enrolment is compared with.

    Attributes
    ----------
    profiles : tuple of Profile
        Of the same user: what is replaced. Of others: people who might be at the mouse instead.
    scripted : int
        Suspicions of a program while it was recorded, by movement alone.
    """

    profiles: tuple[Profile, ...] = ()
    scripted: int = 0


@dataclass(frozen=True, slots=True)
class Likeness:
    """Likeness of an enrolment to the records, for display.

    Attributes
    ----------
    disagreements : tuple of Disagreement
    before_sd : float or None
        Mean deviate by the owner's profile before, in standard deviations of its owner's actions; 0 is the owner's own.
    nearest_other_sd : float or None
        The highest one by another person's profile.
    outlying : float or None
        Distance to the nearest person of the cohort, over the largest such distance among these people.
    """

    disagreements: tuple[Disagreement, ...]
    before_sd: float | None
    nearest_other_sd: float | None
    outlying: float | None

    def figures(self) -> dict[str, float]:
        """What was compared, by the name of a summary's key."""
        distances = {
            "likeness_before_sd": self.before_sd,
            "likeness_nearest_other_sd": self.nearest_other_sd,
            "cohort_outlying": self.outlying,
        }
        return {name: round(distance, 2) for name, distance in distances.items() if distance is not None}


def likeness(
    sessions: Sequence[SessionRows],
    user: str,
    mouse: MouseConfiguration,
    on_file: OnFile,
    *,
    out_of_session: Sequence[Floats] = (),
    cohort: CohortRows | None = None,
) -> Likeness:
    """Compare an enrolment with itself and with what is on file under the same mouse configuration.

    Parameters
    ----------
    sessions : sequence of SessionRows
    user : str
        Whose it is said to be.
    mouse : MouseConfiguration
    on_file : OnFile
    out_of_session : sequence of ndarray, shape (n_s,)
        The sessions' deviates by models of the others.
    cohort : CohortRows, optional
    """
    rows = ActionRows.concat([s.rows for s in sessions])
    fitting = [p for p in on_file.profiles if p.mouse.key == mouse.key and _compares(p)]
    mine = max((p for p in fitting if p.user == user), key=lambda p: p.created, default=None)
    before = None if mine is None else mean_deviate(mine, rows)
    others = [deviate for p in fitting if p.user != user and (deviate := mean_deviate(p, rows)) is not None]
    nearest = max(others, default=None)
    outlying = None if cohort is None else outlying_of(rows, cohort)
    by_disagreement = {
        Disagreement.ITSELF: doubtful(out_of_session) > 0,
        Disagreement.NOBODY: outlying is not None and outlying >= OUTLYING,
        Disagreement.HAND: on_file.scripted > 0,
    }
    disagreements = [d for d, holds in by_disagreement.items() if holds]
    if mine is not None and before is not None:
        disagreements += with_profiles(before, far_sd(mine), nearest)
    return Likeness(tuple(d for d in Disagreement if d in disagreements), before, nearest, outlying)


def with_profiles(before_sd: float, far: float, nearest_other_sd: float | None) -> tuple[Disagreement, ...]:
    """What follows from the mean deviates by the owner's profile before and by the nearest other person's.

    Parameters
    ----------
    before_sd : float
    far : float
        `far_sd` of the owner's profile before.
    nearest_other_sd : float or None
        None where nobody else is on file.
    """
    departs = (Disagreement.BEFORE,) if before_sd < -far else ()
    nearer = nearest_other_sd is not None and nearest_other_sd >= before_sd + NEARER_SD
    return (*departs, Disagreement.SOMEBODY_ELSE) if nearer else departs


def mean_deviate(profile: Profile, rows: ActionRows) -> float | None:
    """Mean combined deviate of actions by a profile, 0 for its owner; None where there are too few of its kinds."""
    features = select(rows, profile.features, profile.kinds)
    if len(features) < LEAST_COMPARED:
        return None
    fusion = Fusion(profile.detectors, profile.arrays)
    deviates = fusion.stream(scaled(fusion.transform, features), WINDOW)
    return float(np.clip(deviates, -MOST_DEVIATE, MOST_DEVIATE).mean())


def outlying_of(rows: ActionRows, cohort: CohortRows) -> float | None:
    """How far actions lie from the nearest person of a cohort; None where the cohort or the actions are few.

    The distance of two people is the root mean square of the difference of their mean normal deviates, on the
    scale of the cohort. It is told as a multiple of the distance of the cohort's own loneliest person.
    """
    counts = np.bincount(rows.kind, minlength=1)
    kinds = [int(kind) for kind in np.flatnonzero(counts >= _LEAST_OF_KIND)]
    own = select(rows, HAND, kinds)
    if not len(own):
        return None
    people = people_of(cohort, [FEATURES.index(name) for name in HAND], kinds)
    if len(people) < LEAST_CROWD:
        return None
    pool = evenly(people, len(own), seed=0)
    usable = transform_fit.usable(pool)
    scale = transform_fit.fit(pool[:, usable])
    means = np.stack([_mean(scale, person[:, usable]) for person in people])
    lonely = max(_nearest(means[i], np.delete(means, i, axis=0)) for i in range(len(means)))
    return _nearest(_mean(scale, own[:, usable]), means) / lonely


def _compares(profile: Profile) -> bool:
    """Whether what other sessions look like is known of its owner, and nothing is needed that is not at hand."""
    known = bool(profile.summary.get("across_sessions")) and REVOKED not in profile.summary
    return known and not profile.is_transferred and not needs_sketches(profile.detectors)


def far_sd(profile: Profile) -> float:
    """What the owner's own sessions hardly ever depart by, in standard deviations."""
    drift = profile.summary.get("session_drift")
    return DEPARTED_DRIFTS * (drift if isinstance(drift, float) and drift > 0 else OWN_DAYS.drift)


def _mean(scale: dict[str, NDArray[Any]], rows: Floats) -> Floats:
    mean: Floats = gaussianise(scale, rows).mean(axis=0, dtype=np.float64)
    return mean


def _nearest(mean: Floats, others: Floats) -> float:
    return float(np.sqrt(((others - mean) ** 2).mean(axis=1)).min())
