"""Movement pictures in the report, from tables of events."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from enroll.example import write_table
from enroll.report.fleet import Fleet
from enroll.report.movements import MOVEMENTS, movements, read_movements
from enroll.report.page import Inputs, report
from tests.enroll.people import events_of


def test_an_owner_and_an_intruder_side_by_side(tmp_path: Path) -> None:
    drawn = []
    for who in (1, 2):
        table = tmp_path / f"user{who}" / "session_1"
        table.parent.mkdir()
        write_table(table, events_of(who, 1, 80))
        drawn.append(read_movements(table, is_owner=who == 1))
    assert [(owner, count) for owner, _, count in drawn] == [(True, MOVEMENTS), (False, MOVEMENTS)]
    text = movements(tuple(drawn))
    assert "60 movements of the owner." in text
    assert "60 movements of an intruder." in text
    assert text.count("data:image/png;base64,") == 2
    assert "What a hand looks like" in report(
        Inputs((), movements=tuple(drawn)), datetime.now(UTC), Fleet(1000, 40.0)
    )


def test_a_table_without_movement_is_named(tmp_path: Path) -> None:
    table = tmp_path / "session_1"
    table.write_text("record timestamp,client timestamp,button,state,x,y\n", encoding="utf-8")
    with pytest.raises(SteadyhandError, match="session_1"):
        read_movements(table, is_owner=True)
