"""The services of a Windows session. Not run on Windows; tested with a scripted table of functions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from agent.engine.mouse import MouseConfiguration
from agent.files.devices import Declared
from agent.host.api import HostServices
from agent.host.locker import LockerError, NoScreen, ScreenView
from agent.host.locking import CheckedLock
from agent.host.null.services import NullPresentation, NullSecondStep
from agent.host.several_mice import SEVERAL_ARE_UNKNOWN
from agent.host.tray_notifier import TrayNotifier
from agent.host.windows.elevated_window import ElevatedWindowWatch
from agent.host.windows.hidden_window import HiddenWindow, RealHiddenWindow
from agent.host.windows.mice import windows_mice
from agent.host.windows.mouse_watch import WindowsMice
from agent.host.windows.native_raw_input import NativeRawInput, native_raw_input
from agent.host.windows.pointer import WindowsPointer
from agent.host.windows.raw_devices import RawDevices
from agent.host.windows.reauthenticate import WindowsConfirmation
from agent.host.windows.session import WindowsSession
from agent.host.windows.win32 import RealWin32, Win32
from agent.host.windows.window_integrity import RealWindowIntegrity, WindowIntegrity
from agent.language.language import mark

_WRAP_MS: Final = 1 << 32
_ONE_MOUSE: Final = mark("Windows: which mouse moved is not known")
_NOT_ELEVATED: Final = mark("Windows: over windows of administrators nothing is seen")


class WorkstationLocker:
    """LockWorkStation, believed when the session's flags say that it is locked. See `Locker`."""

    name = "windows"
    tells = True
    takes = False

    def __init__(self, win32: Win32) -> None:
        self._win32 = win32

    def missing(self) -> str:
        """See `Locker.missing`."""
        return ""

    def fire(self) -> None:
        """See `Locker.fire`."""
        if not self._win32.lock_workstation():
            raise LockerError("LockWorkStation refused: policy may forbid it, or no one is logged in here")

    def died(self) -> str:
        """See `Locker.died`."""
        return ""

    def says_locked(self) -> bool | None:
        """See `Locker.says_locked`: the system's own word is asked for apart from any locker."""
        return None

    def withdraw(self) -> None:
        """See `Locker.withdraw`: a request cannot be taken back."""


class WindowsIdle:
    """`Idle` by GetLastInputInfo."""

    def __init__(self, win32: Win32) -> None:
        self._win32 = win32

    def idle_ms(self) -> int | None:
        """See `Idle.idle_ms`. The counter wraps after 49.7 days; the difference does not."""
        return (self._win32.tick_ms() - self._win32.last_input_ms()) % _WRAP_MS

    def problem(self) -> str:
        """See `Idle.problem`: Windows always says."""
        return ""

    def position(self) -> tuple[int, int] | None:
        """See `Idle.position`."""
        return self._win32.cursor()


@contextmanager
def _nothing_to_see() -> Iterator[ScreenView]:
    yield NoScreen()


def _described(
    table: Win32, declared: Callable[[], Declared], devices: RawDevices
) -> dict[int, MouseConfiguration]:
    return windows_mice(table, declared(), devices.listed(), hears_raw=devices.hears)


def _notes(*, hears_raw: bool, has_ui_access: bool) -> tuple[str, ...]:
    """What is degraded here. With uiAccess a signed build hears administrators' windows, too."""
    return (*(() if hears_raw else (_ONE_MOUSE,)), *(() if has_ui_access else (_NOT_ELEVATED,)))


def windows_services(
    win32: Win32 | None = None,
    declared: Callable[[], Declared] = Declared,
    several: str = SEVERAL_ARE_UNKNOWN,
    window: HiddenWindow | None = None,
    find_raw: Callable[[], NativeRawInput | None] = native_raw_input,
    integrity: WindowIntegrity | None = None,
) -> HostServices:
    """Everything for this session."""
    table, levels = win32 or RealWin32(), integrity or RealWindowIntegrity()
    elevation = ElevatedWindowWatch(table, levels, time.monotonic_ns)
    devices = RawDevices(lambda: table.pointing_devices(), hears=find_raw() is not None)

    def says() -> bool | None:
        return table.session_locked()

    session = WindowsSession(window or RealHiddenWindow(), says)
    return HostServices(
        pointer=lambda: WindowsPointer(table, devices, find_raw=find_raw, elevation=elevation),
        mice=WindowsMice(partial(_described, table, declared, devices), devices, several),
        session=session,
        lock=CheckedLock([WorkstationLocker(table)], _nothing_to_see, says),
        idle=WindowsIdle(table),
        reauthentication=WindowsConfirmation(),
        notifier=TrayNotifier(),
        presentation=NullPresentation(),
        proofs=session,
        second_step=NullSecondStep(),
        notes=_notes(hears_raw=devices.hears, has_ui_access=levels.has_ui_access()),
        session_end=session,
        obstruction=elevation.obstruction,
    )
