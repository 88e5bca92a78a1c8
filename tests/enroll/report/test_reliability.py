"""The reliability diagram of the report: what is drawn, what is left out, and what an older result has."""

from __future__ import annotations

import json

import pytest

from agent.engine.errors import SteadyhandError
from enroll.report.fields import ReportFields
from enroll.report.reliability import reliability_diagram, reliability_points, reliability_table

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
