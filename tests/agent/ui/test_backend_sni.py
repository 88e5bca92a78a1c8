"""The icon over D-Bus alone, against a panel's watcher on a real bus."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, MessageType, message_bus, new_method_call, new_method_return
from jeepney.io.blocking import open_dbus_connection

from agent.runtime.status.snapshot import Command, State
from agent.ui.backend import Face, NoBackEnd
from agent.ui.backend_sni import SniBackend, pixmap
from agent.ui.menu import Page, Row

if not shutil.which("dbus-daemon"):
    pytest.skip("no dbus-daemon here", allow_module_level=True)

WATCHER = "org.kde.StatusNotifierWatcher"
ROWS = (
    Row("Open status", Page.STATUS, enabled=True, default=True),
    Row(""),
    Row("Pause for 15_minutes", Command.PAUSE, enabled=True),
    Row("Enrol", Command.ENROL, enabled=False),
)
FACE = Face(State.PROTECTING, "Steadyhand protects", ROWS)


def eventually(ready: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 5.0
    while not ready():
        assert time.monotonic() < end_s
        time.sleep(0.01)


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    """A session bus of the test's own."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1", "--address=unix:tmpdir=/tmp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        yield {"DBUS_SESSION_BUS_ADDRESS": daemon.stdout.readline().strip()}
        daemon.terminate()


class Panel:
    """A panel with its watcher: what registers, and questions to it."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.bus = open_dbus_connection(environ["DBUS_SESSION_BUS_ADDRESS"])
        self.asks = open_dbus_connection(environ["DBUS_SESSION_BUS_ADDRESS"])
        self.items: list[str] = []
        self.bus.send_and_get_reply(message_bus.RequestName(WATCHER))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                message = self.bus.receive()
            except (OSError, EOFError, ConnectionError, ValueError):
                return
            if message.header.message_type is MessageType.method_call:
                assert message.header.fields[HeaderFields.member] == "RegisterStatusNotifierItem"
                self.items.append(message.body[0])
                self.bus.send(new_method_return(message))

    def ask(self, path: str, interface: str, member: str, *what: Any) -> Any:
        address = DBusAddress(path, bus_name=self.items[-1], interface=interface)
        reply = self.asks.send_and_get_reply(new_method_call(address, member, *what), timeout=5)
        assert reply.header.message_type is MessageType.method_return, reply.body
        return reply.body

    def layout(self) -> list[dict[str, Any]]:
        _, (_, _, children) = self.ask("/MenuBar", "com.canonical.dbusmenu", "GetLayout", "iias", (0, -1, []))
        return [{name: value for name, (_, value) in child[1][1].items()} for child in children]

    def close(self) -> None:
        self.bus.close()
        self.asks.close()


class Shown:
    """A backend that runs in a thread."""

    def __init__(self, environ: dict[str, str], *, waits: bool = False) -> None:
        self.clicks: list[Command | Page] = []
        self.backend = SniBackend(self.clicks.append, waits=waits, environ=environ)
        self.thread = threading.Thread(target=self.backend.run, args=(FACE,))
        self.thread.start()

    def close(self) -> None:
        self.backend.stop()
        self.thread.join(5.0)
        assert not self.thread.is_alive()


def test_a_panel_gets_the_icon_the_tooltip_and_the_menu(environ: dict[str, str]) -> None:
    panel = Panel(environ)
    shown = Shown(environ)
    assert shown.backend.has_menu
    (properties,) = panel.ask(
        "/StatusNotifierItem",
        "org.freedesktop.DBus.Properties",
        "GetAll",
        "s",
        ("org.kde.StatusNotifierItem",),
    )
    assert (properties["Id"][1], properties["Status"][1], properties["Menu"][1]) == (
        "steadyhand",
        "Active",
        "/MenuBar",
    )
    assert properties["ToolTip"][1][3] == "Steadyhand protects"
    sizes = [(width, height, len(pixels)) for width, height, pixels in properties["IconPixmap"][1]]
    assert sizes == [(side, side, 4 * side * side) for side in (22, 24, 32, 48)]
    assert panel.layout() == [
        {"label": "Open status", "enabled": True},
        {"type": "separator"},
        {"label": "Pause for 15__minutes", "enabled": True},
        {"label": "Enrol", "enabled": False},
    ]
    shown.close()
    panel.close()


def test_what_is_chosen_arrives_and_what_is_not_offered_does_not(environ: dict[str, str]) -> None:
    panel = Panel(environ)
    shown = Shown(environ)
    for number in (3, 4, 2, 9):
        panel.ask("/MenuBar", "com.canonical.dbusmenu", "Event", "isvu", (number, "clicked", ("s", ""), 0))
    panel.ask("/MenuBar", "com.canonical.dbusmenu", "Event", "isvu", (1, "hovered", ("s", ""), 0))
    panel.ask("/StatusNotifierItem", "org.kde.StatusNotifierItem", "Activate", "ii", (0, 0))
    eventually(lambda: len(shown.clicks) >= 2)
    assert shown.clicks == [Command.PAUSE, Page.STATUS]
    shown.close()
    panel.close()


def test_another_face_is_another_menu(environ: dict[str, str]) -> None:
    panel = Panel(environ)
    shown = Shown(environ)
    shown.backend.show(Face(State.PAUSED, "Steadyhand rests", (Row("Resume", Command.RESUME, enabled=True),)))
    eventually(lambda: panel.layout() == [{"label": "Resume", "enabled": True}])
    shown.close()
    panel.close()


def test_without_a_panel_it_does_not_work_or_waits_for_one(environ: dict[str, str]) -> None:
    with pytest.raises(NoBackEnd, match="no panel here"):
        SniBackend(print, waits=False, environ=environ)
    shown = Shown(environ, waits=True)
    assert not shown.backend.has_menu
    panel = Panel(environ)
    eventually(lambda: bool(panel.items))
    eventually(lambda: shown.backend.has_menu)
    assert len(panel.layout()) == 4
    panel.close()
    eventually(lambda: not shown.backend.has_menu)
    shown.close()


def test_without_a_bus_it_does_not_work() -> None:
    with pytest.raises(NoBackEnd, match="statusnotifier"):
        SniBackend(print, waits=True, environ={})


def test_nonsense_of_a_panel_is_answered_with_an_error(environ: dict[str, str]) -> None:
    panel = Panel(environ)
    shown = Shown(environ)
    address = DBusAddress("/MenuBar", bus_name=panel.items[-1], interface="com.canonical.dbusmenu")
    for member, *what in (
        ("GetLayout", "s", ("x",)),
        ("Unknown",),
        ("Event", "i", (1,)),
        ("GetProperty", "s", ("x",)),
    ):
        reply = panel.asks.send_and_get_reply(new_method_call(address, member, *what), timeout=5)
        assert reply.header.message_type is MessageType.error
    assert len(panel.layout()) == 4
    shown.close()
    panel.close()


def test_a_bus_that_goes_away_ends_it(environ: dict[str, str]) -> None:
    Panel(environ)
    backend = SniBackend(print, waits=True, environ=environ)
    failed: list[NoBackEnd] = []

    def run() -> None:
        try:
            backend.run(FACE)
        except NoBackEnd as why:
            failed.append(why)

    thread = threading.Thread(target=run)
    thread.start()
    backend._item._connection.sock.shutdown(2)
    thread.join(5.0)
    assert failed


def test_a_pixmap_is_alpha_red_green_blue() -> None:
    width, height, pixels = pixmap(State.PROTECTING, 32)
    assert (width, height, len(pixels)) == (32, 32, 4096)
    assert pixels[0] == 0  # a corner is clear
    middle = pixels[4 * (32 * 8 + 16) :][:4]
    assert middle[0] == 255
