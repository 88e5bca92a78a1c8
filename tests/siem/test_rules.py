"""The Sigma rules, run by pySigma's SQLite backend on streams of events: what they find and what they leave alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sigma.backends.sqlite import sqliteBackend

from agent.alerts.alert import AlertKind
from agent.host.api import LockResult
from docs.make_siem import converted
from tests.siem.streams import DAY_S, HOUR_S, MINUTE_S, T0_S, Computer, table_of

SIEM = Path(__file__).parents[2] / "packaging" / "siem"
RULES = sorted((SIEM / "sigma").glob("*.yml"))
SILENCE = (SIEM / "silence" / "sqlite.sql").read_text(encoding="utf-8")


def found(computers: list[Computer]) -> dict[str, int]:
    """How many rows each rule gives on the events of `computers`; rules that give none are left out."""
    queries = [
        query
        for path in RULES
        for query in converted(path, sqliteBackend(timestamp_field="time", timestamp_format="unix_ms"))
    ]
    needed = {name for _, query in queries for name in re.findall(r"`([a-z_.]+)`", query)} - {"rowid"}
    db = table_of([event for computer in computers for event in computer.events()], needed)
    counts = {title: len(db.execute(query).fetchall()) for title, query in queries}
    return {title.removeprefix("Steadyhand "): count for title, count in counts.items() if count}


def silent(computers: list[Computer], at_s: float) -> list[str]:
    """The hosts that the query of silence names at a time; later events have not arrived."""
    events = [event for computer in computers for event in computer.events()]
    arrived = [event for event in events if event["time"] <= (T0_S + at_s) * 1000]
    db = table_of(arrived, ())
    return [row[0] for row in db.execute(SILENCE, {"now_ms": round((T0_S + at_s) * 1000)})]


def test_a_quiet_week_finds_nothing() -> None:
    desk = Computer()
    for day in range(5):
        begin_s = day * DAY_S
        desk.raise_(begin_s, AlertKind.STARTED)
        desk.heartbeats(begin_s, begin_s + 2 * HOUR_S)
        desk.raise_(begin_s + 2 * HOUR_S, AlertKind.ASLEEP)
        desk.raise_(begin_s + 3 * HOUR_S, AlertKind.AWAKE)
        desk.raise_(begin_s + 3 * HOUR_S + 5, AlertKind.PAUSED, authenticated=True)
        desk.raise_(begin_s + 3 * HOUR_S + 6, AlertKind.SUSPICIOUS)
        desk.raise_(begin_s + 4 * HOUR_S, AlertKind.STOPPED)
    assert found([desk]) == {}
    # Asleep at noon, off at night, and in the second before the next heartbeat.
    for at_s in (2.5 * HOUR_S, 20 * HOUR_S, HOUR_S + 59):
        assert silent([desk], at_s) == []


def test_an_intruder_is_one_finding_and_two_within_the_hour_are_grave() -> None:
    once, twice = Computer(host="once"), Computer(host="twice")
    for computer, times_s in ((once, [0, 2 * HOUR_S]), (twice, [0, 50 * MINUTE_S])):
        for at_s in times_s:
            finding = computer.intruder(at_s)
            computer.lock(at_s + 6, finding, LockResult.LOCKED)
    assert found([once]) == {"intruder verdict": 2}
    assert found([once, twice]) == {"intruder verdict": 4, "intruder verdicts in a row": 1}


def test_a_lock_that_fails_is_found_at_once_and_again_when_it_stays_open() -> None:
    desk = Computer()
    finding = desk.intruder(0)
    desk.lock(6, finding, LockResult.FAILED)
    assert found([desk]) == {"intruder verdict": 1, "screen open although it should be locked": 1}
    desk.lock(66, finding, LockResult.BLOCKED)
    desk.lock(126, finding, LockResult.FAILED)
    assert found([desk])["lock that keeps failing"] == 1
    other = Computer()
    for kind in (AlertKind.INPUT_WHILE_LOCKED, AlertKind.LOCK_NOT_SEEN):
        other.raise_(0, kind)
    assert found([other]) == {"screen open although it should be locked": 2}


@pytest.mark.parametrize(
    ("detail", "count"),
    [({"computer_restarted": False}, 1), ({"computer_restarted": True}, 0)],
    ids=["killed", "power cut"],
)
def test_a_kill_is_told_from_a_power_cut(detail: dict[str, Any], count: int) -> None:
    desk = Computer()
    desk.raise_(0, AlertKind.KILLED, silent_s=4.0, **detail)
    assert found([desk]).get("agent killed", 0) == count


def test_three_kills_in_a_day_are_graver_and_the_relay_counts_too() -> None:
    desk, slow = Computer(host="desk"), Computer(host="slow")
    for at_s in (0, HOUR_S):
        desk.raise_(at_s, AlertKind.KILLED, computer_restarted=False)
    desk.raise_(2 * HOUR_S, AlertKind.SILENT, silent_s=300)
    for day in range(3):
        slow.raise_(day * DAY_S * 2, AlertKind.KILLED, computer_restarted=False)
    assert found([desk])["agent killed again and again"] == 1
    assert found([slow]) == {"agent killed": 3}


def test_three_different_signs_within_an_hour_are_tampering() -> None:
    signs = (AlertKind.CAPTURE_DEAD, AlertKind.STREAM_BROKEN, AlertKind.PROFILE_CHANGED)
    same, several, slow = Computer(host="same"), Computer(host="several"), Computer(host="slow")
    for number, kind in enumerate(signs):
        same.raise_(number, AlertKind.STREAM_BROKEN)
        several.raise_(number * MINUTE_S, kind)
        slow.raise_(number * 2 * HOUR_S, kind)
    assert "hampered in several ways" not in found([same, slow])
    assert found([several]) == {"hampered or deceived": 3, "hampered in several ways": 1}


@pytest.mark.parametrize(("authenticated", "count"), [(False, 1), (True, 0)])
def test_recordings_that_their_owner_erased_are_no_sign(authenticated: bool, count: int) -> None:
    desk = Computer()
    desk.raise_(0, AlertKind.RECORDINGS_ERASED, authenticated=authenticated, recordings=3)
    assert found([desk]).get("hampered or deceived", 0) == count


def test_five_false_alarms_of_one_person_in_five_days() -> None:
    often, seldom = Computer(user="often"), Computer(user="seldom", host="desk-8")
    for number in range(5):
        for computer, apart_s in ((often, 20 * HOUR_S), (seldom, 2 * DAY_S)):
            finding = computer.intruder(number * apart_s)
            computer.was_me(number * apart_s + 60, finding)
    assert found([seldom])["false alarm confirmed by the owner"] == 5
    assert "many false alarms of one person" not in found([seldom])
    assert found([often, seldom])["many false alarms of one person"] == 1


@pytest.mark.parametrize(
    ("last", "is_silent"),
    [
        (AlertKind.HEARTBEAT, True),
        (AlertKind.INTRUDER, True),
        (AlertKind.STOPPED, False),
        (AlertKind.QUIT, False),
        (AlertKind.ASLEEP, False),
        (AlertKind.AWAKE, True),
    ],
)
def test_silence_counts_unless_it_was_said_that_it_follows(last: AlertKind, is_silent: bool) -> None:
    desk, alive = Computer(host="desk"), Computer(host="alive")
    desk.heartbeats(0, 10 * MINUTE_S)
    desk.raise_(10 * MINUTE_S, last)
    alive.heartbeats(0, HOUR_S)
    assert silent([desk, alive], 14 * MINUTE_S) == []
    assert silent([desk, alive], 16 * MINUTE_S) == (["desk"] if is_silent else [])


def test_events_that_come_late_end_the_silence() -> None:
    """A lost network: the query goes by the time of the event, so that what comes late counts as it happened."""
    desk = Computer()
    desk.heartbeats(0, HOUR_S)
    assert silent([desk], HOUR_S + 59) == []


def test_every_rule_is_well_formed_and_names_a_playbook_that_is_there() -> None:
    ids = []
    for path in RULES:
        for rule in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            ids.append(rule["id"])
            (page,) = rule["references"]
            assert (SIEM.parents[1] / page).is_file()
    assert len(set(ids)) == len(ids) == 2 * len(RULES)


def test_rules_name_kinds_that_there_are() -> None:
    kinds = {kind.value for kind in AlertKind}

    def named(entry: Any) -> list[str]:
        if isinstance(entry, dict):
            own = entry.get("unmapped.kind", [])
            return [
                *([own] if isinstance(own, str) else own),
                *(name for part in entry.values() for name in named(part)),
            ]
        return []

    for path in RULES:
        for rule in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            assert set(named(rule.get("detection", {}))) <= kinds, path.name
