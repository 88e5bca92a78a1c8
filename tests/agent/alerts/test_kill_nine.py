"""kill -9 at any moment: what was acknowledged is there afterwards."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agent.alerts.destinations import open_delivery
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.settings import AlertSettings
from tests.agent.alerts.fakes import make_alert

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]
# Room for whatever a fast machine puts: nothing may be dropped for want of it.
ROOM = 200_000_000
Say = Callable[[str], object]


def killed_after(seconds: float, work: Callable[[Say], None]) -> list[str]:
    """Run `work` in a child, kill it after that time; the whole lines that it said until then."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work(lambda line: os.write(write_end, f"{line}\n".encode()))
        finally:
            os._exit(1)
    os.close(write_end)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    with os.fdopen(read_end, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, "it must not have ended by itself"
    return said.split("\n")[:-1]


def test_fifty_kills_lose_no_acknowledged_alert(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    rng = random.Random(20)
    acknowledged: set[str] = set()
    given_up: set[str] = set()

    def put_and_take(say: Say) -> None:
        outbox, _ = open_outbox(path, ROOM, ["a"])
        while True:
            for _ in range(3):
                alert = make_alert(detail={"text": "x" * 1000})
                outbox.put(alert)
                say(f"put {alert.record_id}")
            record = outbox.pending("a", 1)[0]
            say(f"take {record.alert.record_id}")
            outbox.ack("a", record.sequence)

    for _ in range(50):
        for line in killed_after(rng.uniform(0.005, 0.12), put_and_take):
            verb, record_id = line.split()
            (acknowledged if verb == "put" else given_up).add(record_id)
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        outbox, problems = open_outbox(path, ROOM, ["a"])
        found = {record.alert.record_id for record in outbox.pending("a", 100_000)}
        assert acknowledged - given_up <= found
        assert problems == ()
        assert outbox.losses() == {}
        outbox.close()
    assert len(acknowledged) > 100


def test_ten_kills_of_a_whole_delivery_lose_nothing_on_the_way_to_the_file(tmp_path: Path) -> None:
    rng = random.Random(21)
    acknowledged: list[str] = []
    places = (tmp_path / "outbox.db", tmp_path / "alerts.jsonl")

    def deliver(say: Say) -> None:
        delivery = open_delivery(AlertSettings(), *places, "laptop-17", "alice", "0.1.0")
        while True:
            alert = make_alert()
            delivery.submit(alert)
            say(alert.record_id)

    for _ in range(10):
        acknowledged += killed_after(rng.uniform(0.05, 0.3), deliver)
    last = open_delivery(AlertSettings(), *places, "laptop-17", "alice", "0.1.0")
    last.close(20.0)
    assert last.problems() == ()
    arrived: list[str] = []
    for line in places[1].read_text().splitlines():
        try:
            arrived.append(json.loads(line)["metadata"]["uid"])
        except json.JSONDecodeError:
            assert not line.endswith("}"), "only a line that a kill has torn may be broken"
    assert len(acknowledged) > 50
    assert set(acknowledged) <= set(arrived)
