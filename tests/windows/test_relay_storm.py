"""Storms against the relay's real pipe by programs of the same account: it lives, answers all the while, and says so.

Wine has one account alone: that a storm of one leaves another's share untouched is shown on Linux, over the same core.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind
from tests.agent.alerts.fakes import make_alert
from tests.agent.relay.bench import Bench, PipeRoad

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="runs on a Windows Python: make windows-test")

ROOT = Path(__file__).parents[2]
STORM_S = 10.0
TRIES = 20

_HEAD = """
import random, sys, time
from agent.files.pipe_endpoints import open_pipe
NAME, END = sys.argv[1], time.monotonic() + float(sys.argv[2])
RNG = random.Random(7)
count = 0
"""
SILENT = (
    _HEAD
    + """
# Opens connections as fast as it can, keeps some, and says nothing.
kept = []
while time.monotonic() < END:
    try:
        kept.append(open_pipe(NAME, 0.2))
        count += 1
    except OSError:
        pass
    while len(kept) > 30:
        kept.pop(RNG.randrange(len(kept))).close()
print(count)
"""
)
GARBAGE = (
    _HEAD
    + """
# Garbage of every kind, answers mostly not read, connections dropped at any moment.
HOSTILE = [b"{", b"[" * 16000, b"\\xff" * 16384, b"x" * 60000, b"null", b""]
while time.monotonic() < END:
    try:
        end = open_pipe(NAME, 0.2)
    except OSError:
        continue
    try:
        for _ in range(RNG.randrange(1, 6)):
            end.write(RNG.choice(HOSTILE), 0.2)
            count += 1
            if RNG.random() < 0.3:
                end.read(0.2)
    except OSError:
        pass
    end.close()
print(count)
"""
)


def storm(name: str, script: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", script, name, str(STORM_S)]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(words, env=environ, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("script", [SILENT, GARBAGE], ids=["silent", "garbage"])
def test_a_storm_neither_ends_the_relay_nor_keeps_others_from_it(
    tmp_path: Path, script: str, record_property: Callable[[str, object], None]
) -> None:
    road = PipeRoad(tmp_path)
    bench = Bench(tmp_path, road)
    try:
        storm_and_speak(bench, road.name, script, record_property)
    finally:
        bench.end()


def storm_and_speak(
    bench: Bench, name: str, script: str, record_property: Callable[[str, object], None]
) -> None:
    """Storm from a process of its own, and bring alerts from this one all the while."""
    attacker = storm(name, script)
    sent, longest_s, end_s = [], 0.0, time.monotonic() + STORM_S
    while time.monotonic() < end_s:
        alert, began_s = make_alert(), time.monotonic()
        for _ in range(TRIES):
            if bench.send(alert).accepted:
                break
        else:
            pytest.fail(f"never taken in {TRIES} tries")
        sent.append(alert.record_id)
        longest_s = max(longest_s, time.monotonic() - began_s)
        time.sleep(0.3)
    out, _ = attacker.communicate(timeout=60)
    count = json.loads(out)
    record_property("storm", f"{count} attempts, {len(sent)} alerts, slowest {longest_s * 1000:.0f} ms")
    assert count > 100
    taken = [alert.record_id for alert in bench.kept.alerts if alert.kind is AlertKind.INTRUDER]
    assert taken == sent, "each once"
    assert longest_s < 5.0
    hows = {alert.detail["how"] for alert in bench.kept.alerts if alert.kind is AlertKind.RELAY_ABUSED}
    assert hows <= {"garbage", "too many connections"}
    assert ("garbage" in hows) is (script is GARBAGE)
