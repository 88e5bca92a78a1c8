"""Sessions of another class of mouse: found at enrolment and kept apart."""

from __future__ import annotations

import numpy as np

from _fastfeat import ActionRows
from enroll.odd_sessions import of_one_mouse
from enroll.sessions import SessionRows


def session(name: str, actions: int, interval_s: float, intervals: int = 200) -> SessionRows:
    return SessionRows("a", name, ActionRows.empty(actions), np.full(intervals, interval_s))


def test_the_class_of_most_sessions_is_learnt_though_another_has_more_actions() -> None:
    split = of_one_mouse(
        [
            session("1", 100, 0.016),
            session("2", 9_000, 0.110),
            session("3", 500, 0.015),
            session("4", 600, 0.017),
        ]
    )
    assert [s.name for s in split.learnt] == ["1", "3", "4"]
    assert split.apart == ("2: report interval 110 ms, the others' 16 ms",)
    assert [s.name for s in split.kept_apart] == ["2"]


def test_a_factor_below_two_is_one_mouse() -> None:
    split = of_one_mouse([session("1", 100, 0.008), session("2", 100, 0.0156)])
    assert (len(split.learnt), split.apart) == (2, ())
    # One session of each: the longer one stays.
    assert [s.name for s in of_one_mouse([session("1", 90, 0.008), session("2", 100, 0.016)]).learnt] == ["2"]


def test_a_session_that_shows_no_rate_stays() -> None:
    split = of_one_mouse([session("1", 100, 0.008), session("2", 100, 0.110, intervals=5)])
    assert (len(split.learnt), split.apart) == (2, ())
    assert len(of_one_mouse([session("1", 9, 0.1, intervals=0)]).learnt) == 1
    assert of_one_mouse([]).learnt == ()
