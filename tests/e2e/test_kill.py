"""The whole agent, killed again and again at random moments: nothing that was sealed is lost, and every kill is told.

STEADYHAND_KILLS says how often (`make kill-test` asks for 100).
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.verify import verify
from tests.e2e.conftest import wait_for
from tests.e2e.test_bad_input import Home

KILLS = int(os.environ.get("STEADYHAND_KILLS", "6"))
SEED = 7


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    return Home(tmp_path)


def events(home: Home) -> list[dict[str, Any]]:
    return [json.loads(line) for line in home.paths.alerts_file.read_text().splitlines()]


def is_at_work(home: Home, begun_ns: int) -> bool:
    """Whether the agent has raised its first alert of this run."""
    mark = home.paths.chain_file
    if not mark.exists():
        return False
    told = json.loads(mark.read_text())
    return bool(not told["ended"] and told["last_unix_ns"] > begun_ns)


@pytest.mark.slow
@pytest.mark.timeout(60 + 10 * KILLS)
def test_kills_lose_no_alert_and_are_told(home: Home) -> None:
    rng = random.Random(SEED)
    command = [sys.executable, "-m", "agent", "run", "--no-tray"]
    working = 0
    for n in range(KILLS):
        begun_ns = time.time_ns()
        child = subprocess.Popen(
            command, env=home.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        # Every other one dies somewhere in its beginnings, the rest at work, however slow the computer is.
        if n % 2:
            working += wait_for(partial(is_at_work, home, begun_ns), 30.0)
        time.sleep(rng.uniform(0.0, 1.5))
        assert child.poll() is None, "it must not have ended by itself"
        child.send_signal(signal.SIGKILL)
        child.wait()
    # What a killed one had said last is not the word of the next.
    home.paths.status_file.unlink(missing_ok=True)
    with home.agent():
        home.status(waiting_alerts=0, state="cannot see the mouse")
    report = verify(home.paths.alerts_file.read_text().splitlines())
    assert report.problems == (), "no number is missing, none is there twice"
    assert report.chains == 1
    told = {e["metadata"]["uid"]: e["unmapped"]["kind"] for e in events(home)}
    kinds = list(told.values())
    assert working == KILLS // 2
    assert kinds.count("started") >= kinds.count("killed and restarted") > 0
    assert kinds[-1] == "stopped"
    mark = json.loads(home.paths.chain_file.read_text())
    assert (mark["number"], mark["ended"]) == (report.alerts, True)


def test_a_supervised_agent_says_that_it_is_ready_and_that_it_stops(home: Home) -> None:
    name = str(home.folder / "notify")
    home.environ["NOTIFY_SOCKET"] = name
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.settimeout(20)
        with home.agent() as child:
            assert manager.recv(256) == b"READY=1"
            home.status(state="cannot see the mouse")
            child.send_signal(signal.SIGTERM)
            assert manager.recv(256) == b"STOPPING=1"
            # The context waits for its end, and wants to find it running: this one has been told.
            assert child.wait(15) == 0
            child.poll = lambda: None  # type: ignore[method-assign]
    assert events(home)[-1]["unmapped"]["kind"] == "stopped"
