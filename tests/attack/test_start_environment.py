"""The real command, started with variables that load foreign code: it runs without them and says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.files.paths import Paths
from tests.attack.accounts import comes

if sys.platform != "linux":
    pytest.skip("the loader's variables are Linux's", allow_module_level=True)

ROOT = Path(__file__).parents[2]
LIBRARY = "libutil.so.1"  # any library of the system: it must only be loaded


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "state" / "steadyhand"


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/none",
        "LD_PRELOAD": LIBRARY,
        "GIO_MODULE_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "agent", "run", "--no-tray"]
    process = subprocess.Popen(
        command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    yield process
    process.kill()
    process.wait()


@pytest.mark.slow
def test_the_agent_starts_again_without_what_loads_foreign_code(
    agent: subprocess.Popen[bytes], state_dir: Path
) -> None:
    alerts_file = Paths(state_dir, state_dir, state_dir).alerts_file
    assert comes(lambda: alerts_file.exists() and "The agent started" in alerts_file.read_text(), 30)
    (started,) = (
        event
        for event in map(json.loads, alerts_file.read_text().splitlines())
        if event["unmapped"]["kind"] == "started"
    )
    assert "it was started with GIO_MODULE_DIR, LD_PRELOAD, which loads foreign code" in started["message"]
    assert started["severity"] == "High"
    running = Path(f"/proc/{agent.pid}/environ").read_bytes()
    assert b"LD_PRELOAD=" not in running
    assert b"GIO_MODULE_DIR=" not in running
    assert LIBRARY.encode() not in Path(f"/proc/{agent.pid}/maps").read_bytes()
