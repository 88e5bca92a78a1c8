"""What locking would have done here, counted from the events of shadow mode."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from agent.alerts.alert import Activity, AlertKind
from enroll.report.shadow import read_shadow, shadow_section
from tests.enroll.overview.offices import NOW, event


def written(tmp_path: Path) -> Path:
    would = {"would_lock": True, "mode": "shadow"}
    was_me = {"answer": "that was me", **would}
    lines = [
        event(1, AlertKind.HEARTBEAT, NOW - timedelta(days=13), {"mode": "shadow"}),
        event(1, AlertKind.INTRUDER, NOW, would, "first"),
        event(1, AlertKind.INTRUDER, NOW, was_me, "first", Activity.CLOSE),
        event(1, AlertKind.INTRUDER, NOW, was_me, "first", Activity.CLOSE),
        event(2, AlertKind.INTRUDER, NOW, would, "second"),
        event(2, AlertKind.SUSPICIOUS, NOW, {"would_lock": False}, "third"),
        event(2, AlertKind.SUSPICIOUS, NOW, {"answer": "that was me"}, "third", Activity.CLOSE),
    ]
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_each_finding_counts_once_and_only_those_that_would_lock(tmp_path: Path) -> None:
    figures = read_shadow([written(tmp_path)])
    assert figures is not None
    assert (figures.agents, figures.would_lock, figures.answered, figures.agents_with_answered) == (
        2,
        2,
        1,
        1,
    )
    assert figures.weeks == 2.0
    page = shadow_section(figures)
    assert "2 agents from 2 June 2026 to 15 June 2026" in page
    assert "0.5 a week, on 1 agent" in page


def test_no_event_is_no_section() -> None:
    assert read_shadow([]) is None
