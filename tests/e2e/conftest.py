"""A private display for tests that need one: Xvfb on a free number, with openbox."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_GENERATOR = Path(__file__).parent / "xgenerator.py"


@dataclass
class VirtualDisplay:
    """A running Xvfb.

    Attributes
    ----------
    name : str
        What DISPLAY is, such as ``:7``.
    environ : dict
        An environment for programs on this display; os.environ has the same while the test runs.
    server : subprocess.Popen
    """

    name: str
    environ: dict[str, str]
    server: subprocess.Popen[bytes]
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def spawn(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program that is ended with the display."""
        child = subprocess.Popen(
            command, env=self.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._children.append(child)
        return child

    def close(self) -> None:
        """End the programs, then the server."""
        for process in (*self._children, self.server):
            process.terminate()
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(condition: Callable[[], bool], timeout_s: float = 3.0) -> bool:
    """Poll for something that another process does."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _start_server(environ: dict[str, str]) -> VirtualDisplay:
    reading, writing = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "1280x720x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    number = b""
    while not number.endswith(b"\n"):
        if not select.select([reading], [], [], 10)[0]:
            server.kill()
            pytest.fail("Xvfb did not start within 10 s")
        number += os.read(reading, 16)
    os.close(reading)
    name = f":{int(number)}"
    return VirtualDisplay(name, {**environ, "DISPLAY": name}, server)


@pytest.fixture
def bare_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualDisplay]:
    """Xvfb alone: no window manager, and so nobody who wants to hear of motion."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    settings = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime), "XDG_SESSION_TYPE": "x11"}
    for name in ("WAYLAND_DISPLAY", "XDG_SESSION_ID", "XAUTHORITY", "XDG_CONFIG_HOME", "XDG_CURRENT_DESKTOP"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    # Nobody may answer for a desktop that a test did not start itself.
    nobody = f"unix:path={runtime}/no-bus"
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", nobody)
    display = _start_server(dict(os.environ))
    monkeypatch.setenv("DISPLAY", display.name)
    yield display
    display.close()


@pytest.fixture
def display(bare_display: VirtualDisplay) -> VirtualDisplay:
    """Xvfb with openbox."""
    if shutil.which("openbox") is None:
        pytest.skip("openbox is not installed")
    from Xlib.display import Display

    bare_display.spawn("openbox", "--sm-disable")
    x = Display(bare_display.name)
    check = x.intern_atom("_NET_SUPPORTING_WM_CHECK")
    ready = wait_for(lambda: x.screen().root.get_full_property(check, 0) is not None)
    x.close()
    assert ready, "openbox did not start"
    return bare_display


@pytest.fixture
def generate(bare_display: VirtualDisplay) -> Callable[[int, int], None]:
    """Move the pointer through XTEST: rate in Hz, number of events. Returns when all are sent."""

    def run(hz: int, events: int) -> None:
        command = [sys.executable, str(_GENERATOR), str(hz), str(events)]
        subprocess.run(command, env=bare_display.environ, check=True, timeout=60)

    return run
