"""A profile of a generated owner, and two people at the same desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.demo.synthesis import person, work
from agent.engine.events import EventBatch
from agent.engine.profile import Profile
from enroll.sessions import session_rows
from enroll.train import train
from tests.agent.runtime.fakes import MOUSE

# Two hands that lie well apart, as in the end-to-end test: half a minute tells them from one another.
OWNER, INTRUDER = 2, 10

Works = Callable[..., EventBatch]


@pytest.fixture(scope="session")
def works() -> Works:
    """One session of a person: number, seed, and `actions` or `seconds`."""
    from agent.demo.desktop import desk  # which a Windows Python has no X for

    place = desk(1280, 800, pace=0.1)

    def session(who: int, seed: int, **until: float) -> EventBatch:
        return EventBatch.concat(work(person(who), place, seed, **until))  # type: ignore[arg-type]

    return session


@pytest.fixture(scope="session")
def owners_profile(works: Works) -> Profile:
    """Trained from five sessions, for the default error rates."""
    sessions = [session_rows("ada", f"session_{n}", [works(OWNER, 100 + n, actions=120)]) for n in range(5)]
    return train(sessions, "ada", MOUSE)
