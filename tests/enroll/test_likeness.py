"""An enrolment that is somebody else's, nobody's, or a program's."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from agent.engine.disagreement import KEY, Disagreement, disagreements_of
from agent.engine.errors import SteadyhandError
from agent.engine.events import EventBatch, EventKind
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import REVOKED, Profile
from agent.files.paths import Paths
from agent.files.profile import pack_unsigned, unpack_unsigned
from agent.files.stream import Session, write_stream
from enroll.child import train_child
from enroll.cohort import cohort_rows
from enroll.likeness import LEAST_CROWD, OnFile, likeness, outlying_of
from enroll.sessions import SessionRows, session_rows
from enroll.sources.enrolment import enrolment_of
from enroll.train import train
from tests.enroll.people import events_of, rows_of

MOUSE = MouseConfiguration("evdev", "usb", "046d", "c077")
ADA, EVE = 2, 5


@cache
def sessions(who: int, begin: int) -> tuple[SessionRows, ...]:
    return tuple(rows_of(who, begin + n, 120) for n in range(3))


@cache
def profile(who: int, user: str) -> Profile:
    return train(sessions(who, 0), user, MOUSE)


def found(who: int, *on_file: Profile, user: str = "ada") -> set[Disagreement]:
    return set(likeness(sessions(who, 3), user, MOUSE, OnFile(on_file)).disagreements)


def test_the_owner_enrolled_again_agrees_with_the_profile_before() -> None:
    assert found(ADA, profile(ADA, "ada"), profile(EVE, "eve")) == set()


def test_somebody_else_under_the_owners_name_does_not() -> None:
    told = found(EVE, profile(ADA, "ada"), profile(EVE, "eve"))
    assert told == {Disagreement.BEFORE, Disagreement.SOMEBODY_ELSE}
    assert found(EVE, profile(ADA, "ada")) == {Disagreement.BEFORE}


def test_what_cannot_be_compared_says_nothing() -> None:
    ada = profile(ADA, "ada")
    other_mouse = replace(ada, mouse=MouseConfiguration("evdev", "usb", "046d", "ffff"))
    one_session = replace(ada, summary={**ada.summary, "across_sessions": False})
    revoked = replace(ada, summary={**ada.summary, REVOKED: "left"})
    drawn = replace(ada, detectors=("rules",))
    assert found(EVE, other_mouse, one_session, revoked, drawn) == set()
    few = (rows_of(EVE, 3, 120),)
    assert likeness(few, "ada", MOUSE, OnFile((ada,))).before_sd is None
    assert found(EVE, profile(EVE, "eve")) == set(), "a first enrolment has nothing before it"


def test_a_program_is_far_from_every_person_and_each_person_is_near_some_other() -> None:
    crowd = range(20, 20 + LEAST_CROWD + 2)
    rows = {who: rows_of(who, 0, 120) for who in crowd}
    everybody = cohort_rows([replace(told, account=str(who)) for who, told in rows.items()])
    machine = outlying_of(session_rows("m", "s", [lines(150)]).rows, everybody)
    assert machine is not None
    assert machine > 1.4
    person = outlying_of(rows_of(41, 0, 120).rows, everybody)
    assert person is not None
    assert person < 1.4
    assert outlying_of(rows[20].rows, cohort_rows([rows[20], replace(rows[21], account="b")])) is None


def test_movement_of_a_program_in_the_recording_is_counted_and_told() -> None:
    begins = Session(MOUSE, 0, 0, "monotonic")
    assert enrolment_of([begins, events_of(ADA, 0, 200)], "ada").scripted == 0
    assert enrolment_of([begins, lines(60)], "ada").scripted > 0
    summary = train(sessions(ADA, 0), "ada", MOUSE, on_file=OnFile(scripted=2)).summary
    assert Disagreement.HAND in disagreements_of(summary)


def test_the_training_child_compares_with_the_profiles_on_its_input() -> None:
    before = pack_unsigned(profile(ADA, "ada"))
    request = {"user": "ada", "sequence": 2, "false_locks_per_40h": 1.0, "false_alerts_per_40h": 5.0}
    source, out = io.BytesIO(), io.BytesIO()
    source.write(json.dumps({**request, "on_file": [len(before)]}).encode() + b"\n" + before)
    parts = [(Session(MOUSE, 0, 0, "monotonic"), events_of(EVE, 3 + n, 120)) for n in range(3)]
    write_stream(source, [item for part in parts for item in part])
    source.seek(0)
    train_child(source, out, Paths.under(Path("/nonexistent")))
    told = unpack_unsigned(out.getvalue()).summary
    assert Disagreement.BEFORE in disagreements_of(told)
    assert told["likeness_before_sd"] < 0


@pytest.mark.parametrize("sizes", [[-1], ["a"], [1 << 40], 7, [True]])
def test_a_request_with_a_wrong_size_is_refused(sizes: object) -> None:
    request = {"user": "a", "sequence": 1, "false_locks_per_40h": 1.0, "false_alerts_per_40h": 5.0}
    source = io.BytesIO(json.dumps({**request, "on_file": sizes}).encode() + b"\n")
    with pytest.raises(SteadyhandError, match="malformed"):
        train_child(source, io.BytesIO(), Paths.under(Path("/nonexistent")))


def test_only_known_disagreements_are_read() -> None:
    assert disagreements_of({KEY: ["hand", "who knows", 7]}) == (Disagreement.HAND,)
    assert disagreements_of({KEY: "hand"}) == disagreements_of({}) == ()


def lines(count: int) -> EventBatch:
    """A program that goes straight from target to target, and clicks."""
    rng = np.random.default_rng(4)
    stops = rng.uniform((50, 50), (1200, 750), (count + 1, 2))
    parts: list[tuple[float, float, float, EventKind]] = []
    t_ms = 0.0
    for start, end in pairwise(stops):
        steps = max(20, int(np.hypot(*(end - start)) / 12))
        for share in np.linspace(0, 1, steps)[1:]:
            t_ms += 8
            parts.append((t_ms, *np.round(start + (end - start) * share), EventKind.MOVE))
        for kind in (EventKind.PRESS, EventKind.RELEASE):
            t_ms += 30
            parts.append((t_ms, *np.round(end), kind))
        t_ms += 800
    return _batch(parts)


def _batch(parts: Sequence[tuple[float, float, float, EventKind]]) -> EventBatch:
    t, x, y, kind = zip(*parts, strict=True)
    pressed = [int(k in (EventKind.PRESS, EventKind.RELEASE)) for k in kind]
    return EventBatch.of(
        (np.array(t) * 1e6).astype(np.int64),
        np.array(x, np.float64),
        np.array(y, np.float64),
        np.array([int(k) for k in kind], np.uint8),
        np.array(pressed, np.uint8),
    )
