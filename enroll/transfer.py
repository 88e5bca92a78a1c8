"""Profile transfer to another mouse: works from the profile alone, without recordings.

With a cohort of each configuration the owner's values are carried over by ranks (`enroll.carried`): everything else in
the profile then sees the new mouse as it saw the old one. With a short sample of the new mouse the detectors are fitted
again, to the actions that the profile keeps and to the sample, on the owner's scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import FEATURES
from agent.config.schema import JudgementSettings
from agent.engine.errors import SteadyhandError
from agent.engine.fusion import ScaledActions, scaled
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import TRANSFERRED, Profile
from agent.engine.sentence import quantity
from agent.engine.signature import Signature, signature_arrays
from agent.files.cohort import Cohort
from enroll.carried import carried
from enroll.cohort import LEAST_PEOPLE, CohortRows, rows_under
from enroll.detector_choice import OWN_DETECTORS
from enroll.edition import FIRST, Edition
from enroll.fold_models import Arrays, Enrolled, Known, Model, fitted
from enroll.limits import choose
from enroll.owner import owner_of
from enroll.sessions import SessionRows, select

LEAST_SAMPLE: Final = 50
# Sessions of one person under one configuration differ by 0.3 standard deviations. By that alone 5 % of features lie
# farther apart than this (Kolmogorov-Smirnov), over the root of the number of people.
SESSIONS_DIFFER: Final = 0.33


@dataclass(frozen=True, slots=True)
class Others:
    """What other people did under the old configuration and under the new one."""

    old: CohortRows
    new: CohortRows
    name: str


def others_of(
    cohort: Cohort, old: MouseConfiguration, new: MouseConfiguration, *, but: int | None = None
) -> Others:
    """The people of a cohort under both configurations, but for one.

    Raises
    ------
    SteadyhandError
        If there are fewer than two people under one of them.
    """
    under_each = [rows_under(cohort, mouse, but=but) for mouse in (old, new)]
    before, after = under_each
    if before is None or after is None or min(before.people, after.people) < LEAST_PEOPLE:
        which = old if before is None or before.people < LEAST_PEOPLE else new
        raise SteadyhandError(
            f"the cohort has fewer than {LEAST_PEOPLE} people under {which.name or which.key}",
            "see `cohort inspect`, or give a sample of the new mouse",
        )
    return Others(before, after, cohort.cohort_id)


def transfer(
    profile: Profile,
    mouse: MouseConfiguration,
    *,
    others: Others | None = None,
    sample: Sequence[SessionRows] = (),
    asked: JudgementSettings | None = None,
    edition: Edition = FIRST,
    seed: int = 0,
) -> Profile:
    """The profile for another mouse: it watches, and is to be replaced by an enrolment.

    Parameters
    ----------
    profile : Profile
        As it was enrolled.
    mouse : MouseConfiguration
        The new one.
    others : Others, optional
        The cohorts of both configurations.
    sample : sequence of SessionRows
        The owner's own actions with the new mouse.
    asked : JudgementSettings
        The error rates that the limits are set for, where there is a sample; the default settings where None.
    edition : Edition
    seed : int

    Raises
    ------
    SteadyhandError
        If there is neither a cohort nor a sample, the sample has fewer than 50 actions, the mouse is the same, or the
        profile is a transferred one, of other features, or keeps no actions.
    """
    _check(profile, mouse, others, sample)
    arrays = dict(profile.arrays)
    if others is not None:
        arrays |= _carried(profile, others)
        arrays |= signature_arrays(Signature.of_features(others.new.features))
    moved = replace(profile, arrays=arrays)
    if sample:
        moved = _limited(moved, sample, asked or JudgementSettings(), seed)
    return replace(
        moved,
        mouse=mouse,
        limits=replace(moved.limits, estimated=True),
        **edition.fields(),
        summary={
            **moved.summary,
            TRANSFERRED: profile.mouse.name or profile.mouse.key,
            "transferred_profile": profile.profile_id,
            "transferred_by": "; ".join(_means(others, sample)),
        },
    )


def _check(
    profile: Profile, mouse: MouseConfiguration, others: Others | None, sample: Sequence[SessionRows]
) -> None:
    if others is None and not sample:
        raise SteadyhandError("nothing to transfer by", "give a cohort, a sample of the new mouse, or both")
    if profile.is_transferred:
        raise SteadyhandError("the profile was transferred itself", "give the one that was enrolled")
    if profile.mouse.key == mouse.key:
        raise SteadyhandError(f"{mouse.name or mouse.key} is the mouse of the profile", "name another one")
    actions = sum(int(np.isin(s.rows.kind, profile.kinds).sum()) for s in sample)
    if sample and actions < LEAST_SAMPLE:
        raise SteadyhandError(f"a sample of {quantity(actions, 'action')}", f"record at least {LEAST_SAMPLE}")


def _carried(profile: Profile, others: Others) -> Arrays:
    """The owner's quantiles as they would be under the new mouse."""
    old, new = (_columns(rows, profile) for rows in (others.old, others.new))
    table = (np.asarray(profile.arrays[f"transform/{name}"], np.float64) for name in ("knots", "deviates"))
    people = min(others.old.people, others.new.people)
    knots, deviates = carried(next(table), next(table), old, new, least=SESSIONS_DIFFER / np.sqrt(people))
    return {"transform/knots": knots, "transform/deviates": deviates}


def _columns(rows: CohortRows, profile: Profile) -> NDArray[np.float64]:
    judged = np.isin(rows.kind, profile.kinds)
    columns: NDArray[np.float64] = rows.features[judged][
        :, [FEATURES.index(name) for name in profile.features]
    ]
    return columns


def with_sample(known: Profile | Model, sample: Sequence[SessionRows], seed: int = 0) -> Model:
    """The detectors that need nobody else, fitted to the actions that are kept and to a sample of the new mouse.

    Parameters
    ----------
    known : Profile or Model
        What was enrolled, with the transform that the new mouse is seen by.
    sample : sequence of SessionRows
    seed : int

    Raises
    ------
    SteadyhandError
        If no actions were kept: `knn` is not among the detectors.
    """
    transform = known.part("transform")
    drawn = [scaled(transform, select(s.rows, known.features, known.kinds)).white for s in sample]
    folds = [_white(rows) for rows in (*_enrolled_actions(known), np.concatenate(drawn))]
    enrolled = Enrolled(known.features, known.kinds, transform, tuple(folds), True)
    return fitted(enrolled, Known(), OWN_DETECTORS, seed)


def _limited(profile: Profile, sample: Sequence[SessionRows], asked: JudgementSettings, seed: int) -> Profile:
    """The profile with a sample, its limits set anew."""
    model = with_sample(profile, sample, seed)
    active_s = 3600.0 * float(profile.summary["hours"]) + sum(s.active_s for s in sample)
    owner = owner_of(model.out_of_session, active_s, model.detectors)
    likelihood, (limits,) = choose(owner, [asked])
    signature = Signature.of_features(np.concatenate([s.rows.features for s in sample]))
    arrays = {
        **model.arrays,
        **signature_arrays(signature),
        "evidence/likelihood": likelihood.to_array(),
    }
    return replace(profile, detectors=model.detectors, arrays=arrays, limits=limits)


def _enrolled_actions(known: Profile | Model) -> list[NDArray[np.float32]]:
    """The enrolled actions that k-NN keeps, fold by fold, whitened."""
    arrays = known.part("knn")
    if not {"references", "starts"} <= set(arrays):
        raise SteadyhandError("no actions are kept (detector knn)", "train it with the shipped detectors")
    return [arrays["references"][a:b] for a, b in pairwise(arrays["starts"].tolist())]


def _white(rows: NDArray[np.float32]) -> ScaledActions:
    """Actions for detectors that look at whitened rows alone."""
    return ScaledActions(np.empty((len(rows), 0), np.float32), rows)


def _means(others: Others | None, sample: Sequence[SessionRows]) -> list[str]:
    actions = sum(len(s.rows) for s in sample)
    cohort_line = (
        [f"cohort {others.name}: {others.old.people} and {others.new.people} people"] if others else []
    )
    return [*cohort_line, *([f"sample of {quantity(actions, 'action')}"] if sample else [])]
