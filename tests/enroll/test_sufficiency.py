"""Whether there is enough to learn from: what is tried on what, and what follows from what was seen."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from agent.engine.sufficiency import Sufficiency
from agent.files.paths import Paths
from enroll.cohort import cohort_rows
from enroll.learning_curve import COHORT_CURVE, OWN_CURVE, ErrorTrial
from enroll.sessions import SessionRows
from enroll.sufficiency import (
    Weighed,
    error_after,
    expected,
    parted,
    weigh,
)
from tests.enroll.people import rows_of

NOTHING = Weighed(80.0, (), ())


def test_an_enrolment_is_parted_by_its_active_time(owner_sessions: tuple[SessionRows, ...]) -> None:
    total_s = sum(s.active_s for s in owner_sessions)
    for share in (0.1, 1 / 3, 0.5, 0.9):
        before, after = parted(owner_sessions, share * total_s)
        assert sum(len(s.rows) for s in (*before, *after)) == sum(len(s.rows) for s in owner_sessions)
        assert sum(s.active_s for s in before) == pytest.approx(share * total_s, rel=0.05)
        assert before[-1].rows.start_ns[-1] < after[0].rows.start_ns[0] or before[-1].name < after[0].name
    assert parted(owner_sessions, 0.0)[0] == ()
    assert parted(owner_sessions, 2 * total_s)[1] == ()


def test_profiles_of_the_beginning_are_tried_on_the_rest(owner_sessions: tuple[SessionRows, ...]) -> None:
    weighed = weigh(owner_sessions)
    minutes = sum(s.active_s for s in owner_sessions) / 60.0
    assert weighed.minutes == pytest.approx(minutes)
    assert [seen.minutes for seen in weighed.owner] == pytest.approx([minutes / 4, minutes / 2])
    assert all(0 <= seen.errors <= seen.pieces for seen in weighed.owner)
    assert weighed.owner[1].pieces >= 5
    assert weighed.stranger == ()
    assert weigh(owner_sessions) == weighed, "the same data say the same"


def test_people_whom_the_profile_has_not_seen_stand_for_strangers(
    owner_sessions: tuple[SessionRows, ...],
) -> None:
    others = [rows_of(who, 0, 250) for who in range(2, 7)]
    (seen,) = weigh(owner_sessions, cohort_rows(others)).stranger
    assert 8 <= seen.pieces <= 10, "the second and the fourth of five, up to five stretches each"
    assert weigh(owner_sessions, cohort_rows(others[:3])).stranger == (), "too few to be both"


def test_too_little_shows_nothing() -> None:
    weighed = weigh([rows_of(1, 0, 70)])
    assert weighed.owner == ()
    assert expected(weighed, 0.15).error == pytest.approx(error_after(NOTHING, weighed.minutes), abs=0.001)


def test_without_anything_seen_it_is_the_usual_curve_and_falls() -> None:
    told = [expected(replace(NOTHING, minutes=m), 0.0) for m in (10.0, 40.0, 80.0, 160.0, 320.0)]
    assert told[2].owner_error == pytest.approx(OWN_CURVE.owner[4], abs=0.001)
    assert [t.error for t in told] == sorted((t.error for t in told), reverse=True)
    assert all(t.error_next_hour <= t.error for t in told)
    assert not told[1].enough
    assert told[-1].enough, "beyond what was measured nothing is promised to get better"


def test_what_was_seen_moves_the_curve_the_more_the_more_it_is() -> None:
    errors = [
        expected(Weighed(80.0, (ErrorTrial(40.0, bad, pieces),), ()), 0.0).owner_error
        for bad, pieces in ((0, 40), (0, 10), (14, 20), (10, 10), (40, 40))
    ]
    assert errors == sorted(errors)
    assert errors[0] < errors[1] < OWN_CURVE.owner[4] < errors[3] < errors[4]
    assert errors[2] == pytest.approx(OWN_CURVE.owner[4], abs=0.03)


def test_strangers_that_were_measured_count_and_it_says_so() -> None:
    told = expected(Weighed(80.0, (), (ErrorTrial(80.0, 60, 60),)), 0.0)
    assert told.measured_strangers
    assert told.stranger_error > COHORT_CURVE.stranger[4]
    assert not expected(NOTHING, 0.0).measured_strangers


def test_enough_is_a_small_error_or_a_small_gain() -> None:
    weighed = replace(NOTHING, minutes=100.0)
    now = expected(weighed, 0.0)
    assert not now.enough
    assert now.enough_hours is not None
    assert 1.7 < now.enough_hours < 5.4
    there = expected(replace(weighed, minutes=60.0 * now.enough_hours), 0.0)
    assert there.enough
    at, later = (error_after(NOTHING, 60.0 * (now.enough_hours + more)) for more in (0.0, 1.0))
    assert at - later < 0.02
    assert expected(weighed, now.error).enough, "policy is content with it"


def test_the_child_only_weighs_where_that_is_asked(owner_sessions: tuple[SessionRows, ...]) -> None:
    from agent.engine.mouse import MouseConfiguration
    from agent.files.stream import Session, write_stream
    from enroll.child import train_child
    from tests.enroll.people import events_of

    request = {"user": "ada", "sequence": 1, "false_locks_per_40h": 1.0, "false_alerts_per_40h": 5.0}
    source, out = io.BytesIO(), io.BytesIO()
    source.write(json.dumps(request | {"weigh": True, "enough_error": 0.2}).encode() + b"\n")
    write_stream(source, [Session(MouseConfiguration("browser"), 0, 0), events_of(1, 0, 250)])
    source.seek(0)
    train_child(source, out, Paths.under(Path("/nonexistent")))
    told = Sufficiency.from_json(json.loads(out.getvalue()))
    assert told == expected(weigh([rows_of(1, 0, 250)]), 0.2)
