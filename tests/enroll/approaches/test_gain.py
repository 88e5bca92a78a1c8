"""What an approach adds: paired, with an interval, and by the rule that was set beforehand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from enroll.approaches.gain import of_sessions, of_stream, verdict
from enroll.protocols.scored import ScoredSession
from enroll.protocols.stream_records import Genuine, Intrusion, Record


def scored(apart: float, seed: int = 0) -> list[ScoredSession]:
    """Twenty sessions of each class for each of eight accounts, the owner's `apart` higher; every third unmatched."""
    rng = np.random.default_rng(seed)
    return [
        ScoredSession(f"u{a}", str(i), is_bad, float(noise) + (0.0 if is_bad else apart), 0.5, i % 3 > 0, 40)
        for a in range(8)
        for is_bad in (True, False)
        for i, noise in enumerate(rng.normal(size=20))
    ]


def test_more_apart_is_a_gain_whose_interval_says_so() -> None:
    told = of_sessions(scored(0.8), scored(2.0))
    assert 0.1 < told["ci95"][0] < told["gain"] < told["ci95"][1]
    assert told["matched"]["ci95"][0] > 0.05
    back = of_sessions(scored(2.0), scored(0.8))
    assert back["gain"] == pytest.approx(-told["gain"])
    assert back["ci95"][1] < 0.0


def test_another_number_that_says_the_same_gains_nothing() -> None:
    base = scored(0.8)
    told = of_sessions(base, [replace(s, score=2.0 * s.score + 1.0) for s in base])
    assert told["gain"] == 0.0
    assert told["ci95"] == [0.0, 0.0]


def test_one_class_alone_has_no_gain() -> None:
    bad = [s for s in scored(1.0) if s.is_impostor]
    assert of_sessions(bad, bad) == {"gain": None, "ci95": None, "matched": {"gain": None, "ci95": None}}


def test_other_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        of_sessions(scored(1.0), scored(1.0)[1:])


def streamed(caught: int, locks: int) -> list[Record]:
    """Ten matched intrusions on each of four accounts, so many of them caught; an unmatched one; a genuine session."""
    out: list[Record] = []
    for a in range(4):
        out += [
            Intrusion(
                asked, f"u{a}", "x", "s", i, i < 10, 9.0 if i < caught else math.inf, 1.0, False, 0.5, 0.9
            )
            for asked in (1.0, 10.0)
            for i in range(11)
        ]
        out.append(Genuine(1.0, f"u{a}", "g", True, 500, 3600.0, 3600.0, locks, False, 0.5, 0.1, 0.9))
    return out


def test_of_a_stream_the_matched_intrusions_count_at_the_rate_asked() -> None:
    told = of_stream(streamed(4, 0), streamed(7, 1))
    assert told["gain"] == pytest.approx(0.3)
    assert 0.1 < told["ci95"][0] < 0.3 < told["ci95"][1] < 0.5
    assert told["false_locks"] == 4


UP = {"gain": 0.02, "ci95": [0.01, 0.03]}
DOWN = {"gain": -0.02, "ci95": [-0.03, -0.01]}
FLAT = {"gain": 0.0, "ci95": [-0.01, 0.01]}


@pytest.mark.parametrize(
    ("gains", "verdict_ms", "earned", "why"),
    [
        ({"a": UP, "b": UP, "c": FLAT}, 2.0, True, "helps: a, b"),
        ({"a": UP, "b": FLAT}, 2.0, False, "helps in a alone"),
        ({"a": FLAT}, 2.0, False, "adds nothing"),
        ({"a": UP, "b": UP, "c": DOWN}, 2.0, False, "harms: c"),
        ({"a": UP, "b": UP}, 6.0, False, "takes 6.0 ms a verdict"),
        ({"a": UP, "b": {**UP, "false_locks": 2}}, 2.0, False, "helps in a alone"),
        ({"a": UP, "b": {**UP, "false_locks": 0}}, 2.0, True, "helps: a, b"),
        ({"a": UP, "b": {"gain": None, "ci95": None}}, 2.0, False, "helps in a alone"),
    ],
)
def test_a_place_is_earned_under_two_protocols_and_lost_under_one(
    gains: dict[str, dict[str, object]], verdict_ms: float, earned: bool, why: str
) -> None:
    told = verdict(gains, verdict_ms)
    assert told[0] is earned
    assert why in told[1]
