"""What the demonstration says of itself: also what it did to the owner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from agent.demo.observer import SeenAlert
from agent.demo.outcome import DemoOutcome
from agent.demo.people import DemoPeople
from agent.demo.report import report
from agent.engine.events import EventBatch

TAKEOVER_S = 1_000.0
NOBODY = DemoPeople("made-up people", (), EventBatch.empty(), EventBatch.empty())


def seen(kind: str, after_s: float) -> SeenAlert:
    return SeenAlert(
        kind,
        "f",
        TAKEOVER_S + after_s,
        "The screen was locked by i3lock",
        ("speed",),
        {"actions": 9, "trust": 4},
    )


def outcome(after_s: float, *against_owner: str) -> DemoOutcome:
    return DemoOutcome(
        enrolled_s=1.0,
        owner_actions=40,
        owner_s=45.0,
        owner_trust=(90, 95),
        owner_alerts=against_owner,
        took_over_unix_s=TAKEOVER_S,
        suspicious=None,
        intruder=seen("intruder", after_s),
        lock=seen("lock result", after_s + 3.0),
        grabbed=True,
        events_sent=10,
        events_seen=10,
        punctual=True,
        screenshots=(),
    )


def lines(happened: DemoOutcome) -> str:
    return "\n".join(report(NOBODY, happened, Path("alerts.jsonl")))


def test_an_intruder_is_said_to_be_found_after_the_takeover() -> None:
    text = lines(outcome(20.0))
    assert "20.0 s after the mouse changed hands" in text
    assert text.endswith("The owner was left alone, the intruder was locked out, and the alert arrived.")


def test_a_verdict_on_the_owner_is_called_that() -> None:
    happened = outcome(-6.3, "intruder", "lock result")
    text = lines(happened)
    assert "against the OWNER, 6.3 s before the mouse changed hands" in text
    assert "LOCKED OUT (intruder, lock result)" in text
    assert text.endswith("The demonstration FAILED: the owner was locked out.")
    assert happened.to_json()["intruder_s"] == -6.3


def test_a_suspicion_of_the_owner_is_a_false_alert() -> None:
    text = lines(replace(outcome(20.0), owner_alerts=("suspicious",)))
    assert "FALSE ALERT (suspicious)" in text
    assert "1 false alert(s) were raised against the owner" in text
