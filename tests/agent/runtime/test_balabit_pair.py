"""Two real people: recordings of one make the profile, both are judged as the agent judges a live mouse."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from agent.config.schema import JudgementSettings
from agent.engine.mouse import MouseConfiguration
from agent.runtime.pipeline.decision import Reaction, ReactionRules
from agent.runtime.pipeline.protection import Protection
from enroll.datasets.balabit import accounts, training_sessions
from enroll.datasets.session import DataSession
from enroll.protocols.device import matched
from enroll.sessions import session_rows
from enroll.train import train

DATA = os.environ.get("STEADYHAND_DATA", "")
pytestmark = [
    pytest.mark.data,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA, reason="STEADYHAND_DATA is not set"),
]


@pytest.fixture(scope="module")
def balabit() -> Path:
    folder = Path(DATA) / "balabit"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


def a_matched_pair(folder: Path) -> tuple[str, str]:
    """The first two accounts, by name, whose mice report at similar rates: not chosen by any result."""

    def intervals_s(account: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        first = training_sessions(folder, account)[0]
        return session_rows(account, first.name, first).intervals_s

    names = sorted(accounts(folder))
    told = {name: intervals_s(name) for name in names}
    return next((one, other) for one, other in combinations(names, 2) if matched(told[one], told[other]))


def reactions(protection: Protection, session: DataSession) -> tuple[int, list[Reaction]]:
    """Actions judged and reactions, up to the first lock."""
    count, told = 0, []
    for item in session:
        for _, reaction in protection.feed(item):
            count += 1
            if reaction is not Reaction.NONE:
                told.append(reaction)
            if reaction is Reaction.LOCK:
                return count, told
    return count, told


@pytest.mark.timeout(120)
def test_the_other_is_caught_and_the_owners_new_session_is_not(balabit: Path) -> None:
    owner, other = a_matched_pair(balabit)
    *enrolment, held_out = training_sessions(balabit, owner)
    rows = [session_rows(owner, session.name, session) for session in enrolment]
    profile = train(rows, owner, MouseConfiguration("balabit"), JudgementSettings(false_locks_per_40h=1.0))

    judged, told = reactions(Protection(profile, ReactionRules(may_lock=True)), held_out)
    assert judged > 500
    assert Reaction.LOCK not in told

    judged, told = reactions(
        Protection(profile, ReactionRules(may_lock=True)), training_sessions(balabit, other)[-1]
    )
    assert told[-1] is Reaction.LOCK
    assert judged < 500
