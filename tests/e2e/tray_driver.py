"""Drives `tray_process.py`: a real tray in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.runtime.status.snapshot import State
from tests.e2e.desktop import Desktop

REPOSITORY = Path(__file__).parents[2]
GTK_CHECK = (
    "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('AyatanaAppIndicator3', '0.1');"
    "from gi.repository import AyatanaAppIndicator3, Gtk"
)


class TrayProcess:
    """One `tray_process.py`, with the lines that it told."""

    def __init__(self, desktop: Desktop, backend: str) -> None:
        self._desktop = desktop
        self.process = subprocess.Popen(
            (sys.executable, str(Path(__file__).with_name("tray_process.py")), backend, str(desktop.folder)),
            env={**desktop.env, "PYTHONPATH": with_repository(desktop.env.get("PYTHONPATH", ""))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(desktop.folder / "tray.log").open("wb"),
        )

    def line(self) -> str:
        """The next line it tells; empty at its end."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode().strip()

    def show(self, state: State, **told: object) -> None:
        self._send(json.dumps({"state": state.value, **told}))

    def which(self) -> str:
        """The back-end in use."""
        self._send("which")
        return self.line()

    def stop(self) -> dict[str, object]:
        """Stop it; what it said at its end."""
        self._send("stop")
        line = self.line()
        while line and not line.startswith("ended "):
            line = self.line()
        self.process.wait(10)
        log = (self._desktop.folder / "tray.log").read_text()
        assert line, log
        assert "Traceback" not in log
        assert self.process.returncode == 0, log
        ended: dict[str, object] = json.loads(line.removeprefix("ended "))
        return ended

    def _send(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()


def with_repository(path: str) -> str:
    return f"{REPOSITORY}:{path}" if path else str(REPOSITORY)


def require(backend: str) -> str:
    """`backend`, or a skip where PyGObject is not there."""
    if (
        backend != "xorg"
        and subprocess.run((sys.executable, "-c", GTK_CHECK), capture_output=True).returncode
    ):
        pytest.skip("PyGObject with GTK 3 and AyatanaAppIndicator3 is not installed")
    return backend
