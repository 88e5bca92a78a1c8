"""A short part of the month of `make month`, from a fixed seed: kills are found, and nothing else is called one."""

from __future__ import annotations

import pytest

from bench.fleet.__main__ import judged
from bench.fleet.fleet import FleetPlan, months, receiver_down
from bench.fleet.happenings import ATTACKS, Cut, Happening
from bench.fleet.judge import SILENCE, MonthOutcome, is_tellable

PLAN = FleetPlan(computers=8, days=8, seed=2026, attacks_per_day=0.2)
HARMLESS = {
    ("intruder verdict", Happening.FALSE_ALARM.value),
    # These end the agent while the session goes on: nothing in them differs from a kill.
    ("agent killed", Happening.AGENT_CRASH.value),
    ("agent killed", Happening.QUIT.value),
}


@pytest.fixture(scope="module")
def outcome() -> MonthOutcome:
    return judged(PLAN)


def test_the_part_has_kills_of_most_ways_with_and_without_relay(outcome: MonthOutcome) -> None:
    assert len({kill.attack.way for kill in outcome.kills}) >= len(ATTACKS) - 1
    assert {kill.has_relay for kill in outcome.kills} == {True, False}
    assert outcome.records > 10_000


def test_kills_are_found_where_they_can_be_told(outcome: MonthOutcome) -> None:
    for kill in outcome.kills:
        if not is_tellable(kill):
            assert kill.alarm_s is None, kill
        elif kill.has_relay and kill.attack.cut is Cut.NOTHING:
            assert kill.alarm_s is not None, kill
            assert kill.alarm_s < 300, kill
        else:
            assert kill.alarm_s is not None or kill.low_s is not None, kill


def test_nothing_harmless_is_called_a_kill(outcome: MonthOutcome) -> None:
    alarms = {
        (rule, cause) for rule, level, cause in outcome.false_alarms if level not in ("low", "informational")
    }
    assert alarms <= HARMLESS
    assert any(rule == SILENCE for rule, _, _ in outcome.false_alarms), (
        "no silence was unexplained: what was tried?"
    )


def test_what_arrived_is_whole_for_verify(outcome: MonthOutcome) -> None:
    assert outcome.verify_problems == []
    assert not any("unexplained" in state for state, _ in outcome.verified_silences)


def test_the_same_seed_gives_the_same_month() -> None:
    plan = FleetPlan(computers=1, days=4, seed=3, attacks_per_day=0.0)
    (first,), (second,) = months(plan), months(plan)
    assert first.history == second.history
    assert [a.received_s for a in first.arrived] == [a.received_s for a in second.arrived]


def test_nothing_arrives_while_the_receiver_is_down() -> None:
    (month,) = months(FleetPlan(computers=1, days=6, seed=5, attacks_per_day=0.0))
    down = receiver_down(FleetPlan(computers=1, days=6, seed=5, attacks_per_day=0.0))
    assert month.arrived
    assert not any(down.holds(arrived.received_s) for arrived in month.arrived)
    received_s = [arrived.received_s for arrived in month.arrived]
    assert received_s == sorted(received_s)
