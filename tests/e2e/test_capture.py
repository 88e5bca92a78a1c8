"""Capture on a real X server: nothing lost, the server's own time, sources, quick ends."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.engine.events import Boundary, Button, Cause, EventBatch, EventKind
from agent.host.api import CannotSee
from agent.host.linux.idle import LinuxIdle
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.pointer import X11Pointer
from agent.host.linux.xdisplay import open_display
from agent.host.null.services import NullIdle
from agent.host.ring import Ring
from agent.host.supervisor import Supervisor

pytestmark = pytest.mark.display

Generate = Callable[[int, int], None]


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def pointer(bare_display: object, ring: Ring) -> Iterator[X11Pointer]:
    source = X11Pointer()
    source.start(ring)
    yield source
    source.stop()


def drained(source: X11Pointer, ring: Ring) -> EventBatch:
    source.sync()
    items = ring.drain()
    assert not [item for item in items if isinstance(item, Boundary)]
    return EventBatch.concat(item for item in items if isinstance(item, EventBatch))


class SeatPointer:
    """XTEST by single events, on a connection of its own."""

    def __init__(self) -> None:
        from Xlib.display import Display

        self._display = Display()

    def move(self, x: int, y: int) -> None:
        from Xlib import X

        self._fake(X.MotionNotify, 0, x, y)

    def press(self, button: int) -> None:
        from Xlib import X

        self._fake(X.ButtonPress, button, 0, 0)

    def release(self, button: int) -> None:
        from Xlib import X

        self._fake(X.ButtonRelease, button, 0, 0)

    def _fake(self, kind: int, detail: int, x: int, y: int) -> None:
        from Xlib.ext import xtest

        xtest.fake_input(self._display, kind, detail, x=x, y=y)
        self._display.sync()


@pytest.mark.parametrize(("hz", "events"), [(125, 150), (1000, 1500)])
@pytest.mark.parametrize("wanted", [False, True], ids=["nobody wants motion", "a window wants motion"])
def test_nothing_is_lost_and_the_times_are_the_servers(
    pointer: X11Pointer, ring: Ring, generate: Generate, hz: int, events: int, wanted: bool
) -> None:
    window = wants_motion() if wanted else None
    before_ns = time.monotonic_ns()
    generate(hz, events)
    seen = drained(pointer, ring)
    after_ns = time.monotonic_ns()
    assert len(seen) == events
    assert set(seen.kind) == {EventKind.MOVE}
    assert seen.t_ns[0] >= before_ns - 2_000_000
    assert seen.t_ns[-1] <= after_ns + 2_000_000
    # The server's clock ticks in ms, and a busy computer sends late, then early; half the period is ample.
    steps_ms = np.diff(seen.t_ns) / 1e6
    assert np.median(steps_ms) == pytest.approx(1000 / hz, abs=0.5)
    assert seen.t_ns[-1] - seen.t_ns[0] == pytest.approx((events - 1) * 1e9 / hz, rel=0.05)
    if window is not None:
        window.close()


def wants_motion() -> Any:
    """A window over the whole screen that asks for motion; what it gets fits the socket's buffer."""
    from Xlib import X
    from Xlib.display import Display

    x = Display()
    window = x.screen().root.create_window(0, 0, 1280, 720, 0, 24, event_mask=X.PointerMotionMask)
    window.map()
    x.sync()
    return x


def test_programs_are_told_from_hands(pointer: X11Pointer, ring: Ring) -> None:
    hand = SeatPointer()
    hand.move(10, 20)
    hand.move(11, 21)
    seen = drained(pointer, ring)
    assert seen.x.tolist() == [10, 11]
    assert seen.y.tolist() == [20, 21]
    assert seen.synthetic.all()
    assert len(set(seen.source)) == 1
    assert seen.source[0] > 0


def test_programs_are_known_also_when_they_moved_the_mouse_before_the_start(bare_display: object) -> None:
    hand = SeatPointer()
    hand.move(5, 5)
    ring, source = Ring(), X11Pointer()
    source.start(ring)
    hand.move(6, 6)
    seen = drained(source, ring)
    source.stop()
    assert seen.x.tolist() == [6]
    assert seen.synthetic.all()


def test_buttons_drags_and_scrolls(pointer: X11Pointer, ring: Ring) -> None:
    hand = SeatPointer()
    hand.move(100, 100)
    hand.press(1)
    hand.move(120, 110)
    hand.release(1)
    hand.move(130, 110)
    for wheel in (4, 5, 6, 7):
        hand.press(wheel)
        hand.release(wheel)
    hand.press(8)
    hand.move(140, 110)
    hand.release(8)
    seen = drained(pointer, ring)
    moved, dragged, pressed, released, scrolled = EventKind
    assert seen.kind.tolist() == [
        *(moved, pressed, dragged, released, moved),
        *(scrolled, scrolled, scrolled, scrolled),
        *(pressed, dragged, released),
    ]
    assert seen.button.tolist() == [0, 1, 0, 1, 0, 4, 5, 6, 7, 8, 0, 8]
    assert seen.button[4 + 1] == Button.SCROLL_UP


def test_buffered_events_come_by_themselves_while_the_mouse_moves(pointer: X11Pointer, ring: Ring) -> None:
    hand = SeatPointer()
    for step in range(5):
        hand.move(200 + step, 200)
    deadline = time.monotonic() + 1.0
    while len(ring) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(ring) == 5


def test_a_resting_mouse_wakes_nobody(pointer: X11Pointer, ring: Ring, generate: Generate) -> None:
    generate(125, 20)
    time.sleep(0.3)
    before = switches()
    time.sleep(1.0)
    assert switches() == before


def switches() -> dict[str, int]:
    """How often each of capture's threads has gone to sleep so far."""
    told = {}
    for thread in threading.enumerate():
        if thread.name == "steadyhand-witness" or type(thread).__name__ == "RecordListener":
            status = Path(f"/proc/self/task/{thread.native_id}/status").read_text()
            lines = dict(line.split(":", 1) for line in status.splitlines())
            told[thread.name] = int(lines["voluntary_ctxt_switches"])
    assert len(told) == 2
    return told


def test_a_lean_connection_knows_the_keys_once_they_are_asked_for(bare_display: object) -> None:
    from Xlib import XK
    from Xlib.display import Display

    usual, lean = Display(), open_display()
    assert (any(lean._keymap_codes), lean.screen().allowed_depths) == (False, [])
    for symbol in (XK.XK_Escape, XK.XK_a, XK.XK_F12):
        code = usual.keysym_to_keycode(symbol)
        assert code != 0
        assert lean.keysym_to_keycode(symbol) == code
        assert list(lean.keysym_to_keycodes(symbol)) == list(usual.keysym_to_keycodes(symbol))
        assert lean.keycode_to_keysym(code, 0) == symbol
    usual.close()
    lean.close()


def test_a_warped_pointer_is_heard_though_no_device_moved(
    pointer: X11Pointer, ring: Ring, bare_display: object
) -> None:
    with closing(open_display()) as program:
        for x in (10, 20, 30):
            program.screen().root.warp_pointer(x, x)
            program.flush()
        deadline = time.monotonic() + 1.0
        while len(ring) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(ring) == 3


def test_it_stops_at_once_while_the_mouse_rests_and_a_new_one_works(bare_display: object) -> None:
    hand = SeatPointer()
    for x in (10, 20):
        ring, source = Ring(), X11Pointer()
        assert not source.is_alive()
        source.start(ring)
        assert source.is_alive()
        hand.move(x, x)
        assert drained(source, ring).x.tolist() == [x]
        began = time.monotonic()
        source.stop()
        assert time.monotonic() - began < 0.5
        assert not source.is_alive()
        hand.move(99, 99)
        assert len(ring) == 0


def test_a_server_that_goes_is_noticed(bare_display: Any, ring: Ring) -> None:
    source = X11Pointer()
    source.start(ring)
    bare_display.server.terminate()
    bare_display.server.wait()
    deadline = time.monotonic() + 2
    while source.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not source.is_alive()
    source.sync()
    source.stop()
    with pytest.raises(CannotSee, match="cannot connect"):
        X11Pointer().start(ring)


def test_a_server_that_hangs_holds_nobody_up(bare_display: Any, ring: Ring) -> None:
    source = X11Pointer()
    source.start(ring)
    bare_display.server.send_signal(signal.SIGSTOP)
    try:
        for _ in range(3):
            assert source.is_alive()
            began = time.monotonic()
            source.sync()
            assert time.monotonic() - began < 0.2
        assert not source.is_alive()
    finally:
        bare_display.server.send_signal(signal.SIGCONT)
    source.sync()
    assert source.is_alive()
    source.stop()


def test_a_listener_that_died_is_replaced_by_the_source_itself(bare_display: object) -> None:
    class Breaking(Ring):
        broken = True

        def append(self, *event: object, **more: object) -> None:
            if self.broken:
                raise MemoryError("a test")
            super().append(*event, **more)  # type: ignore[arg-type]

    ring, hand = Breaking(), SeatPointer()
    supervisor = Supervisor(X11Pointer, ring, NullIdle())
    supervisor.start()
    assert supervisor.check(0)
    hand.move(1, 1)
    time.sleep(0.2)
    ring.broken = False
    time.sleep(1.5)
    hand.move(2, 2)
    time.sleep(0.1)
    assert supervisor.check(0)
    supervisor.sync()
    items = ring.drain()
    supervisor.stop()
    assert isinstance(items[0], Boundary)
    assert items[0].cause is Cause.CAPTURE_RESTARTED
    assert items[0].detail.startswith("the X server's RECORD was ended")
    assert isinstance(items[-1], EventBatch)
    assert items[-1].x.tolist()[-1] == 2
    assert supervisor.restarts == 0


def test_a_listener_that_lives_and_is_deaf_is_replaced(bare_display: object) -> None:
    """The thread runs and the server answers, but no event comes: only the pointer's place gives it away."""

    class Deaf(X11Pointer):
        deaf = True

        def start(self, ring: Ring) -> None:
            super().start(Ring() if self.deaf else ring)
            Deaf.deaf = False

    ring, hand = Ring(), SeatPointer()
    nobody = JeepneyBus({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"})
    supervisor = Supervisor(Deaf, ring, LinuxIdle(nobody))
    supervisor.start()
    for x in (10, 20):
        hand.move(x, 1)
        time.sleep(0.1)
        assert supervisor.check(0)
    hand.move(30, 1)
    supervisor.sync()
    boundary, batch = ring.drain()
    supervisor.stop()
    assert isinstance(boundary, Boundary)
    assert boundary.detail == "the pointer moved from (10, 1) and no event came"
    assert isinstance(batch, EventBatch)
    assert batch.x.tolist() == [30]


def test_without_a_display_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotSee, match="DISPLAY is not set"):
        X11Pointer({}).start(Ring())
    with pytest.raises(CannotSee, match="Wayland"):
        X11Pointer({"XDG_SESSION_TYPE": "wayland"}).start(Ring())


def test_a_server_that_falls_silent_cuts_the_question_and_not_the_worker(bare_display: Any) -> None:
    idle = LinuxIdle(JeepneyBus({}, Path("/nonexistent")))
    assert idle.position() is not None
    bare_display.server.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert idle.position() is None
        assert time.monotonic() - began < 5
    finally:
        bare_display.server.send_signal(signal.SIGCONT)
    assert idle.position() is not None
