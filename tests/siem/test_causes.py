"""The table of causes and what they raise, in docs/alerts.md, against what is raised."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.engine.events import Cause
from agent.runtime.pipeline.boundary_alerts import ALERT_OF_CAUSE
from bench.fleet.happenings import Happening
from tests.siem.causes import raised_by

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("<!-- causes -->")[2].partition("<!-- /causes -->")[0]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.strip().splitlines()[2:]]
DISPLAY_FIRST = ", the display gone first"


def kinds(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_cause_raises_what_the_page_says(row: list[str]) -> None:
    cause, by_agent, by_relay, severities = row
    happening = Happening(cause.removesuffix(DISPLAY_FIRST))
    step_s = 300.0 if happening is Happening.CLOCK_SET else 0.0
    for relay, expected in ((False, kinds(by_agent)), (True, kinds(by_agent) + kinds(by_relay))):
        raised = raised_by(happening, relay=relay, loses_display=cause.endswith(DISPLAY_FIRST), step_s=step_s)
        # The relay may speak before the agent is back.
        assert sorted(kind for kind, _ in raised if kind != "started") == sorted(expected)
        shown = sorted({str(severity) for kind, severity in raised if kind != "started"})
        assert set(shown) <= set(severities.split(", "))
    assert shown == severities.split(", ")


def test_every_cause_of_the_month_that_ends_or_hides_an_agent_is_on_the_page() -> None:
    named = {row[0].removesuffix(DISPLAY_FIRST) for row in ROWS}
    returns = {"POWER_ON", "LOGIN", "WAKE", "THAW", "REPAIRED", "POLICY", "FALSE_ALARM", "ERASED"}
    assert {happening.value for happening in Happening if happening.name not in returns} == named


def test_every_boundary_of_the_stream_has_its_place() -> None:
    assert set(ALERT_OF_CAUSE) == set(Cause)
