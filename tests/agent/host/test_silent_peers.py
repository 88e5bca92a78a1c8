"""A display server or a bus that takes the connection and then says nothing is waited for so long and no longer."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.host.api import CannotSee
from agent.host.linux.bus import SESSION, SYSTEM, BusError, Service
from agent.host.linux.compositor import wayland_compositor
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.logind import LOGIND
from agent.host.linux.services import linux_services
from agent.host.linux.xdisplay import open_display

pytestmark = [pytest.mark.timeout(60), pytest.mark.skipif(os.name == "nt", reason="Linux")]


@contextmanager
def silent(path: Path, says: bytes = b"") -> Iterator[None]:
    """Takes every connection at a socket, says `says`, and nothing more."""
    kept: list[socket.socket] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def take() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                kept.append(connection)
                connection.sendall(says)

        threading.Thread(target=take, daemon=True).start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


def took_s(began: float) -> float:
    return time.monotonic() - began


@pytest.fixture
def silent_x() -> Iterator[str]:
    number = next(n for n in range(900, 1000) if not Path(f"/tmp/.X11-unix/X{n}").exists())
    Path("/tmp/.X11-unix").mkdir(mode=0o1777, exist_ok=True)
    path = Path(f"/tmp/.X11-unix/X{number}")
    with silent(path):
        yield f":{number}"
    path.unlink()


def test_a_silent_x_server_is_said_to_hang(silent_x: str) -> None:
    began = time.monotonic()
    with pytest.raises(CannotSee, match=f"the X server of display {silent_x} does not answer within 2 s"):
        open_display({"DISPLAY": silent_x})
    assert took_s(began) < 3


def test_an_agent_starts_beside_a_silent_x_server_and_silent_buses_and_says_so(
    silent_x: str, tmp_path: Path
) -> None:
    with silent(tmp_path / "system"), silent(tmp_path / "session"):
        environ = {"DISPLAY": silent_x, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/session"}
        began = time.monotonic()
        host = linux_services(("logind", "i3lock"), environ, system_socket=tmp_path / "system")
        assert took_s(began) < 10
    notes = "; ".join(host.notes)
    assert "does not answer within 2 s" in notes
    assert "the system bus hangs (no answer in time from the system bus)" in notes


@pytest.mark.parametrize(
    "says",
    [b"", b"OK 0123456789abcdef0123456789abcdef\r\n"],
    ids=["before authentication", "before the greeting"],
)
def test_a_silent_bus_is_an_error_in_time_and_nobody_waits_twice(tmp_path: Path, says: bytes) -> None:
    with silent(tmp_path / "bus", says):
        bus = JeepneyBus({"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/bus"}, tmp_path / "bus")
        for name in (SYSTEM, SESSION):
            service = Service(name, LOGIND.name, LOGIND.path, LOGIND.interface)
            began = time.monotonic()
            with pytest.raises(BusError, match=f"no answer in time from the {name.lower()} bus"):
                bus.call(service, "Anything")
            assert took_s(began) < 2.5
            began = time.monotonic()
            assert not bus.has(service)
            with pytest.raises(BusError):
                bus.listen(name, [])
            assert took_s(began) < 0.1
            assert "no answer in time" in bus.problem(name)


def test_a_silent_compositor_is_known_and_waited_for_by_nobody(tmp_path: Path) -> None:
    with silent(tmp_path / "wayland-0"):
        began = time.monotonic()
        assert wayland_compositor({"XDG_RUNTIME_DIR": str(tmp_path)}) == os.getpid()
        assert took_s(began) < 1
