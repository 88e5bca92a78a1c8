"""Windows' services over a scripted table of functions. Nothing here ran on Windows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from agent.engine.events import Button, EventBatch, EventKind
from agent.engine.mouse import MouseConfiguration, Source
from agent.files.devices import Declared, DeclaredDevice
from agent.host.api import CannotSee, LockResult
from agent.host.ring import Ring
from agent.host.windows.hook import HookDecoder
from agent.host.windows.keeper import is_kept
from agent.host.windows.pointer import WindowsPointer
from agent.host.windows.raw_devices import MOUSE as RAW_MOUSE
from agent.host.windows.raw_devices import RawDevices, RawInputDevice
from agent.host.windows.services import WindowsIdle, windows_services

MS = 1_000_000
MOVE, LEFT_DOWN, LEFT_UP, X_DOWN, X_UP, WHEEL, TILT = 0x200, 0x201, 0x202, 0x20B, 0x20C, 0x20A, 0x20E
SCREEN = (-1920, 0, 3840, 1080)


def data(x: int = 0, y: int = 0, time: int = 5000, word: int = 0, flags: int = 0) -> Any:
    """An MSLLHOOKSTRUCT as pynput hands it on."""
    upper = (word & 0xFFFF) << 16
    return SimpleNamespace(pt=SimpleNamespace(x=x, y=y), time=time, mouseData=upper, flags=flags)


def taken(*messages: tuple[int, Any]) -> EventBatch:
    ring = Ring()
    decoder = HookDecoder(lambda event: ring.append(*event[:5], -1, event.synthetic), SCREEN)
    decoder.clock.anchor(5000, 5000 * MS)
    for message, told in messages:
        decoder.take(message, told)
    return EventBatch.concat(item for item in ring.drain() if isinstance(item, EventBatch))


class NoWindows:
    """A desktop without a window in front."""

    def __init__(self, *, ui_access: bool = False) -> None:
        self.ui_access = ui_access

    def own(self) -> int | None:
        return 0x2000

    def foreground(self) -> int | None:
        return None

    def has_ui_access(self) -> bool:
        return self.ui_access


def services_over(table: Any, *arguments: Any, ui_access: bool = False, **services: Any) -> Any:
    return windows_services(table, *arguments, integrity=NoWindows(ui_access=ui_access), **services)


def no_devices() -> RawDevices:
    return RawDevices(list, hears=False)


def test_moves_drags_and_clicks_with_the_hooks_time() -> None:
    seen = taken(
        (MOVE, data(-100, 5)),
        (LEFT_DOWN, data(time=5004)),
        (MOVE, data(1, 1, time=5008)),
        (LEFT_UP, data(time=5012)),
        (MOVE, data(2, 2, time=5016)),
    )
    moved, dragged, pressed, released, _ = EventKind
    assert seen.kind.tolist() == [moved, pressed, dragged, released, moved]
    assert seen.button.tolist() == [0, 1, 0, 1, 0]
    assert seen.t_ns.tolist() == [ms * MS for ms in (5000, 5004, 5008, 5012, 5016)]
    assert seen.x[0] == -100


def test_positions_stay_inside_the_monitors() -> None:
    seen = taken((MOVE, data(-1925, -3)), (MOVE, data(1921, 1090)))
    assert seen.x.tolist() == [-1920, 1919]
    assert seen.y.tolist() == [0, 1079]


def test_side_buttons_share_a_message() -> None:
    seen = taken((X_DOWN, data(word=1)), (X_UP, data(word=1)), (X_DOWN, data(word=2)))
    assert seen.button.tolist() == [Button.BACK, Button.BACK, Button.FORWARD]


def test_fine_wheels_count_whole_notches() -> None:
    seen = taken(
        *[(WHEEL, data(word=40))] * 4,
        (WHEEL, data(word=-200)),
        (TILT, data(word=120)),
        (TILT, data(word=-240)),
    )
    up, down, left, right = 4, 5, 6, 7
    assert seen.button.tolist() == [up, down, right, left, left]
    assert set(seen.kind) == {EventKind.SCROLL}


def test_injected_input_is_marked() -> None:
    seen = taken(*[(MOVE, data(flags=flags)) for flags in (0, 1, 2, 4)])
    assert seen.synthetic.tolist() == [False, True, True, False]


class Listener:
    """pynput's listener, scripted."""

    def __init__(self, take: Callable[[int, Any], bool]) -> None:
        self.take = take
        self.alive = False

    def start(self) -> None:
        self.alive = True

    def wait(self) -> None:
        assert self.alive

    def stop(self) -> None:
        self.alive = False

    def join(self, timeout_s: float) -> None:
        assert timeout_s < 1

    def is_alive(self) -> bool:
        return self.alive


def started(
    scripted: Callable[..., Any], cursor: Callable[[], tuple[int, int]]
) -> tuple[Any, Listener, Ring]:
    made: list[Listener] = []

    def make(take: Callable[[int, Any], bool]) -> Listener:
        made.append(Listener(take))
        return made[0]

    table = scripted(be_dpi_aware=None, virtual_screen=SCREEN, tick_ms=5000, cursor=cursor)
    ring, pointer = Ring(), WindowsPointer(table, no_devices(), make, lambda: 5000 * MS, lambda: None)
    pointer.start(ring)
    assert table.calls[0] == ("be_dpi_aware",)
    return pointer, made[0], ring


def test_the_hook_appends_and_lets_the_event_pass(scripted: Callable[..., Any]) -> None:
    pointer, listener, ring = started(scripted, lambda: (0, 0))
    assert listener.take(MOVE, data(7, 8)) is False
    (batch,) = ring.drain()
    assert isinstance(batch, EventBatch)
    assert batch.t_ns.tolist() == [5000 * MS]
    assert pointer.is_alive()
    pointer.stop()
    assert not pointer.is_alive()


def test_a_hook_that_windows_removed_is_noticed(scripted: Callable[..., Any]) -> None:
    at = [0]
    pointer, _, _ = started(scripted, lambda: (at[0], 0))
    for _ in range(2):
        at[0] += 1
        pointer.sync()
        assert pointer.is_alive()
    at[0] += 1
    pointer.sync()
    assert not pointer.is_alive()


def test_a_hook_that_hears_or_a_mouse_that_rests_is_fine(scripted: Callable[..., Any]) -> None:
    at = [0]
    pointer, listener, _ = started(scripted, lambda: (at[0], 0))
    for _ in range(8):
        at[0] += 1
        listener.take(MOVE, data(at[0]))
        pointer.sync()
    for _ in range(8):
        pointer.sync()
    assert pointer.is_alive()


def test_a_hook_that_cannot_be_set_says_so(scripted: Callable[..., Any]) -> None:
    def refuse(take: Callable[[int, Any], bool]) -> Any:
        raise ImportError("no backend")

    table = scripted(be_dpi_aware=None, virtual_screen=SCREEN, tick_ms=0)
    with pytest.raises(CannotSee, match="no backend"):
        WindowsPointer(table, no_devices(), refuse, find_native=lambda: None).start(Ring())


def test_a_lock_is_believed_when_the_session_says_so(scripted: Callable[..., Any]) -> None:
    words = itertools.chain([False, False, None], itertools.repeat(True))
    table = scripted(lock_workstation=True, session_locked=lambda: next(words))
    report = services_over(table).lock.lock()
    assert report.result is LockResult.LOCKED
    assert table.calls.count(("lock_workstation",)) == 1


def test_a_lock_that_windows_refuses_is_a_failure(scripted: Callable[..., Any]) -> None:
    table = scripted(lock_workstation=False, session_locked=False)
    report = services_over(table).lock.lock()
    assert report.result is LockResult.FAILED
    assert "LockWorkStation refused" in report.tried[0]


def test_idle_time_survives_the_counters_wrap(scripted: Callable[..., Any]) -> None:
    assert WindowsIdle(scripted(tick_ms=1000, last_input_ms=400)).idle_ms() == 600
    assert WindowsIdle(scripted(tick_ms=10, last_input_ms=2**32 - 90)).idle_ms() == 100


@pytest.mark.parametrize(("enhanced", "profile"), [(True, "enhanced"), (False, "flat")])
def test_the_mouse_is_described_by_its_settings(
    scripted: Callable[..., Any], enhanced: bool, profile: str
) -> None:
    mice = services_over(settings(scripted, [USB], enhances_precision=enhanced)).mice
    mouse = mice.current()
    assert (mouse.capture, mouse.pointer_speed, mouse.acceleration) == ("windows-hook", 12.0, profile)
    assert (mouse.bus, mouse.vendor, mouse.product) == ("usb", "046d", "c08b")
    assert (mouse.screen_scale, mouse.left_handed, mouse.remote, mouse.cpi) == (1.25, False, "", 0)
    assert mice.of(-1) == mouse


USB = r"\\?\HID#VID_046D&PID_C08B&MI_00#7&2b7d3e4&0&0000#{378de44c-56ef-11d1-bc8c-00a0c91405dd}"
BLUETOOTH = r"\\?\HID#{00001812-0000-1000-8000-00805f9b34fb}_Dev_VID&02046d_PID&b023_REV&0007_e1#9&1#{378}"
REMOTE = r"\\?\Root#RDP_MOU#0000#{378de44c-56ef-11d1-bc8c-00a0c91405dd}"


def settings(scripted: Callable[..., Any], names: list[str], **told: Any) -> Any:
    usual = {"mouse_speed": 12, "enhances_precision": True, "remote_session": False, "swaps_buttons": False}
    devices = [RawInputDevice(n, name, RAW_MOUSE) for n, name in enumerate(names, 1)]
    return scripted(**{**usual, "screen_dpi": 120, "pointing_devices": devices, **told})


def test_several_mice_are_told_apart_and_the_hook_does_not_say_which_moves(
    scripted: Callable[..., Any],
) -> None:
    declared = Declared((DeclaredDevice("046d", "b023", 1600),))
    wired, wireless = services_over(
        settings(scripted, [USB, BLUETOOTH, REMOTE]), lambda: declared, find_raw=lambda: None
    ).mice.connected()
    assert (wired.bus, wired.cpi, wired.cpi_source) == ("usb", 0, Source.UNKNOWN)
    assert (wireless.bus, wireless.product, wireless.cpi) == ("bluetooth", "b023", 1600)
    assert "2 mice are connected" in wired.doubts[-1]


def test_where_raw_input_is_heard_several_mice_are_no_doubt(scripted: Callable[..., Any]) -> None:
    raw_input: Any = object()
    services = services_over(settings(scripted, [USB, BLUETOOTH]), find_raw=lambda: raw_input)
    assert all("mice are connected" not in doubt for m in services.mice.connected() for doubt in m.doubts)
    assert services.mice.current().vendor == "046d"
    assert "which mouse moved" not in services.notes[0]


def test_a_remote_session_is_recognised(scripted: Callable[..., Any]) -> None:
    (mouse,) = services_over(settings(scripted, [REMOTE], remote_session=True)).mice.connected()
    assert (mouse.remote, mouse.vendor) == ("rdp", "")


def test_without_a_mouse_there_is_a_configuration_that_no_profile_has(scripted: Callable[..., Any]) -> None:
    mice = services_over(settings(scripted, [])).mice
    assert (mice.connected(), mice.current()) == ((), MouseConfiguration("windows-hook"))


def test_doctor_is_told_what_is_not_seen(scripted: Callable[..., Any]) -> None:
    def notes(ui_access: bool) -> tuple[str, ...]:
        services = services_over(settings(scripted, []), ui_access=ui_access, find_raw=lambda: None)
        return services.notes  # type: ignore[no-any-return]

    assert notes(False) == (
        "Windows: which mouse moved is not known",
        "Windows: over windows of administrators nothing is seen",
    )
    assert notes(True) == ("Windows: which mouse moved is not known",)


@pytest.mark.parametrize("event", [0, 12])
def test_a_keeper_is_known_by_its_event(scripted: Callable[..., Any], event: int) -> None:
    table = scripted(OpenEventW=event, CloseHandle=1)
    assert is_kept(table) == bool(event)
    synchronize = 0x100000
    assert table.calls[0] == ("OpenEventW", synchronize, False, "Global\\SteadyhandKeeper")
    assert (("CloseHandle", 12) in table.calls) == bool(event)
