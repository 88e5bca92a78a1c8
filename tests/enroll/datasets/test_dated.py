"""Dated recordings: days in order, recordings of a day together, other names refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from enroll.datasets.dated import dated_recordings
from enroll.example import write_table
from enroll.protocols import stream
from enroll.protocols.stream_plan import check_apart, plan
from tests.enroll.people import events_of

NAMES = ("session_01_day000", "session_02_day000", "session_10_day002", "session_03_day001")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("days")
    for who in (1, 2, 3):
        for number, name in enumerate(NAMES):
            write_table(root / f"user{who}" / name, events_of(who, number, 160))
    return root


def test_recordings_of_one_day_are_together_and_days_are_in_order(folder: Path) -> None:
    days = dated_recordings(folder)["user1"]
    assert [[r.name for r in day] for day in days] == [
        ["session_01_day000", "session_02_day000"],
        ["session_03_day001"],
        ["session_10_day002"],
    ]


def test_forward_enrols_on_earlier_days_alone_and_no_day_is_on_both_sides(folder: Path) -> None:
    for folds in ("forward", "all", "last"):
        for fold in plan(folder, "cohort", folds, days=True):
            enrolled, streamed = ({s.name for s in part} for part in (fold.enrolment, fold.streamed))
            assert not enrolled & streamed
            if folds == "forward":
                assert max(enrolled) < min(streamed)
    (first, *_) = plan(folder, "cohort", "forward", days=True)
    assert [s.name for s in first.enrolment] == ["day000", "day001"]
    # The later half of the intruder's recordings, as one.
    assert [[r.name for r in s.recordings] for s in first.intruding] == [
        ["session_03_day001", "session_10_day002"]
    ]


def test_other_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="no users"):
        dated_recordings(tmp_path)
    (tmp_path / "a").mkdir()
    with pytest.raises(SteadyhandError, match="no recording"):
        dated_recordings(tmp_path)
    (tmp_path / "a/session_1").write_text("")
    with pytest.raises(SteadyhandError, match="session_1: its name gives no number and day"):
        dated_recordings(tmp_path)


def test_who_is_learnt_from_is_not_tested() -> None:
    check_apart("a", ("b", "c"), ("d",))
    with pytest.raises(SteadyhandError, match="a: c would be learnt from and tested"):
        check_apart("a", ("b", "c"), ("c", "d"))
    with pytest.raises(SteadyhandError, match="a: a would be"):
        check_apart("a", ("a",), ("d",))


def test_the_protocol_by_days(folder: Path) -> None:
    figures = stream.evaluate(folder, folds="forward", days=True)
    assert (figures["days"], figures["genuine_sessions"]) == (True, 3)
    assert figures["proven"]["sessions"] == 3
    assert [entry["after_actions"] for entry in figures["proven"]["tailgate"]][:2] == [0, 30]
    # Two recordings of some 160 actions are one whole session of the intruder, and one piece of 300.
    assert (figures["intrusions"], figures["pairs"]) == (3, 3)
