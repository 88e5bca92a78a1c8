"""The agent as a process: what asks it to end lets it end in order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_RUN = """
import sys
from pathlib import Path
from agent.files.paths import Paths
from agent.ui.main import run_agent
sys.exit(run_agent(Paths.under(Path(sys.argv[1])), tray=False, user="somebody"))
"""


def _started(root: Path) -> subprocess.Popen[bytes]:
    """An agent without a display or a bus, once it has published what it sees."""
    nowhere = {"HOME": str(root), "PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd())}
    nowhere |= {f"DBUS_{bus}_BUS_ADDRESS": f"unix:path={root}/no-bus" for bus in ("SESSION", "SYSTEM")}
    agent = subprocess.Popen([sys.executable, "-c", _RUN, str(root)], env=nowhere)
    end_s = time.monotonic() + 15
    while not _sees_nothing(root / "state" / "status.json"):
        assert agent.poll() is None, "the agent ended by itself"
        assert time.monotonic() < end_s, "the agent published nothing"
        time.sleep(0.02)
    return agent


def _sees_nothing(status: Path) -> bool:
    return status.exists() and json.loads(status.read_bytes())["state"] == "cannot see the mouse"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_in_order_whichever_thread_gets_it(tmp_path: Path, number: int) -> None:
    agent = _started(tmp_path)
    try:
        # What is blocked here would be blocked in every locker that the agent starts.
        for task in Path("/proc", str(agent.pid), "task").glob("*"):
            assert "SigBlk:\t0000000000000000" in (task / "status").read_text()
        agent.send_signal(number)
        assert agent.wait(10) == 0
    finally:
        agent.kill()
        agent.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_asking_twice_is_no_trouble(tmp_path: Path) -> None:
    agent = _started(tmp_path)
    try:
        agent.send_signal(signal.SIGTERM)
        agent.send_signal(signal.SIGINT)
        assert agent.wait(10) == 0
    finally:
        agent.kill()
        agent.wait()
