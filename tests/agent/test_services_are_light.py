"""The services start, and take an alert, without NumPy: it would be a third of their memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the services are for Linux", allow_module_level=True)

ROOT = Path(__file__).parents[2]
RUN = """
import os, signal, sys, threading, time
from pathlib import Path
from agent.alerts.transports.relay_link import RelayLink
from agent.alerts.api import Record
from agent.cli import main
from tests.agent.alerts.fakes import make_alert

def end():
    path = Path(os.environ["RUNTIME_DIRECTORY"], sys.argv[2])
    while not path.exists():
        time.sleep(0.02)
    if sys.argv[1] == "relay":
        sent = RelayLink(path, own_uid=-1).send([Record("stream", 1, make_alert())])
        print("accepted", sent.accepted)
    print("numpy" in sys.modules)
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=end, daemon=True).start()
sys.exit(main([sys.argv[1]]))
"""


@pytest.mark.parametrize(
    ("command", "socket", "expected"),
    [("relay", "relay", ["accepted 1", "False"]), ("mouse-service", "socket", ["False"])],
)
def test_a_service_serves_without_numpy(
    command: str, socket: str, expected: list[str], tmp_path: Path
) -> None:
    folders = {"STATE_DIRECTORY": tmp_path / "state", "RUNTIME_DIRECTORY": tmp_path / "run"}
    for folder in folders.values():
        folder.mkdir(mode=0o700)
    done = subprocess.run(
        [sys.executable, "-c", RUN, command, socket],
        cwd=ROOT,
        env={**os.environ, **{name: str(folder) for name, folder in folders.items()}},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.split("\n")[:-1]) == (0, expected), done.stderr
