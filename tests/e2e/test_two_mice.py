"""Hardware mice on a real X server: which of them moved, what they are, and that every change is told in time."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.engine.events import Boundary, EventBatch, EventKind
from agent.engine.mouse import MouseConfiguration
from agent.files.devices import Declared, DeclaredDevice
from agent.host.linux.mice import X11Mice
from agent.host.linux.pointer import X11Pointer
from agent.host.ring import Ring
from tests.e2e.inputtest import LACKING, TestMouse, xorg

pytestmark = [
    pytest.mark.display,
    pytest.mark.timeout(60),
    pytest.mark.skipif(bool(LACKING), reason=f"not installed: {LACKING}"),
]

DESK, BORROWED = "Desk Mouse", "Borrowed Mouse"
WITHIN_S = 2.0


class Told:
    """Hears of changes."""

    def __init__(self) -> None:
        self._came = threading.Event()
        self.all: list[str] = []

    def __call__(self, what: str) -> None:
        self.all.append(what)
        self._came.set()

    def within(self, seconds: float) -> str:
        assert self._came.wait(seconds), f"nothing was told within {seconds} s"
        self._came.clear()
        return self.all[-1]


class Server:
    """The server, its two mice, and what the agent makes of them."""

    def __init__(self, display: str, mice: dict[str, TestMouse]) -> None:
        self.environ = {"DISPLAY": display, "HOME": "/nonexistent"}
        self.desk, self.borrowed = mice[DESK], mice[BORROWED]
        self.declared = Declared()
        self.mice = X11Mice(self.environ, declared=lambda: self.declared)
        self.told = Told()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with (
        tempfile.TemporaryDirectory(prefix="sh") as folder,
        xorg(Path(folder), (DESK, BORROWED), 340) as (display, mice),
    ):
        # pynput looks at the process's own environment when it is loaded.
        monkeypatch.setenv("DISPLAY", display)
        made = Server(display, mice)
        made.desk.plug()
        made.mice.watch(made.told)
        yield made
        made.mice.close()


def test_a_second_mouse_is_noticed_when_it_is_plugged_in_and_pulled_out(server: Server) -> None:
    assert [mouse.name for mouse in server.mice.connected()] == [DESK]
    server.borrowed.plug()
    assert server.told.within(WITHIN_S) == "Borrowed Mouse was plugged in"
    assert [mouse.name for mouse in server.mice.connected()] == [DESK, BORROWED]
    server.borrowed.unplug()
    assert server.told.within(WITHIN_S) == "Borrowed Mouse was taken out"


def test_every_event_says_which_mouse_made_it(server: Server) -> None:
    server.borrowed.plug()
    server.told.within(WITHIN_S)
    ring, pointer = Ring(), X11Pointer(server.environ)
    pointer.start(ring)
    for mouse, reports in ((server.desk, 40), (server.borrowed, 30), (server.desk, 20)):
        mouse.wiggle(reports)
        time.sleep(0.05)
    pointer.sync()
    pointer.stop()
    events = EventBatch.concat(item for item in ring.drain() if isinstance(item, EventBatch))
    names = [mouse.name for s in events.source.tolist() if (mouse := server.mice.of(s))]
    assert len(events) == len(names) == 90
    assert names == [DESK] * 40 + [BORROWED] * 30 + [DESK] * 20
    assert not events.synthetic.any()


def test_without_a_mouse_there_is_a_configuration_that_no_profile_has(server: Server) -> None:
    server.desk.unplug()
    assert server.told.within(WITHIN_S) == "Desk Mouse was taken out"
    assert server.mice.connected() == ()
    assert server.mice.current() == MouseConfiguration("pynput-x11")


def test_a_mouse_that_is_pulled_out_while_dragging_lets_go(server: Server) -> None:
    ring, pointer = Ring(), X11Pointer(server.environ)
    pointer.start(ring)
    server.desk.button(1, down=True)
    server.desk.wiggle(10)
    server.desk.unplug()
    assert server.told.within(WITHIN_S) == "Desk Mouse was taken out"
    server.borrowed.plug()
    server.told.within(WITHIN_S)
    server.borrowed.wiggle(10)
    time.sleep(0.05)
    pointer.sync()
    pointer.stop()
    items = ring.drain()
    assert not any(isinstance(item, Boundary) for item in items), "capture went on"
    kinds = EventBatch.concat(item for item in items if isinstance(item, EventBatch)).kind.tolist()
    press, drag, move, release = EventKind.PRESS, EventKind.DRAG, EventKind.MOVE, EventKind.RELEASE
    assert kinds == [press] + [drag] * 10 + [release] + [move] * 10
    assert server.mice.connected()[0].name == BORROWED


def test_numbers_that_become_known_bring_the_declared_cpi(server: Server) -> None:
    before = server.mice.current()
    assert (before.cpi, before.vendor) == (0, "")
    server.declared = Declared((DeclaredDevice("046d", "c077", 1000),))
    server.desk.is_usb(0x046D, 0xC077)
    assert "cpi: 1000, before unknown" in server.told.within(WITHIN_S)
    assert server.mice.current().cpi_source.value == "administrator"


def test_screen_scale_is_noticed(server: Server) -> None:
    from Xlib import Xatom
    from Xlib.display import Display

    x = Display(server.environ["DISPLAY"])
    root = x.screen().root
    root.change_property(Xatom.WM_NAME, Xatom.STRING, 8, b"no news")
    x.sync()
    time.sleep(0.5)
    assert server.told.all == []
    root.change_property(Xatom.RESOURCE_MANAGER, Xatom.STRING, 8, b"Xft.dpi:\t192\n")
    x.sync()
    assert server.told.within(WITHIN_S) == "Desk Mouse: screen scale: 2, before 1"
    x.close()
