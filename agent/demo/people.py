"""The two people of the demonstration: from the generator, or two accounts of a Balabit folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.demo.accounts import accounts_of, far_pair, read_session
from agent.demo.desktop import desk
from agent.demo.synthesis import person, work
from agent.engine.events import EventBatch, EventKind

WIDTH_PX, HEIGHT_PX = 1280, 800

# Two hands that lie well apart, so that three minutes suffice. Random pairs take longer: docs/choices.md.
OWNER, INTRUDER = 2, 10
PACE = 0.2
SESSIONS, ACTIONS = 8, 200
SEEDS_APART = 1000
OWNER_S, INTRUDER_S = 45.0, 100.0

# Recorded people rest longer and lie closer: less of their rests is played, and more of their work.
RECORDED_INTRUDER_S = 180.0
LONGEST_PAUSE_S, RECORDED_PAUSE_S = 3.0, 1.5


@dataclass(frozen=True, slots=True, eq=False)
class DemoPeople:
    """What the two of them do.

    Attributes
    ----------
    source : str
        Where they come from, for the report.
    enrolment : tuple of EventBatch
        The owner's sessions to learn from.
    owner, intruder : EventBatch
        What is played as real input.
    width_px, height_px : int
        The screen that it fits on.
    longest_pause_s : float
        Longer rests are cut to this when it is played.
    """

    source: str
    enrolment: tuple[EventBatch, ...]
    owner: EventBatch
    intruder: EventBatch
    width_px: int = WIDTH_PX
    height_px: int = HEIGHT_PX
    longest_pause_s: float = LONGEST_PAUSE_S


def generated(seed: int = 0) -> DemoPeople:
    """Two hands of the generator, at the same desk under the same mouse: only the hand differs.

    Parameters
    ----------
    seed : int
        Another one gives other sessions of the same two people, to learn from and to play.
    """
    first = SEEDS_APART * seed
    place = desk(WIDTH_PX, HEIGHT_PX, pace=PACE)

    def session(who: int, number: int, **until: float) -> EventBatch:
        return EventBatch.concat(work(person(who), place, first + number, **until))  # type: ignore[arg-type]

    return DemoPeople(
        source=f"generated hands {OWNER} (owner) and {INTRUDER} (intruder), chosen to lie well apart",
        enrolment=tuple(session(OWNER, 100 + n, actions=ACTIONS) for n in range(SESSIONS)),
        owner=session(OWNER, 1, seconds=OWNER_S),
        intruder=session(INTRUDER, 2, seconds=INTRUDER_S),
    )


def recorded(folder: Path) -> DemoPeople:
    """Two accounts of a Balabit folder: the busiest part of the owner's last session, held out, then the other's.

    Raises
    ------
    SteadyhandError
        If the folder does not hold two accounts with the same report rate.
    """
    accounts = accounts_of(folder)
    owner, intruder = far_pair(accounts)
    sessions = [read_session(path) for path in accounts[owner]]
    works = sessions[-1], read_session(accounts[intruder][-1])
    return DemoPeople(
        source=f"Balabit accounts {owner} (owner) and {intruder} (intruder), the furthest apart at one report rate",
        enrolment=tuple(sessions[:-1]),
        owner=_busiest(works[0], OWNER_S),
        intruder=_busiest(works[1], RECORDED_INTRUDER_S),
        width_px=int(max(batch.x.max() for batch in works)) + 1,
        height_px=int(max(batch.y.max() for batch in works)) + 1,
        longest_pause_s=RECORDED_PAUSE_S,
    )


def _busiest(batch: EventBatch, seconds: float) -> EventBatch:
    """The stretch of that length with the most clicks, its longer rests cut: people read more than they click."""
    gaps_ns = np.minimum(np.diff(batch.t_ns, prepend=batch.t_ns[0]), int(RECORDED_PAUSE_S * 1e9))
    use_ns = np.cumsum(gaps_ns)
    clicks = np.cumsum(batch.kind == EventKind.PRESS)
    ends = np.searchsorted(use_ns, use_ns + int(seconds * 1e9)) - 1
    start = int(np.argmax(clicks[ends] - clicks))
    return batch[start : int(ends[start]) + 1]
