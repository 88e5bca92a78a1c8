"""Background builder: from recordings of people with any mice to second moments, by class of report rate."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from joblib import Parallel, delayed

from _fastfeat import FEATURES
from agent.engine.errors import SteadyhandError
from agent.engine.events import StreamItem
from agent.engine.sentence import quantity
from agent.files.background import Background, RateClass
from enroll.background.people import LEAST_PEOPLE, PersonRows, second_moments
from enroll.background.retiming import retimed
from enroll.fit.differences import Moments
from enroll.onethread import one_thread
from enroll.sessions import HAND, session_rows

PERIODS_MS: Final = (8, 16, 33, 60, 110)
# Fewer people make erratic backgrounds (docs/method.md).
ENOUGH_PEOPLE: Final = 32

_COLUMNS: Final = [FEATURES.index(name) for name in HAND]

# Sessions of one person; each can be iterated as often as is asked.
Sessions = Sequence[Iterable[StreamItem]]


def build(
    people: Mapping[str, Sessions],
    *,
    digests: Iterable[str] = (),
    created: datetime | None = None,
    jobs: int = 1,
    seed: int = 0,
) -> Background:
    """Build a background; no row of anybody stays in it.

    Parameters
    ----------
    people : mapping
        By person: at least two sessions of each.
    digests : iterable of str
        SHA-256 of the recordings, so that `evaluate` can refuse to test these people against it.
    created : datetime
        In UTC; now where None.
    jobs : int
        Processes.
    seed : int
        Of the phases of re-timing.

    Raises
    ------
    SteadyhandError
        If fewer than two people have two sessions long enough for a window.
    """
    listed = [people[name] for name in sorted(people) if len(people[name]) > 1]
    if len(listed) < LEAST_PEOPLE:
        raise SteadyhandError(
            f"a background of {quantity(len(listed), 'person', 'people')}",
            "give at least two people with two sessions each",
        )
    tasks = (delayed(_rate_class)(listed, period_ms, seed) for period_ms in PERIODS_MS)
    classes = [rate for part in Parallel(n_jobs=jobs)(tasks) for rate in part]
    if not classes:
        raise SteadyhandError(
            f"a background of {quantity(len(listed), 'person', 'people')}: nobody fills a window",
            "give longer recordings",
        )
    created = created or datetime.now(UTC)
    return Background(
        str(uuid.uuid4()),
        created.isoformat(timespec="seconds"),
        HAND,
        tuple(classes),
        tuple(sorted(set(digests))),
    )


def moments_for(background: Background, features: Sequence[str], interval_s: float) -> Moments:
    """Moments of the class of report rate that is nearest, of these features alone.

    Parameters
    ----------
    background : Background
    features : sequence of str
        The owner's.
    interval_s : float
        Median interval between the owner's moves, s.

    Raises
    ------
    SteadyhandError
        If the background was made with other features.
    """
    check_features(background)
    periods = sorted({rate.period_ms for rate in background.classes})
    nearest = min(periods, key=lambda period_ms: abs(np.log(period_ms / 1e3 / max(interval_s, 1e-4))))
    columns = np.array([background.features.index(name) for name in features])
    both = np.concatenate((columns, columns + len(background.features)))
    return {
        rate.length: (rate.own[np.ix_(both, both)], rate.others[np.ix_(both, both)])
        for rate in background.classes
        if rate.period_ms == nearest
    }


def check_features(background: Background) -> None:
    """Refuse a background of another version.

    Raises
    ------
    SteadyhandError
        If it was made with other features than this version looks at.
    """
    if background.features != HAND:
        differ = sorted(set(background.features) ^ set(HAND)) or ["their order"]
        raise SteadyhandError(
            f"the background was made with other features ({differ[0]})",
            "build it again with this version, or train without it",
        )


def described(background: Background) -> dict[str, Any]:
    """What a background holds, plain values."""
    return {
        "background": background.background_id,
        "created": background.created,
        "features": len(background.features),
        "fits_this_version": background.features == HAND,
        "people": max(rate.people for rate in background.classes),
        "enough_people": min(rate.people for rate in background.classes) >= ENOUGH_PEOPLE,
        "classes": [
            {"period_ms": rate.period_ms, "window_actions": rate.length, "people": rate.people}
            for rate in background.classes
        ],
    }


@one_thread
def _rate_class(people: Sequence[Sessions], period_ms: int, seed: int) -> list[RateClass]:
    """The moments of one class: a pure function, run in any process."""
    rng = np.random.default_rng((seed, period_ms))
    everybody = [_person(sessions, period_ms * 1_000_000, rng) for sessions in people]
    moments = second_moments([person for person in everybody if len(person.first)])
    return [RateClass(period_ms, length, m.people, m.own, m.others) for length, m in moments.items()]


def _person(sessions: Sessions, period_ns: int, rng: np.random.Generator) -> PersonRows:
    tables = []
    for number, session in enumerate(sessions):
        entries = retimed(session, period_ns, int(rng.integers(period_ns)))
        tables.append(session_rows("", str(number), entries).rows.features[:, _COLUMNS])
    return PersonRows(tables[0], tuple(tables[1:]))
