"""Capture through the kernel, on recorded streams in evemu's form; and on a real device where uinput makes one."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from agent.engine.events import Boundary, Button, Cause, EventBatch, EventKind, StreamItem
from agent.host.api import CannotSee
from agent.host.linux.evdev_decoder import EvdevDecoder, SeatPointer
from agent.host.linux.evdev_devices import Dropped, open_mice
from agent.host.linux.evdev_mice import EvdevMice
from agent.host.linux.evdev_pointer import EvdevPointer
from agent.host.linux.services import may_read_kernel
from agent.host.linux.sysfs import KernelDevice
from agent.host.ring import Ring

# Type, code and value as the kernel sends them: moved, pressed while moving, dragged, let go, wheel, button 4.
RECORDED = """\
E: 10.000000 0002 0000 0003
E: 10.000000 0002 0001 -002
E: 10.000000 0000 0000 0000
E: 10.008000 0002 0000 0001
E: 10.008000 0004 0004 589825
E: 10.008000 0001 0110 0001
E: 10.008000 0000 0000 0000
E: 10.016000 0002 0001 0005
E: 10.016000 0000 0000 0000
E: 10.024000 0001 0110 0000
E: 10.024000 0000 0000 0000
E: 10.032000 0002 000b 0120
E: 10.032000 0002 0008 0001
E: 10.032000 0000 0000 0000
E: 10.040000 0002 0008 -002
E: 10.040000 0000 0000 0000
E: 10.048000 0001 0113 0001
E: 10.048000 0000 0000 0000
"""


def recorded(text: str) -> Iterator[tuple[int, int, int, int]]:
    """Events of a recording: ``E: seconds type code value``, the type and code in hexadecimal."""
    for line in text.splitlines():
        _, stamp, kind, code, value = line.split()
        seconds, micros = stamp.split(".")
        yield int(kind, 16), int(code, 16), int(value), (int(seconds) * 1_000_000 + int(micros)) * 1_000


class Recorded:
    """A mouse that says what was recorded, whenever its pipe can be read."""

    def __init__(self, node: str, name: str = "Desk Mouse", product: int = 0x2A) -> None:
        self.node, self.name, self.vendor, self.product = node, name, 0x046D, product
        self.pipe, self.tell = os.pipe()
        self.script: list[str | Exception] = []
        self.closed = False

    def say(self, *script: str | Exception) -> None:
        self.script += script
        os.write(self.tell, b"!")

    def fileno(self) -> int:
        return self.pipe

    def events(self) -> Iterator[tuple[int, int, int, int]]:
        os.read(self.pipe, 1)
        for part in self.script:
            if isinstance(part, Exception):
                self.script.clear()
                raise part
            yield from recorded(part)
        self.script.clear()

    def close(self) -> None:
        self.closed = True


class News:
    """The kernel's word on devices, from a test."""

    def __init__(self) -> None:
        self.tell, self.told = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.setblocking(False)

    def __call__(self) -> socket.socket:
        return self.told


def eventually(ready: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 5.0
    while not ready():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def drained(ring: Ring, least: int) -> list[StreamItem]:
    eventually(lambda: len(ring) >= least)
    return ring.drain()


@pytest.fixture
def mouse() -> Recorded:
    return Recorded("/dev/input/event7")


def no_hardware(_: str) -> KernelDevice:
    return KernelDevice(bus="usb")


def test_a_report_becomes_events_in_counts() -> None:
    ring = Ring()
    decoder = EvdevDecoder(ring, SeatPointer(), 7, synthetic=False)
    for event in recorded(RECORDED):
        decoder.take(*event)
    (batch,) = ring.drain()
    assert isinstance(batch, EventBatch)
    assert [EventKind(k).name for k in batch.kind] == [
        "MOVE", "MOVE", "PRESS", "DRAG", "RELEASE", "SCROLL", "SCROLL", "SCROLL", "PRESS",
    ]  # fmt: skip
    assert [Button(b).name for b in batch.button] == [
        "NONE", "NONE", "LEFT", "NONE", "LEFT", "SCROLL_UP", "SCROLL_DOWN", "SCROLL_DOWN", "BACK",
    ]  # fmt: skip
    np.testing.assert_array_equal(batch.x[:4], [3, 4, 4, 4])
    np.testing.assert_array_equal(batch.y[:4], [-2, -2, -2, 3])
    assert batch.t_ns[0] == 10_000_000_000
    assert batch.t_ns[3] - batch.t_ns[0] == 16_000_000
    assert set(batch.source) == {7}
    assert not batch.synthetic.any()


def test_two_mice_move_one_hand_and_what_is_lost_is_no_drag() -> None:
    ring, hand = Ring(), SeatPointer()
    one, two = (EvdevDecoder(ring, hand, number, synthetic=False) for number in (1, 2))
    press, move = (
        "E: 1.000000 0001 0110 0001\nE: 1.000000 0000 0000 0000",
        "E: {}.5 0002 0000 0004\nE: {}.5 0000 0000 0000",
    )
    for event in recorded(press):
        one.take(*event)
    for event in recorded(move.format("1", "1").replace(".5", ".500000")):
        two.take(*event)
    one.drop()
    for event in recorded(move.format("2", "2").replace(".5", ".500000")):
        two.take(*event)
    (batch,) = ring.drain()
    assert isinstance(batch, EventBatch)
    assert [EventKind(k).name for k in batch.kind] == ["PRESS", "DRAG", "MOVE"]
    np.testing.assert_array_equal(batch.x, [0, 4, 8])


def test_a_pointer_reads_all_mice_and_marks_those_that_programs_made(mouse: Recorded) -> None:
    made = Recorded("/dev/input/event9", "robot")
    ring, news = Ring(), News()

    def kernel(node: str) -> KernelDevice:
        return KernelDevice(bus="virtual" if node.endswith("9") else "usb")

    pointer = EvdevPointer(lambda: [mouse, made], kernel, news)
    pointer.start(ring)
    assert pointer.is_alive()
    mouse.say(RECORDED)
    (batch,) = drained(ring, 9)
    made.say(RECORDED.replace("E: 10.", "E: 11."))
    (robot,) = drained(ring, 9)
    pointer.stop()
    assert isinstance(batch, EventBatch)
    assert isinstance(robot, EventBatch)
    assert (set(batch.source), set(robot.source)) == ({7}, {9})
    assert not batch.synthetic.any()
    assert robot.synthetic.all()
    assert mouse.closed
    assert made.closed
    assert not pointer.is_alive()


def test_what_the_kernel_loses_is_a_boundary_and_the_last_mouse_gone_is_no_capture(mouse: Recorded) -> None:
    ring = Ring()
    pointer = EvdevPointer(lambda: [mouse], no_hardware, News())
    pointer.start(ring)
    mouse.say(Dropped("Desk Mouse"))
    (lost,) = drained(ring, 1)
    assert isinstance(lost, Boundary)
    assert lost.cause is Cause.OVERFLOW
    assert "Desk Mouse" in lost.detail
    mouse.say(OSError(19, "No such device"))
    eventually(lambda: not pointer.is_alive())
    pointer.stop()


def test_a_mouse_that_is_plugged_in_is_taken_up(mouse: Recorded) -> None:
    ring, news, there = Ring(), News(), [mouse]
    pointer = EvdevPointer(lambda: list(there), no_hardware, news)
    pointer.start(ring)
    second = Recorded("/dev/input/event8")
    there.append(second)
    news.tell.send(b"add@/devices/x\0SUBSYSTEM=input\0")
    second.say(RECORDED)
    (batch,) = drained(ring, 9)
    assert isinstance(batch, EventBatch)
    assert set(batch.source) == {8}
    pointer.stop()


def test_without_a_mouse_it_cannot_see() -> None:
    with pytest.raises(CannotSee, match="no mouse is plugged in"):
        EvdevPointer(lambda: [], no_hardware, News()).start(Ring())


def test_each_mouse_has_a_configuration_of_this_way_of_capture(mouse: Recorded) -> None:
    news, told, there = News(), [], [mouse]
    mice = EvdevMice(
        list_all=lambda: list(there),
        kernel=lambda _: KernelDevice(bus="usb", interval_hz=1000),
        properties=lambda _: {"MOUSE_DPI": "*1600@1000"},
        news=news,
    )
    known = mice.current()
    assert (known.capture, known.name, known.vendor, known.product) == ("evdev", "Desk Mouse", "046d", "002a")
    assert (known.cpi, known.report_rate_hz, known.pointer_speed, known.acceleration) == (1600, 1000, 0.0, "")
    mice.watch(told.append)
    there.append(Recorded("/dev/input/event11", "Travel Mouse", 0x2B))
    news.tell.send(b"add@/devices/y\0SUBSYSTEM=usb\0")
    news.tell.send(b"add@/devices/x\0SUBSYSTEM=input\0")
    eventually(lambda: bool(told))
    mice.close()
    assert told == ["Travel Mouse was plugged in"]
    travelling = mice.of(11)
    assert travelling is not None
    assert travelling.name == "Travel Mouse"
    assert (mice.of(7), mice.of(99)) == (known, None)


def test_a_mouse_of_which_udev_does_not_answer_in_time_is_no_other_mouse(mouse: Recorded) -> None:
    """A busy computer: `udevadm` answers at first, and then no more."""
    answers = [{"ID_INPUT_MOUSE": "1"}]
    looked: list[str] = []

    def properties(node: str) -> dict[str, str]:
        looked.append(node)
        return answers.pop() if answers else {}

    def list_all() -> list[Recorded]:
        listed.append("")
        return [mouse]

    listed: list[str] = []
    changes: list[str] = []
    mice = EvdevMice(list_all=list_all, kernel=no_hardware, properties=properties, news=News())
    mice.watch(changes.append)
    known = mice.of(7)
    assert known is not None
    assert known.kind == "mouse"
    for count in (2, 3):
        mice.look()
        eventually(lambda wanted=count: len(listed) >= wanted)
    mice.close()
    assert (changes, mice.of(7)) == ([], known)
    assert looked == ["/dev/input/event7"], "a process for each look, ten times in fifteen seconds"


def test_the_kernel_is_asked_only_under_wayland(mouse: Recorded) -> None:
    def refuse() -> list[Recorded]:
        raise AssertionError("looked")

    def forbidden() -> list[Recorded]:
        raise CannotSee("may not be read")

    assert not may_read_kernel({"DISPLAY": ":0"}, refuse)
    wayland = {"XDG_SESSION_TYPE": "wayland"}
    assert may_read_kernel(wayland, lambda: [mouse])
    assert mouse.closed
    assert not may_read_kernel(wayland, forbidden)
    assert not may_read_kernel(wayland, list)


def _input_device(sys: Path, node: str, rel: str, ev: str) -> None:
    capabilities = sys / "class" / "input" / node / "device" / "capabilities"
    capabilities.mkdir(parents=True)
    (capabilities / "rel").write_text(f"{rel}\n")
    (capabilities / "ev").write_text(f"{ev}\n")


def test_a_mouse_that_may_not_be_read_is_said_with_the_kind_of_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("libevdev", exc_type=OSError, reason="libevdev2 is not installed")

    class Node:
        """A joystick may be read, nothing else."""

        def __init__(self, node: str) -> None:
            if not node.endswith("event2"):
                raise PermissionError(node)

        def is_mouse(self) -> bool:
            return False

        def close(self) -> None:
            pass

    monkeypatch.setattr("agent.host.linux.evdev_devices.EvdevMouse", Node)
    devices, sys = tmp_path / "input", tmp_path / "sys"
    devices.mkdir()
    for name in ("event0", "event2"):
        (devices / name).touch()
    _input_device(sys, "event0", "0", "120013")
    assert open_mice(devices, sys) == [], "a keyboard is no mouse"
    (devices / "event3").touch()
    _input_device(sys, "event3", "1943", "17")
    with pytest.raises(CannotSee, match=r"this is a Wayland session, and its mouse \(.*\) may not be read"):
        open_mice(devices, sys)


def test_a_folder_without_devices_has_no_mice(tmp_path: Path) -> None:
    pytest.importorskip("libevdev", exc_type=OSError, reason="libevdev2 is not installed")
    assert open_mice(tmp_path) == []
    assert open_mice(tmp_path / "nowhere") == []


@pytest.mark.skipif(not os.access("/dev/uinput", os.W_OK), reason="this kernel has no /dev/uinput for us")
def test_a_real_device_is_captured() -> None:
    import libevdev

    device = libevdev.Device()
    device.name = "Steadyhand test mouse"
    for code in (libevdev.EV_REL.REL_X, libevdev.EV_REL.REL_Y, libevdev.EV_KEY.BTN_LEFT):
        device.enable(code)
    made = device.create_uinput_device()
    ring, pointer = Ring(), EvdevPointer()
    eventually(lambda: any(mouse.name == device.name for mouse in open_mice()))
    pointer.start(ring)
    made.send_events(
        [
            libevdev.InputEvent(libevdev.EV_REL.REL_X, 5),
            libevdev.InputEvent(libevdev.EV_SYN.SYN_REPORT, 0),
        ]
    )
    (batch,) = drained(ring, 1)
    pointer.stop()
    assert isinstance(batch, EventBatch)
    assert batch.x.tolist() == [5.0]
    assert batch.synthetic.all()
    assert abs(time.monotonic_ns() - int(batch.t_ns[0])) < 5e9
