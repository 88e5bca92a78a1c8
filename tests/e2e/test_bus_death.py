"""Both buses of a desktop die under a running agent, and come back."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.test_bad_input import Home
from tests.e2e.test_buses import BUS

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed"),
]


class Daemon:
    """A private bus that can be killed and started again at the same address."""

    def __init__(self, folder: Path, name: str) -> None:
        self._socket = folder / name
        self.address = f"unix:path={self._socket}"
        self._configuration = folder / f"{name}.conf"
        self._configuration.write_text(BUS.format(address=self.address))
        self.start()

    def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        command = ["dbus-daemon", "--nofork", f"--config-file={self._configuration}"]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 5
        while not self._socket.exists():
            assert time.monotonic() < deadline, "dbus-daemon did not start"
            time.sleep(0.01)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def test_the_agent_outlives_both_buses_says_what_it_misses_and_finds_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    home = Home(tmp_path)
    system, session = Daemon(tmp_path, "system"), Daemon(tmp_path, "session")
    home.environ |= {"DBUS_SESSION_BUS_ADDRESS": session.address}
    try:
        with home.agent(system_bus=Path(system.address.removeprefix("unix:path="))):
            home.status(state="cannot see the mouse")
            for daemon in (system, session):
                daemon.kill()
            told = home.seen(lambda status: "bus went away" in " ".join(status["notes"]))
            told = home.seen(lambda status: " ".join(status["notes"]).count("bus went away") == 2)
            assert "locks, sleep and user switches are not noticed" in " ".join(told["notes"])
            assert "bus went away" in home.alert("stream broken")
            for daemon in (system, session):
                daemon.start()
            home.seen(lambda status: "bus went away" not in " ".join(status["notes"]))
    finally:
        for daemon in (system, session):
            daemon.kill()
