"""Synthetic people and their sessions."""

from __future__ import annotations

from agent.demo.synthesis import office, person, work
from agent.engine.events import EventBatch
from enroll.example import SCREEN
from enroll.sessions import SessionRows, session_rows

DESK = office(SCREEN)


def events_of(who: int, session: int, actions: int) -> EventBatch:
    return EventBatch.concat(work(person(who), DESK, session, actions=actions))


def rows_of(who: int, session: int, actions: int) -> SessionRows:
    return session_rows(f"user{who}", f"session_{session}", [events_of(who, session, actions)])
