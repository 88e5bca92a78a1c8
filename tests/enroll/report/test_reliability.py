"""The reliability diagram of the report: what is drawn, what is left out, and what an older result has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from enroll.report.costs import reliability_together
from enroll.report.fields import ReportFields
from enroll.report.reliability import pooled, reliability_diagram, reliability_points, reliability_table
from enroll.report.results import StreamResult, read_result
from tests.enroll.report.samples import stream_result, write_json

ROW = {
    "asked_per_40h": 5.0,
    "stated": 0.00424,
    "observed": 0.0031,
    "observed_ci95": [0.002, 0.0047],
    "false_locks": 31,
    "active_hours": 240.0,
    "caught": 60,
    "intrusions": 80,
}
FEW = ROW | {
    "asked_per_40h": 0.5,
    "stated": 0.0386,
    "observed": None,
    "observed_ci95": None,
    "false_locks": 3,
}


def fields(**members: object) -> ReportFields:
    return ReportFields.parse(json.dumps(members), "a result", "make it anew")


def test_what_has_too_few_events_is_in_the_table_and_not_in_the_picture() -> None:
    points = reliability_points(fields(reliability=[FEW, ROW]))
    picture = str(reliability_diagram(points))
    assert "stated 0.42 %, observed 0.31 %" in picture
    assert "stated 3.9 %" not in picture
    text = str(reliability_table(points))
    assert "0.2 % to 0.47 %" in text
    assert "60 of 80" in text
    assert "3.9 %" in text


def test_a_result_from_before_it_was_measured_has_none() -> None:
    assert reliability_points(fields()) == ()


@pytest.mark.parametrize("wrong", [{"stated": 2.0}, {"stated": None}, {"observed": -1}, {"caught": 1.5}])
def test_a_wrong_figure_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SteadyhandError, match="a result"):
        reliability_points(fields(reliability=[ROW | wrong]))


def test_results_together_have_a_figure_where_none_alone_has() -> None:
    alone = ROW | {"observed": None, "observed_ci95": None, "false_locks": 12, "active_hours": 100.0}
    streams = [reliability_points(fields(reliability=[FEW, alone])) for _ in range(2)]
    few, both = pooled(streams)
    assert (few.observed, few.false_locks) == (None, 6)
    assert (both.false_locks, both.active_hours, both.caught, both.intrusions) == (24, 200.0, 120, 160)
    # By hand: 0.12 false locks an hour, three of four intrusions locked, one intrusion in 2,000 hours.
    assert both.observed is not None
    assert both.observed == pytest.approx(0.75 * 0.0005 / (0.75 * 0.0005 + 0.1131 * 0.9995), rel=0.01)
    assert both.observed_ci95 is not None
    least, most = both.observed_ci95
    assert least < both.observed < most


def test_rates_that_are_not_in_all_results_are_left_out() -> None:
    streams = [reliability_points(fields(reliability=rows)) for rows in ([FEW, ROW], [ROW])]
    assert [point.asked_per_40h for point in pooled(streams)] == [5.0]
    assert pooled([]) == ()
    other_prior = ROW | {"stated": 0.02}
    assert pooled([streams[1], reliability_points(fields(reliability=[other_prior]))]) == ()


def stream(folder: Path, *, mode: str, people: dict[str, int], hours: float) -> StreamResult:
    """A result with twelve false locks and 60 of 80 intrusions caught at one asked rate."""
    row = ROW | {"observed": None, "observed_ci95": None, "false_locks": 12, "active_hours": hours}
    changed = {"mode": mode, "false_locks_per_user": people, "active_hours": hours, "reliability": [row]}
    read = read_result(write_json(folder / "stream.json", stream_result(**changed)))
    assert isinstance(read, StreamResult)
    return read


def test_modes_and_the_same_people_are_never_pooled(tmp_path: Path) -> None:
    first = stream(tmp_path, mode="own", people={"a": 1, "b": 0}, hours=100.0)
    again = stream(tmp_path, mode="own", people={"a": 0, "b": 0}, hours=40.0)
    cohort = stream(tmp_path, mode="cohort", people={"c": 0}, hours=100.0)
    # Another data set may have a person of the same name.
    others = stream(tmp_path, mode="own", people={"a": 0}, hours=100.0)
    assert reliability_together([first, again]) == []
    assert reliability_together([first, cohort]) == []
    (section,) = reliability_together([first, again, cohort, others])
    assert "counts of 2 results together" in str(section)
    assert ">24<" in str(section)
