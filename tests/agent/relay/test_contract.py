"""What every transport of the relay must hold: who says what is the system's word, and nothing that was taken is lost.

Over a Unix socket, over pipes in memory, and under a Windows Python over the real named pipe.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.alerts.alert import Alert, AlertKind
from agent.alerts.api import DeliveryOutcome
from agent.alerts.wire import alert_to_json
from tests.agent.alerts.fakes import make_alert
from tests.agent.relay.bench import ROADS, Bench

SILENCE_S = 150


@pytest.fixture(params=ROADS)
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    bench = Bench(tmp_path, ROADS[request.param](tmp_path))
    yield bench
    bench.end()


def test_alerts_are_taken_in_order_and_stamped_by_the_kernel(bench: Bench) -> None:
    one, two = make_alert(), make_alert(user="mallory", host="elsewhere")
    sent = bench.send(one, two)
    assert (sent.accepted, sent.outcome) == (2, DeliveryOutcome.OK)
    taken = [alert for alert in bench.kept.alerts if alert.kind is not AlertKind.HEARTBEAT]
    assert [alert.record_id for alert in taken] == [one.record_id, two.record_id]
    assert all(bench.identity.items() <= alert.detail.items() for alert in taken)
    assert all(alert.detail["peer_pid"] == bench.road.pid for alert in taken)
    assert taken[1].host == "desk-7"
    assert taken[1].user != "mallory"
    assert taken[1].detail["said_to_be"] == "mallory"


def test_a_full_disk_of_the_relay_makes_alerts_wait_at_the_agent(bench: Bench) -> None:
    bench.kept.full = True
    sent = bench.send(make_alert())
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.BACK_OFF)
    assert "No space left" in sent.detail
    bench.kept.full = False
    assert bench.send(make_alert()).accepted == 1


@pytest.mark.parametrize("packet", [b"{", b"[]", b"\xff" * 100, b"[" * 16_000, b'{"form": 1}', b"null"])
def test_what_is_no_alert_is_refused_for_good_and_the_relay_lives(bench: Bench, packet: bytes) -> None:
    told = bench.speak(packet)
    assert told["never"]
    assert "not taken: not an alert" in told["refused"]
    assert bench.send(make_alert()).accepted == 1


def test_one_user_cannot_fill_the_outbox_of_all(bench: Bench) -> None:
    sent = bench.send(*(make_alert() for _ in range(125)))
    assert (sent.accepted, sent.outcome) == (120, DeliveryOutcome.BACK_OFF)
    assert "too many" in sent.detail
    bench.clock.forward(61)
    assert bench.send(make_alert()).accepted == 1


def test_a_relay_gives_its_own_sign_of_life(bench: Bench) -> None:
    first = bench.told(AlertKind.HEARTBEAT)[0]
    assert first.detail["by"] == "relay"
    assert first.detail["outbox_depth"] == 3


def test_an_agent_that_falls_silent_is_reported_once(bench: Bench) -> None:
    bench.send(make_alert(kind=AlertKind.HEARTBEAT))
    bench.clock.forward(SILENCE_S + 1)
    (silent,) = bench.told(AlertKind.SILENT)
    assert bench.identity.items() <= silent.detail.items()
    assert "has said nothing for 151 s" in silent.message
    bench.clock.forward(600)
    time.sleep(0.05)
    assert len(bench.told(AlertKind.SILENT)) == 1


HOSTILE = {
    "time beyond 64 bits": {"time_unix_ns": 10**19},
    "time before 1970": {"time_unix_ns": -1},
    "time that is no whole number": {"time_unix_ns": 1.5},
    "a header in the record id": {"record_id": "a\r\nX-Evil: 1"},
    "a record id of 20,000 letters": {"record_id": "a" * 5000},
    "no record id": {"record_id": ""},
    "a severity that is none": {"severity": True},
    "an activity that is none": {"activity": 1.0},
    "a kind that is none": {"kind": "World Peace!"},
    "a detail that is a list": {"detail": []},
    "a form of later": {"form": 2},
    "reasons beyond number": {"reasons": ["x"] * 1000},
    "deep": {"detail": {"a": json.loads("[" * 40 + "]" * 40)}},
}
RAW_HOSTILE = {
    "1e999": ('"trust":3', '"trust":1e999'),
    "NaN": ('"trust":3', '"trust":NaN'),
    "a number of 4,400 digits": ('"trust":3', '"trust":' + "9" * 4400),
    "a lone surrogate": ('"record_id":"', '"record_id":"\\ud800'),
    "a lone surrogate in the detail": ('"trust":3', '"trust":"\\udfff"'),
    "a key twice": ('"trust":3', '"trust":3,"trust":4'),
}


def hostile_packets() -> dict[str, bytes]:
    line = alert_to_json(make_alert())
    changed = {name: json.dumps(json.loads(line) | change).encode() for name, change in HOSTILE.items()}
    raw = {name: line.replace(*swap).encode() for name, swap in RAW_HOSTILE.items()}
    return changed | raw | {"17,000 bytes": json.dumps(json.loads(line) | {"message": "x" * 17_000}).encode()}


@pytest.mark.parametrize("name", hostile_packets())
def test_a_hostile_packet_is_refused_kept_nowhere_and_reported(bench: Bench, name: str) -> None:
    told = bench.speak(hostile_packets()[name])
    assert told["never"] is True
    assert bench.send(make_alert(user="root")).accepted == 1
    (abuse,) = bench.told(AlertKind.RELAY_ABUSED)
    assert {"how": "garbage", "count": 1, **bench.identity}.items() <= abuse.detail.items()
    assert {alert.kind for alert in bench.kept.alerts} == {
        AlertKind.HEARTBEAT,
        AlertKind.RELAY_ABUSED,
        AlertKind.INTRUDER,
    }


def test_what_a_delivery_cannot_keep_costs_nobody_but_its_sender(bench: Bench) -> None:
    def explode(alert: Alert) -> None:
        if alert.kind is AlertKind.INTRUDER:
            raise ZeroDivisionError("a defect")

    submit, bench.kept.submit = bench.kept.submit, explode  # type: ignore[method-assign]
    with pytest.raises((OSError, json.JSONDecodeError)):
        bench.speak(alert_to_json(make_alert()).encode())
    bench.kept.submit = submit  # type: ignore[method-assign]
    assert bench.send(make_alert()).accepted == 1


def test_garbage_takes_nothing_of_the_share_of_alerts(bench: Bench) -> None:
    for _ in range(130):
        assert bench.speak(b"x")["never"]
    assert bench.send(*(make_alert() for _ in range(120))).accepted == 120
    first = bench.told(AlertKind.RELAY_ABUSED)[0]
    counted = first.detail["count"]
    words = "1 packet that is no alert" if counted == 1 else f"{counted} packets that are no alerts"
    assert first.message.endswith(f"sent {words}")
    bench.clock.forward(601)
    counts = []
    for _ in range(200):
        counts = [
            alert.detail["count"] for alert in bench.kept.alerts if alert.kind is AlertKind.RELAY_ABUSED
        ]
        if len(counts) == 2:
            break
        time.sleep(0.01)
    assert counts == [1, 129], "told at once, then every ten minutes with the number since"


def test_a_record_that_comes_again_is_acknowledged_and_not_linked_twice(bench: Bench) -> None:
    alert = make_alert()
    assert bench.send(alert).accepted == 1
    assert bench.send(alert).accepted == 1
    assert [kept.record_id for kept in bench.kept.alerts].count(alert.record_id) == 1
