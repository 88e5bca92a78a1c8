"""Remote help by x11vnc moves the mouse: the agent knows that a program does, and no stream breaks for it."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.config.schema import CaptureSettings
from agent.engine.events import Boundary, EventBatch
from agent.host.linux.pointer import X11Pointer
from agent.host.ring import Ring
from agent.runtime.pipeline.boundary_alerts import alert_of
from agent.runtime.pipeline.intake import StreamIntake
from tests.e2e.desktop import Desktop, missing, wait_until

LACKING = missing("Xvfb", "openbox", "dbus-daemon", "x11vnc")
pytestmark = [pytest.mark.display, pytest.mark.skipif(bool(LACKING), reason=LACKING)]


class Helper:
    """Somebody at the other end of the line: a client of RFB (RFC 6143) that only moves the pointer."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 5)
        self._socket.settimeout(5)
        self._read(12)
        self._socket.sendall(b"RFB 003.008\n")
        self._read(self._read(1)[0])
        self._socket.sendall(b"\x01")  # no security
        self._read(4)
        self._socket.sendall(b"\x01")  # others may stay
        head = self._read(24)
        self._read(struct.unpack(">I", head[20:24])[0])

    def move(self, x: int, y: int) -> None:
        self._socket.sendall(struct.pack(">BBHH", 5, 0, x, y))

    def close(self) -> None:
        self._socket.close()

    def _read(self, size: int) -> bytes:
        received = b""
        while len(received) < size:
            piece = self._socket.recv(size - len(received))
            assert piece, "x11vnc hung up"
            received += piece
        return received


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    with Desktop(tmp_path) as made:
        # pynput looks for a display when it is imported.
        monkeypatch.setenv("DISPLAY", made.display)
        yield made


def test_movement_from_afar_is_a_programs_and_breaks_no_stream(desktop: Desktop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    desktop.start(
        "x11vnc", "-display", desktop.display, "-rfbport", str(port), "-localhost", "-nopw", "-forever"
    )
    source, ring = X11Pointer(desktop.env), Ring()
    source.start(ring)
    helper = connected(port)
    for step in range(120):
        helper.move(50 + 4 * step, 60 + 2 * step)
        time.sleep(0.01)
    time.sleep(0.5)
    source.sync()
    items = ring.drain()
    helper.close()
    source.stop()
    batches = [item for item in items if isinstance(item, EventBatch)]
    assert sum(map(len, batches)) >= 100
    assert all(batch.synthetic.all() for batch in batches)
    assert [alert_of(item) for item in items if isinstance(item, Boundary) and alert_of(item)] == []
    intake = StreamIntake(CaptureSettings(), "ada")
    passed, _ = intake.filter(items)
    assert not any(isinstance(item, EventBatch) for item in passed), "nothing of it is judged or learnt"
    assert intake.use.is_by_program()


def connected(port: int) -> Helper:
    made: list[Helper] = []

    def try_it() -> bool:
        try:
            made.append(Helper(port))
        except OSError:
            return False
        return True

    wait_until(try_it, "x11vnc", 15)
    return made[0]
