"""What is told of an enrolment's sufficiency, and what is not believed of the child that reckons it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from agent.engine.sufficiency import Sufficiency

TOLD = Sufficiency(2.1, 0.12, 0.1, 0.14, 0.09, False, 3.0, measured_strangers=False)


def test_a_line_says_how_far_it_is_and_what_to_expect() -> None:
    assert TOLD.line() == "2.1 of about 3.0 h; expected error 12 %, about 9 % with one more hour"
    assert "of about" not in replace(TOLD, enough_hours=None).line()
    assert replace(TOLD, enough=True).line() == "2.1 h, which is enough; expected error 12 %"


def test_it_goes_through_json() -> None:
    assert Sufficiency.from_json(json.loads(json.dumps(TOLD.to_json()))) == TOLD


@pytest.mark.parametrize(
    "news",
    [
        *({"error": bad} for bad in (-0.1, 1.1, float("nan"), "0.1", True, None)),
        *({"hours": bad} for bad in (-1.0, float("inf"))),
        {"enough_hours": -1.0},
        {"enough": 1},
        {"measured_strangers": None},
        {"more": 1},
    ],
)
def test_what_is_out_of_bounds_is_refused(news: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="sufficiency"):
        Sufficiency.from_json(TOLD.to_json() | news)


@pytest.mark.parametrize("told", [[], None, "x", {}])
def test_what_is_none_is_refused(told: object) -> None:
    with pytest.raises(ValueError, match="keys"):
        Sufficiency.from_json(told)
