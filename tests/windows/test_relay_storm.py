"""Storms of another process against the relay's real pipe. Wine has one account: what is left is the agent's part."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind
from tests.agent.alerts.fakes import make_alert
from tests.agent.relay.bench import Bench, PipeRoad

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="runs on a Windows Python: make windows-test")

SECONDS = 3.0
SHARE, RESERVED = 120, 40
ANSWERED_WITHIN_S = 5.0


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, PipeRoad(tmp_path))
    yield made
    made.end()


def test_the_relay_lives_and_the_agent_that_was_heard_first_keeps_its_part(bench: Bench) -> None:
    name = bench.road.name  # type: ignore[attr-defined]
    assert bench.send(make_alert(kind=AlertKind.HEARTBEAT)).accepted == 1
    words = [sys.executable, "-m", "tests.agent.relay.storms", name, str(SECONDS)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=dict(os.environ), cwd=Path.cwd()) as attacker:
        longest_s, accepted = 0.0, 0
        while attacker.poll() is None:
            began_s = time.monotonic()
            accepted += bench.send(make_alert()).accepted
            longest_s = max(longest_s, time.monotonic() - began_s)
            time.sleep(0.5)
        out, _ = attacker.communicate(timeout=60)
    connections, packets, taken, refused = json.loads(out)
    assert attacker.returncode == 0
    assert min(connections, packets) > 20, (connections, packets)
    assert taken > 0
    assert refused > 0
    assert taken + accepted + 1 <= SHARE
    assert accepted >= 3
    assert longest_s < ANSWERED_WITHIN_S
    assert bench.speak(b"x")["never"]
    bench.clock.forward(61)
    assert bench.send(make_alert()).accepted == 1
