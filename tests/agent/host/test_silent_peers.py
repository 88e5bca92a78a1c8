"""A display server or a bus that takes the connection and then says nothing is waited for so long and no longer."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.host.api import CannotSee
from agent.host.linux.bus import SESSION, SYSTEM, BusError, Service
from agent.host.linux.compositor import socket_listener, wayland_compositor
from agent.host.linux.compositor_end import on_compositor_end
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.logind import LOGIND
from agent.host.linux.own_programs import OwnPrograms
from agent.host.linux.processes import Program
from agent.host.linux.services import linux_services
from agent.host.linux.wayland_idle import WaylandIdle
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


@contextmanager
def full(path: Path, kind: int = socket.SOCK_STREAM) -> Iterator[None]:
    """A socket whose queue is full and that nobody takes a connection from: a connect waits there."""
    waiting: list[socket.socket] = []
    with socket.socket(socket.AF_UNIX, kind) as listener:
        listener.bind(str(path))
        listener.listen(0)
        while True:
            connection = socket.socket(socket.AF_UNIX, kind)
            connection.setblocking(False)
            waiting.append(connection)
            try:
                connection.connect(str(path))
            except BlockingIOError:
                break
        yield
    for connection in waiting:
        connection.close()


def asked_a_bus(folder: Path) -> str:
    bus = JeepneyBus({"DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/full"})
    return bus.problem(SESSION)


def asked_for_idle(folder: Path) -> str:
    return WaylandIdle(folder / "full", answer_s=1.0).problem()


def asked_for_a_program(folder: Path) -> str:
    hidden = Program("", "its executable cannot be read")
    return OwnPrograms(lambda pid: hidden, folder / "full")(os.getpid()).doubt


def waited_for_the_end(folder: Path) -> str:
    environ = {"WAYLAND_DISPLAY": "full", "XDG_RUNTIME_DIR": str(folder)}
    return "" if on_compositor_end(environ, lambda: None) else "nobody answers"


@pytest.mark.parametrize(
    ("ask", "kind", "sentence"),
    [
        (asked_a_bus, socket.SOCK_STREAM, "no answer in time from the session bus"),
        (asked_for_idle, socket.SOCK_STREAM, "the compositor does not answer: it hangs, or is stopped"),
        (asked_for_a_program, socket.SOCK_SEQPACKET, "its executable cannot be read"),
        (waited_for_the_end, socket.SOCK_STREAM, "nobody answers"),
        (lambda folder: str(socket_listener(folder / "full")), socket.SOCK_STREAM, "(0, 0)"),
    ],
    ids=["bus", "idle", "program", "end of the compositor", "who listens"],
)
def test_a_peer_whose_queue_is_full_is_waited_for_by_nobody(
    ask: Callable[[Path], str], kind: int, sentence: str, tmp_path: Path
) -> None:
    answers: list[str] = []
    with full(tmp_path / "full", kind):
        thread = threading.Thread(target=lambda: answers.append(ask(tmp_path)), daemon=True)
        thread.start()
        thread.join(4.0)
    assert answers == [sentence]


def test_an_x_server_whose_queue_is_full_is_said_to_hang() -> None:
    number = next(n for n in range(900, 1000) if not Path(f"/tmp/.X11-unix/X{n}").exists())
    Path("/tmp/.X11-unix").mkdir(mode=0o1777, exist_ok=True)
    path = Path(f"/tmp/.X11-unix/X{number}")
    try:
        with full(path), pytest.raises(CannotSee, match="does not answer within 2 s"):
            open_display({"DISPLAY": f":{number}"})
    finally:
        path.unlink()
