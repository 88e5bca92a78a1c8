"""Cohorts: other people's actions under one mouse configuration, without their names."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import FEATURES, ActionRows
from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.sentence import quantity
from agent.engine.sketch import SketchedRows
from agent.files.cohort import Cohort, CohortGroup, anonymous
from enroll.sessions import SessionRows
from enroll.sources.enrolment import EnrolmentData

LEAST_PEOPLE: Final = 2
# The cohort weighs as much as the owner however many rows it has: more than these cost time and give nothing.
ROWS_FOR_EACH: Final = 2
LEAST_ROWS: Final = 12_000
MOST_OF_PERSON: Final = 6_000
STRETCH: Final = 240

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CohortRows:
    """Actions of other people.

    Attributes
    ----------
    features : ndarray of float64, shape (n, F)
        Columns as in `_fastfeat.FEATURES`.
    kind : ndarray of uint8, shape (n,)
    person : ndarray of int32, shape (n,)
        Numbers that tell people apart.
    sketches : ndarray of float32, shape (n, WIDTH), or None
        Of the same actions, in order of time for each person; None where they were not made.
    """

    features: NDArray[np.float64]
    kind: NDArray[np.uint8]
    person: NDArray[np.int32]
    sketches: NDArray[np.float32] | None = None

    @property
    def people(self) -> int:
        """How many there are."""
        return len(np.unique(self.person))


def cohort_rows(sessions: Sequence[SessionRows]) -> CohortRows:
    """The sessions of other people; each account is a person.

    Raises
    ------
    SteadyhandError
        If there is no session.
    """
    if not sessions:
        raise SteadyhandError("a cohort of nobody", "give sessions of two people or more")
    accounts = sorted({s.account for s in sessions})
    numbers = [np.full(len(s.rows), accounts.index(s.account), np.int32) for s in sessions]
    rows = ActionRows.concat([s.rows for s in sessions])
    drawn = rows.sketches if isinstance(rows, SketchedRows) else None
    return CohortRows(rows.features, rows.kind, np.concatenate(numbers), drawn)


def rows_under(cohort: Cohort, mouse: MouseConfiguration, *, but: int | None = None) -> CohortRows | None:
    """The rows of a cohort under a mouse configuration; None where it has none.

    Parameters
    ----------
    cohort : Cohort
    mouse : MouseConfiguration
    but : int, optional
        Number of a person who is left out, as whoever is about to be enrolled.

    Raises
    ------
    SteadyhandError
        If the cohort was made with other features.
    """
    _check_schema(cohort)
    group = cohort.group_of(mouse)
    if group is None:
        return None
    included = np.ones(len(group.person), bool) if but is None else group.person != but
    drawn = None if group.sketches is None else group.sketches[included]
    return CohortRows(group.features[included], group.kind[included], group.person[included], drawn)


def people_of(cohort: CohortRows, columns: Sequence[int], kinds: Sequence[int]) -> list[Floats]:
    """The columns of actions of these kinds, person by person, each in order of time.

    Of people with very many actions stretches that lie evenly over all of them.

    Parameters
    ----------
    cohort : CohortRows
    columns, kinds : sequence of int

    Returns
    -------
    list of ndarray of float64, shape (n_p, len(columns))

    Raises
    ------
    SteadyhandError
        If these are actions of fewer than two people.
    """
    judged = np.isin(cohort.kind, list(kinds)) & ~np.isnan(cohort.features).all(axis=1)
    people = np.unique(cohort.person[judged])
    if len(people) < LEAST_PEOPLE:
        raise SteadyhandError(
            f"a cohort of {quantity(len(people), 'person', 'people')}",
            f"use one with {LEAST_PEOPLE} people or more, or none",
        )
    rows = [_stretches(np.flatnonzero(judged & (cohort.person == p))) for p in people]
    return [cohort.features[at][:, list(columns)] for at in rows]


def evenly(people: Sequence[Floats], own: int, seed: int) -> Floats:
    """Of every person the same number of actions, or all, for an owner with so many; shape (n, F)."""
    rng = np.random.default_rng(seed)
    each = max(LEAST_ROWS, ROWS_FOR_EACH * own) // len(people)
    return np.concatenate([rows[np.sort(rng.permutation(len(rows))[:each])] for rows in people])


def _stretches(at: NDArray[np.intp]) -> NDArray[np.intp]:
    """All, or so many stretches of what is given that they are few enough."""
    if len(at) <= MOST_OF_PERSON:
        return at
    begins = np.linspace(0, len(at) - STRETCH, MOST_OF_PERSON // STRETCH).round().astype(np.intp)
    chosen: NDArray[np.intp] = at[(begins[:, None] + np.arange(STRETCH)).ravel()]
    return chosen


def by_person(cohort: CohortRows, kinds: Sequence[int]) -> tuple[NDArray[np.float32], ...] | None:
    """Sketches of actions of these kinds, an array a person in order of time; None where none were made.

    Of people with very many actions stretches that lie evenly over all of them.
    """
    if cohort.sketches is None:
        return None
    judged = np.isin(cohort.kind, list(kinds))
    of_each = (np.flatnonzero(judged & (cohort.person == p)) for p in np.unique(cohort.person))
    return tuple(cohort.sketches[_stretches(at)] for at in of_each if len(at))


def build(enrolments: Mapping[str, Sequence[EnrolmentData]], created: datetime | None = None) -> Cohort:
    """A cohort of people with their recordings; numbers follow the order of names.

    Parameters
    ----------
    enrolments : mapping
        By person: sessions under each of the person's mouse configurations.
    created : datetime
        In UTC; now where None.

    Raises
    ------
    SteadyhandError
        If there are fewer than two people.
    """
    if len(enrolments) < LEAST_PEOPLE:
        raise SteadyhandError(
            f"a cohort of {quantity(len(enrolments), 'person', 'people')}",
            f"give folders of {LEAST_PEOPLE} people or more",
        )
    parts: dict[MouseConfiguration, list[tuple[int, SessionRows]]] = {}
    for number, person in enumerate(sorted(enrolments)):
        for enrolment in enrolments[person]:
            parts.setdefault(anonymous(enrolment.mouse), []).extend((number, s) for s in enrolment.sessions)
    groups = tuple(_group(mouse, sessions) for mouse, sessions in parts.items())
    created = created or datetime.now(UTC)
    return Cohort(str(uuid.uuid4()), created.isoformat(timespec="seconds"), tuple(FEATURES), groups)


def without(cohort: Cohort, person: int) -> Cohort:
    """The cohort less one person, under a new name; profiles trained before still rest on the person's rows.

    Raises
    ------
    SteadyhandError
        If nobody has that number.
    """
    if not any((group.person == person).any() for group in cohort.groups):
        raise SteadyhandError(f"nobody is number {person} in the cohort", "see `cohort inspect`")
    groups = [_members(group, group.person != person) for group in cohort.groups]
    left = tuple(group for group in groups if len(group.person))
    return replace(cohort, cohort_id=str(uuid.uuid4()), groups=left)


def described(cohort: Cohort) -> dict[str, Any]:
    """What a cohort holds, plain values: by configuration the people and their actions."""
    return {
        "cohort": cohort.cohort_id,
        "created": cohort.created,
        "features": len(cohort.features),
        "fits_this_version": set(FEATURES) <= set(cohort.features),
        "configurations": [
            {
                "mouse": group.mouse.name or group.mouse.capture,
                "key": group.mouse.key,
                "sketches": group.sketches is not None,
                "people": {int(p): int((group.person == p).sum()) for p in np.unique(group.person)},
                "usable": len(np.unique(group.person)) >= LEAST_PEOPLE,
            }
            for group in cohort.groups
        ],
    }


def _check_schema(cohort: Cohort) -> None:
    if tuple(cohort.features) != tuple(FEATURES):
        differ = sorted(set(cohort.features) ^ set(FEATURES)) or ["their order"]
        raise SteadyhandError(
            f"the cohort was made with other features ({differ[0]})",
            "build it again with this version, or train without it",
        )


def _group(mouse: MouseConfiguration, sessions: Sequence[tuple[int, SessionRows]]) -> CohortGroup:
    return CohortGroup(
        mouse,
        np.concatenate([s.rows.features for _, s in sessions]),
        np.concatenate([s.rows.kind for _, s in sessions]),
        np.concatenate([np.full(len(s.rows), number, np.int32) for number, s in sessions]),
        _sketches([s.rows for _, s in sessions]),
    )


def _sketches(rows: Sequence[ActionRows]) -> NDArray[np.float32] | None:
    drawn = [part.sketches for part in rows if isinstance(part, SketchedRows)]
    return np.concatenate(drawn) if len(drawn) == len(rows) else None


def _members(group: CohortGroup, keep: NDArray[np.bool_]) -> CohortGroup:
    drawn = None if group.sketches is None else group.sketches[keep]
    return CohortGroup(group.mouse, group.features[keep], group.kind[keep], group.person[keep], drawn)
