"""Proofs, drift and drills on the person's own page."""

from __future__ import annotations

from datetime import UTC

from agent.alerts.alert_history import Noticed
from agent.files.baseline_log import BaselineRecord
from agent.files.drill_log import DrillOutcome
from agent.language.language import language_named
from agent.runtime.status.snapshot import State, Status
from agent.ui.day import Day
from agent.ui.statuspage import status_page
from tests.agent.ui.test_pages import Reader

NOW_S = 1_700_000_000  # 14 November 2023, 22:13
HOUR_S = 3600
STATUS = Status(State.PROTECTING, trust=93)


def text_of(day: Day, code: str = "en") -> str:
    return Reader(status_page(STATUS, "22:13", day, language=language_named(code))).text


def taken(hours_ago: int, proof: str, actions: int, departure_sd: float) -> BaselineRecord:
    return BaselineRecord(NOW_S - hours_ago * HOUR_S, proof, "gdm-password", actions, departure_sd)


def test_a_day_without_a_proof_says_nothing_of_proofs() -> None:
    text = text_of(Day(NOW_S, zone=UTC))
    for part in ("proof of identity on", "over the days", "Drills"):
        assert part not in text


def test_todays_proofs_are_named_and_earlier_days_are_drift_alone() -> None:
    day = Day(
        NOW_S,
        zone=UTC,
        baselines=(taken(30, "login", 100, -0.5), taken(12, "login", 100, -0.2), taken(3, "unlock", 50, 0.1)),
    )
    text = text_of(day)
    assert "19:13: from 50 movements after you unlocked the screen (gdm-password)" in text
    assert "10:13: from 100 movements after you logged in (gdm-password)" in text
    assert "16:13" not in text
    assert "14 November 2023 150 -0.10" in text, "the mean of all movements of the day"
    assert "13 November 2023 100 -0.50" in text
    assert "14. November 2023 150 -0,10" in text_of(day, "de")


def test_what_was_confirmed_after_a_finding_is_no_drift() -> None:
    text = text_of(Day(NOW_S, zone=UTC, baselines=(taken(1, "that was me", 91, -1.4),)))
    assert "21:13: from 91 movements that you confirmed as yours (gdm-password)" in text
    assert "over the days" not in text


def test_a_baseline_is_no_finding() -> None:
    record = Noticed(NOW_S - 60.0, "baseline taken", "A baseline of the owner's day was taken", "x", (), "f")
    text = text_of(Day(NOW_S, noticed=(record,), zone=UTC))
    assert "the owner's day" not in text
    assert "Nothing in the last 24 hours" in text


def test_drills_add_up_with_their_number_and_interval() -> None:
    drills = (
        DrillOutcome(1, 180.0, 71, 60.0, 30),
        DrillOutcome(2, 240.0, 88, None, None),
        DrillOutcome(3, 150.0, 52, 100.0, 50),
        DrillOutcome(4, 20.0, 6, None, None),
    )
    text = text_of(Day(NOW_S, drills=drills, zone=UTC))
    # Clopper and Pearson's interval of 2 of 3, from a table.
    assert "found in 2 of 3 drills: 67 % (95 % interval: 9 % to 99 %)" in text
    assert "Found after 80 s and 40 movements (medians)" in text
    assert "1 drill is not counted" in text
    few = text_of(Day(NOW_S, drills=drills[3:], zone=UTC))
    assert "No drill counts yet." in few
