"""Exports of a SIEM: nested or with dotted names, raw or the latest state, in any order."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.alert import Activity, AlertKind
from agent.engine.errors import SteadyhandError
from enroll.overview.events import AgentState, read_states
from tests.enroll.overview.offices import NOW, event


def states(tmp_path: Path, *events: Any) -> dict[tuple[str, str], AgentState]:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")
    return read_states([path])


def test_the_latest_heartbeat_holds_whatever_the_order(tmp_path: Path) -> None:
    old = event(1, AlertKind.HEARTBEAT, NOW - timedelta(days=3), {"mode": "shadow"})
    new = event(1, AlertKind.HEARTBEAT, NOW, {"mode": "enforce"})
    for order in ((old, new), (new, old)):
        (state,) = states(tmp_path, *order).values()
        assert (state.mode, state.version, state.last_seen) == ("enforce", "2.1.0", NOW)
        assert (state.account, state.host) == ("CORP\\u1", "pc1")


def test_false_alarms_are_counted_once_each(tmp_path: Path) -> None:
    closed = [
        event(1, AlertKind.SUSPICIOUS, NOW, {"answer": "that was me"}, f"finding {at}", Activity.CLOSE)
        for at in (0, 0, 1)
    ]
    (state,) = states(tmp_path, *closed).values()
    assert state.false_alarms == 2


@pytest.mark.parametrize(
    "wrap", [lambda line: line, lambda line: {"result": line}, lambda line: {"_source": line}]
)
def test_what_queries_export(tmp_path: Path, wrap: Any) -> None:
    line = {
        "_time": "2026-06-14T23:59:00Z",
        "device.hostname": "pc1",
        "actor.user.name": "u1",
        "actor.user.domain": "CORP",
        "unmapped.mode": "shadow",
        "metadata.product.version": "2.1.0",
        "false_alarms": "3",
    }
    (state,) = states(tmp_path, wrap(line)).values()
    assert (state.account, state.mode, state.version, state.false_alarms) == (
        "CORP\\u1",
        "shadow",
        "2.1.0",
        3,
    )
    assert state.last_seen == datetime(2026, 6, 14, 23, 59, tzinfo=UTC)


def test_an_unknown_mouse_waits_until_its_profile_came(tmp_path: Path) -> None:
    met = event(1, AlertKind.UNKNOWN_MOUSE, NOW, {})
    (state,) = states(tmp_path, met).values()
    assert state.waiting() == ("a mouse without a profile",)
    for hours, waiting in ((1, ()), (-1, ("a mouse without a profile",))):
        fetched = event(1, AlertKind.PROFILE_FETCHED, NOW + timedelta(hours=hours), {})
        (state,) = states(tmp_path, fetched, met).values()
        assert state.waiting() == waiting


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("\x1b[31mnot json", "line 2 is no JSON"),
        ("[1]", "line 2 is no event"),
        ('{"time": 5}', "line 2: no event of an agent"),
        ('{"time": "soon", "host": "a", "user": "b"}', "line 2: no event of an agent"),
        ('{"time": 1e300, "host": "a", "user": "b"}', "line 2: no event of an agent"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str, what: str) -> None:
    path = tmp_path / "events.jsonl"
    good = json.dumps(event(1, AlertKind.HEARTBEAT, NOW, {}))
    path.write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(SteadyhandError, match=what) as error:
        read_states([path])
    assert str(error.value).isprintable()
