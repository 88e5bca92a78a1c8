"""Storms against the relay over pipes in memory: it lives, another account is answered all the while, shares hold.

Over the Unix socket, by programs under accounts of their own: tests/attack/test_relay.py. Over the real pipe:
tests/windows/test_relay_storm.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind
from tests.agent.alerts.fakes import make_alert
from tests.agent.relay.bench import Bench, MemoryRoad
from tests.agent.relay.storms import memory_opener, storm

EVE = "S-1-5-21-7-8-9-1002"
SECONDS = 2.0
ANSWERED_WITHIN_S = 1.0
SHARE, RESERVED = 120, 40


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path, MemoryRoad(tmp_path))
    yield bench
    bench.end()


def abuses(bench: Bench) -> set[tuple[object, object]]:
    bench.told(AlertKind.RELAY_ABUSED)
    details = [alert.detail for alert in bench.kept.alerts if alert.kind is AlertKind.RELAY_ABUSED]
    return {(detail["how"], detail.get("peer_sid", detail.get("peer_uid"))) for detail in details}


def test_storms_of_one_account_over_the_pipe_leave_another_answered(memory: Bench) -> None:
    pipes = memory.road.pipes  # type: ignore[attr-defined]
    longest_s, answered = 0.0, 0
    with ThreadPoolExecutor(1) as attacker:
        attack = attacker.submit(storm, memory_opener(pipes, EVE, 66), SECONDS)
        while not attack.done():
            began_s = time.monotonic()
            assert memory.send(make_alert()).accepted == 1
            longest_s = max(longest_s, time.monotonic() - began_s)
            answered += 1
            time.sleep(0.1)
    done = attack.result()
    assert min(done.connections, done.packets) > 100, done
    assert done.taken == SHARE, "one process has all of its account's share"
    assert done.refused > 0
    assert longest_s < ANSWERED_WITHIN_S
    assert answered > SECONDS
    assert {("garbage", EVE), ("too many alerts", EVE)} <= abuses(memory)
    assert {who for _, who in abuses(memory)} == {EVE}, "nobody else is blamed"
    assert "ceo" not in {alert.user for alert in memory.kept.alerts}


def test_a_storm_of_the_own_account_leaves_its_agent_its_part(memory: Bench) -> None:
    pipes = memory.road.pipes  # type: ignore[attr-defined]
    assert memory.send(make_alert(kind=AlertKind.HEARTBEAT)).accepted == 1
    done = storm(memory_opener(pipes, memory.road.account, 66), SECONDS)  # type: ignore[arg-type]
    assert done.taken == SHARE - RESERVED - 1
    assert memory.send(*(make_alert() for _ in range(RESERVED))).accepted == RESERVED
    assert memory.send(make_alert()).accepted == 0
