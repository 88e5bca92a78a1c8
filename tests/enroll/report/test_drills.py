"""Drills in the report: what an export of alerts holds of them, and what is left out."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from agent.alerts.alert import AlertKind
from enroll.report.drills import drills_section, read_drill_events
from tests.enroll.overview.offices import NOW, event


def ended(number: int, hours_ago: float, **detail: Any) -> dict[str, Any]:
    """The event that ends a drill on computer `number`."""
    figures = {"drill": True, "seconds": 180.0, "judged_actions": 60, "found_s": None, "found_actions": None}
    return event(number, AlertKind.DRILL, NOW - timedelta(hours=hours_ago), figures | detail)


def exported(tmp_path: Path, lines: list[dict[str, Any]]) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_drills_of_all_computers_add_up(tmp_path: Path) -> None:
    again = ended(1, 3.0, found_s=64.0, found_actions=33)
    lines = [
        *(again, again),
        ended(1, 2.0, found_s="100.0", found_actions="47"),
        ended(2, 1.0),
        ended(3, 0.5, judged_actions=6),
        event(2, AlertKind.DRILL, NOW - timedelta(hours=1.1), {"drill": True}),
        event(2, AlertKind.HEARTBEAT, NOW, {"judged_actions": 900}),
    ]
    figures = read_drill_events([exported(tmp_path, lines)])
    assert figures is not None
    assert (figures.agents, figures.report.drills, figures.report.noticed) == (3, 3, 2)
    assert (figures.report.not_counted, figures.report.median_s, figures.report.median_actions) == (
        1,
        82.0,
        40.0,
    )
    page = drills_section(figures)
    assert "2 of 3" in page
    # Clopper and Pearson for two of three: 9.4 to 99.2 %.
    assert "67\u00a0%, 95 % interval 9\u00a0% to 99\u00a0%, on 3 agents" in page
    assert "and 40 actions, medians over those found" in page


def test_drills_that_found_nobody_and_none_that_counts(tmp_path: Path) -> None:
    figures = read_drill_events([exported(tmp_path, [ended(1, 1.0)])])
    assert figures is not None
    assert "nobody was found" in drills_section(figures)
    assert "0 of 1" in drills_section(figures)
    figures = read_drill_events([exported(tmp_path, [ended(1, 1.0, judged_actions=4)])])
    assert figures is not None
    assert "no drill counts yet" in drills_section(figures)


def test_no_drill_is_no_section(tmp_path: Path) -> None:
    assert read_drill_events([]) is None
    assert read_drill_events([exported(tmp_path, [event(1, AlertKind.HEARTBEAT, NOW, {})])]) is None
