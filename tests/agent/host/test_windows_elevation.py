"""Windows of a higher integrity level, over scripted functions: nothing is heard there, and capture is not to blame."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pytest

from agent.host.ring import Ring
from agent.host.windows.elevated_window import ElevatedWindowWatch
from agent.host.windows.pointer import WindowsPointer
from agent.host.windows.window_integrity import RealWindowIntegrity
from tests.agent.host.test_windows import MOVE, SCREEN, Listener, data, no_devices

ORDINARY, ADMINISTRATOR, SYSTEM = 0x2000, 0x3000, 0x4000
S = 1_000_000_000


class Levels:
    """Scripted integrity levels."""

    def __init__(self, foreground: int | None = ORDINARY, own: int | None = ORDINARY) -> None:
        self.front, self.mine = foreground, own

    def own(self) -> int | None:
        return self.mine

    def foreground(self) -> int | None:
        return self.front

    def has_ui_access(self) -> bool:
        return False


class Desk:
    """A pointer that a test moves, with or without an input and an event."""

    def __init__(self, scripted: Callable[..., Any], levels: Levels) -> None:
        self.now_ns, self.at, self.input_ms, self.heard = 5 * S, (0, 0), 0, 0
        table = scripted(cursor=lambda: self.at, last_input_ms=lambda: self.input_ms)
        self.watch = ElevatedWindowWatch(table, levels, lambda: self.now_ns)
        self.watch.look(0)

    def move(self, *, has_input: bool = True, heard: int = 0, after_s: float = 0.5) -> bool:
        self.now_ns += round(after_s * S)
        self.at = (self.at[0] + 1, 0)
        self.input_ms += 500 * has_input
        self.heard += heard
        return self.watch.look(self.heard)


@pytest.mark.parametrize("front", [ADMINISTRATOR, SYSTEM, 1 << 16])
def test_a_move_over_a_higher_level_is_said_with_its_time(scripted: Callable[..., Any], front: int) -> None:
    desk = Desk(scripted, Levels(front))
    assert desk.move()
    assert not desk.move()
    seen = desk.watch.obstruction()
    assert "administrator" in seen.reason
    assert seen.unseen_ns == S


@pytest.mark.parametrize("front", [ORDINARY, 0x1000, None])
def test_a_move_over_an_ordinary_window_or_none_is_not(
    scripted: Callable[..., Any], front: int | None
) -> None:
    desk = Desk(scripted, Levels(front))
    assert not desk.move()
    assert desk.watch.obstruction().reason == ""


def test_an_agent_that_is_an_administrators_itself_sees_them(scripted: Callable[..., Any]) -> None:
    desk = Desk(scripted, Levels(ADMINISTRATOR, own=ADMINISTRATOR))
    assert not desk.move()


def test_what_a_program_moves_without_an_input_is_no_hand(scripted: Callable[..., Any]) -> None:
    desk = Desk(scripted, Levels(ADMINISTRATOR))
    assert not desk.move(has_input=False)
    assert desk.watch.obstruction().reason == ""


def test_it_lasts_while_the_pointer_rests_and_counts_no_time(scripted: Callable[..., Any]) -> None:
    desk = Desk(scripted, Levels(ADMINISTRATOR))
    desk.move()
    desk.now_ns += 60 * S
    assert not desk.watch.look(0)
    assert desk.watch.obstruction().reason
    assert desk.watch.obstruction().unseen_ns == S // 2


def test_an_event_or_an_ordinary_window_ends_it_and_seen_time_counts_against(
    scripted: Callable[..., Any],
) -> None:
    levels = Levels(ADMINISTRATOR)
    desk = Desk(scripted, levels)
    desk.move()
    desk.move()
    assert desk.move(heard=3)
    assert desk.watch.obstruction().unseen_ns == S // 2
    assert desk.move()
    levels.front = ORDINARY
    assert desk.watch.look(desk.heard)
    assert (desk.watch.obstruction().reason, desk.watch.obstruction().unseen_ns) == ("", S)


def test_two_looks_that_are_far_apart_count_a_second(scripted: Callable[..., Any]) -> None:
    desk = Desk(scripted, Levels(ADMINISTRATOR))
    desk.move(after_s=50.0)
    assert desk.watch.obstruction().unseen_ns == S


def test_capture_is_no_corpse_over_an_administrators_window(scripted: Callable[..., Any]) -> None:
    levels, at, tick = Levels(ADMINISTRATOR), [0], [0]
    table = scripted(
        be_dpi_aware=None,
        virtual_screen=SCREEN,
        tick_ms=5000,
        cursor=lambda: (at[0], 0),
        last_input_ms=lambda: tick[0],
    )
    made: list[Listener] = []

    def make(take: Callable[[int, Any], bool]) -> Listener:
        made.append(Listener(take))
        return made[0]

    watch = ElevatedWindowWatch(table, levels, lambda: tick[0] * 1_000_000)
    ring = Ring()
    pointer = WindowsPointer(table, no_devices(), make, lambda: 0, lambda: None, elevation=watch)
    pointer.start(ring)
    pointer.sync()
    for _ in range(8):
        at[0] += 1
        tick[0] += 500
        pointer.sync()
        assert pointer.is_alive()
    assert watch.obstruction().reason
    assert ring.wait(0.0, resting=False), "the worker is woken"
    made[0].take(MOVE, data(3))
    pointer.sync()
    assert not watch.obstruction().reason
    levels.front = ORDINARY
    for _ in range(3):
        at[0] += 1
        tick[0] += 500
        pointer.sync()
    assert not pointer.is_alive(), "over an ordinary window a hook that hears nothing is a dead one"


class Functions:
    """Windows' functions, scripted: a window of process 40, and whatever a test closes to this account."""

    def __init__(
        self, *, window: int = 7, closed: str = "", error: int = 5, rids: tuple[int, ...] = (0x3000,)
    ) -> None:
        self.window, self.closed, self.error, self.opened = window, closed, error, [0]
        words = b"".join(rid.to_bytes(4, "little") for rid in rids)
        self.sid = ctypes.create_string_buffer(bytes([1, len(rids), 0, 0, 0, 0, 0, 16]) + words)
        self.ui_access = 0

    def GetForegroundWindow(self) -> int:
        return self.window

    def GetWindowThreadProcessId(self, window: int, number: Any) -> int:
        assert window == 7
        number._obj.value = 40
        return 1

    def GetCurrentProcess(self) -> int:
        return -1

    def OpenProcess(self, rights: int, inherit: bool, number: int) -> int:
        assert (rights, inherit, number) == (0x1000, False, 40)
        if self.closed == "process":
            return 0
        self.opened[0] += 1
        return 50

    def OpenProcessToken(self, process: int, rights: int, token: Any) -> int:
        assert rights == 0x0008
        assert process in (50, -1)
        if self.closed == "token":
            return 0
        self.opened[0] += 1
        token._obj.value = 60
        return 1

    def GetTokenInformation(self, token: Any, kind: int, into: Any, room: int, size: Any) -> int:
        assert token.value == 60
        if kind == 26:
            into._obj.value = self.ui_access
            return 1
        assert kind == 25
        ctypes.c_void_p.from_buffer(into._obj).value = ctypes.addressof(self.sid)
        return int(self.closed != "label")

    def CloseHandle(self, handle: Any) -> int:
        self.opened[0] -= 1
        return 1


def integrity(functions: Functions) -> RealWindowIntegrity:
    return RealWindowIntegrity(functions, functions, functions, lambda: functions.error)


@pytest.mark.parametrize(
    ("functions", "level"),
    [
        (Functions(), 0x3000),
        (Functions(rids=(32, 0x2010)), 0x2010),
        (Functions(window=0), None),
        (Functions(closed="process"), 1 << 16),
        (Functions(closed="token"), 1 << 16),
        (Functions(closed="process", error=87), None),
        (Functions(closed="token", error=6), None),
        (Functions(closed="label"), None),
    ],
)
def test_the_level_of_the_window_in_front(functions: Functions, level: int | None) -> None:
    assert integrity(functions).foreground() == level
    assert functions.opened == [0], "every handle is closed"


def test_the_own_level_and_ui_access() -> None:
    functions = Functions(rids=(0x2000,))
    assert integrity(functions).own() == 0x2000
    assert not integrity(functions).has_ui_access()
    functions.ui_access = 1
    assert integrity(functions).has_ui_access()
    assert not integrity(Functions(closed="token")).has_ui_access()
