"""Hidden top-level window: receives what Windows tells programs about the session, power and its end.

A message-only window would not hear WM_QUERYENDSESSION, which is broadcast to top-level windows. Run under Wine, which
sends none of the session's and power's messages by itself.
"""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Callable
from typing import Any, Final, Protocol

WINDOW_CLASS: Final = "SteadyhandSession"
END_EVENT: Final = "Global\\SteadyhandEnd-{pid}"
"""Set by the installer (packaging/windows/session_agents.c), which cannot send messages into a user's session."""

_CLOSE: Final = 0x0010
_ALL_INPUT: Final = 0x04FF
_INPUT_AVAILABLE: Final = 0x0004
_REMOVE: Final = 0x0001
_INFINITE: Final = 0xFFFFFFFF
_THIS_SESSION: Final = 0
_NO_REBOOT: Final = 8

_log = logging.getLogger(__name__)

Receive = Callable[[int, int, int], int | None]


class HiddenWindow(Protocol):
    """What the session monitor needs of a window."""

    def run(
        self, on_open: Callable[[bool], None], receive: Receive, on_end_request: Callable[[], None]
    ) -> None:
        """Make the window, hand every message to `receive` and return once `close` was called. Window's thread.

        Parameters
        ----------
        on_open : callable
            Called once it stands: True where Windows will tell of the session's changes.
        receive : callable
            Message and its two parameters to Windows' answer; None for the usual one. Nobody else hears meanwhile.
        on_end_request : callable
            An installer asks this process to end.

        Raises
        ------
        OSError
            If there can be no window.
        """

    def close(self) -> None:
        """Make `run` return. Any thread; returns at once."""

    def register_restart(self) -> None:
        """Have Windows start the agent again after an installer ended it (RegisterApplicationRestart)."""


class _Message(ctypes.Structure):
    """MSG."""

    _fields_ = (
        ("window", ctypes.c_void_p),
        ("message", ctypes.c_uint32),
        ("wparam", ctypes.c_size_t),
        ("lparam", ctypes.c_ssize_t),
        ("time", ctypes.c_uint32),
        ("x", ctypes.c_int32),
        ("y", ctypes.c_int32),
        ("private", ctypes.c_uint32),
    )


class _Class(ctypes.Structure):
    """WNDCLASSEXW."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("style", ctypes.c_uint32),
        ("procedure", ctypes.c_void_p),
        ("class_extra", ctypes.c_int32),
        ("window_extra", ctypes.c_int32),
        ("instance", ctypes.c_void_p),
        ("icon", ctypes.c_void_p),
        ("cursor", ctypes.c_void_p),
        ("background", ctypes.c_void_p),
        ("menu", ctypes.c_wchar_p),
        ("name", ctypes.c_wchar_p),
        ("small_icon", ctypes.c_void_p),
    )


class RealHiddenWindow:
    """`HiddenWindow` by ctypes; used on Windows only."""

    def __init__(self) -> None:
        self._user32: Any = None
        self._kernel32: Any = None
        self._wtsapi32: Any = None
        self._window: int | None = None

    def run(
        self, on_open: Callable[[bool], None], receive: Receive, on_end_request: Callable[[], None]
    ) -> None:
        """See `HiddenWindow.run`."""
        self._load()
        procedure = self._procedure(receive)
        window = self._make(procedure)
        event = self._kernel32.CreateEventW(None, True, False, END_EVENT.format(pid=os.getpid()))
        self._window = window
        try:
            on_open(
                bool(self._wtsapi32.WTSRegisterSessionNotification(ctypes.c_void_p(window), _THIS_SESSION))
            )
            self._loop(event, on_end_request)
        finally:
            self._window = None
            self._wtsapi32.WTSUnRegisterSessionNotification(ctypes.c_void_p(window))
            self._user32.DestroyWindow(window)
            self._user32.UnregisterClassW(WINDOW_CLASS, self._kernel32.GetModuleHandleW(None))
            if event:
                self._kernel32.CloseHandle(event)

    def close(self) -> None:
        """See `HiddenWindow.close`."""
        if self._window is not None:
            self._user32.PostMessageW(self._window, _CLOSE, 0, 0)

    def register_restart(self) -> None:
        """See `HiddenWindow.register_restart`: not after a reboot, when the session starts the agent itself."""
        self._load()
        failed = self._kernel32.RegisterApplicationRestart(ctypes.c_wchar_p("run --autostart"), _NO_REBOOT)
        if failed:
            _log.warning("Windows will not start the agent again after an upgrade (%#x)", failed & 0xFFFFFFFF)

    def _load(self) -> None:
        if self._user32 is not None:
            return
        load: Any = ctypes.WinDLL  # type: ignore[attr-defined]  # exists on Windows only
        self._kernel32 = load("kernel32", use_last_error=True)
        self._kernel32.GetModuleHandleW.restype = ctypes.c_void_p
        self._kernel32.CreateEventW.restype = ctypes.c_void_p
        self._kernel32.CloseHandle.argtypes = (ctypes.c_void_p,)
        self._wtsapi32 = load("wtsapi32", use_last_error=True)
        self._user32 = _typed(load("user32", use_last_error=True))

    def _procedure(self, receive: Receive) -> Any:
        """The window procedure; it must live as long as the window."""
        user32 = self._user32
        made: Any = ctypes.WINFUNCTYPE(  # type: ignore[attr-defined]  # exists on Windows only
            ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_size_t, ctypes.c_ssize_t
        )

        def procedure(window: int, message: int, wparam: int, lparam: int) -> int:
            if message == _CLOSE:
                user32.PostQuitMessage(0)
                return 0
            try:
                answer = receive(message, wparam, lparam)
            except Exception:  # noqa: BLE001  a callback of Windows has nobody to raise to
                _log.exception("window message %#x was not understood", message)
                answer = None
            return int(user32.DefWindowProcW(window, message, wparam, lparam)) if answer is None else answer

        return made(procedure)

    def _make(self, procedure: Any) -> int:
        instance = self._kernel32.GetModuleHandleW(None)
        kind = _Class(ctypes.sizeof(_Class))
        kind.procedure = ctypes.cast(procedure, ctypes.c_void_p)
        kind.instance, kind.name = instance, WINDOW_CLASS
        self._user32.RegisterClassExW(ctypes.byref(kind))
        window = self._user32.CreateWindowExW(
            0, WINDOW_CLASS, WINDOW_CLASS, 0, 0, 0, 0, 0, None, None, instance, None
        )
        if not window:
            raise OSError("Windows makes no window for the agent: locks, sleep and log-offs are not heard")
        return int(window)

    def _loop(self, event: int | None, on_end_request: Callable[[], None]) -> None:
        message = _Message()
        waited_for = (ctypes.c_void_p * 1)(event)
        count = 1 if event else 0
        while True:
            ready = self._user32.MsgWaitForMultipleObjectsEx(
                count, waited_for, _INFINITE, _ALL_INPUT, _INPUT_AVAILABLE
            )
            if count and ready == 0:
                count = 0  # it stays set: to wait for it again would be a busy loop
                on_end_request()
            while self._user32.PeekMessageW(ctypes.byref(message), None, 0, 0, _REMOVE):
                if message.message == 0x0012:  # WM_QUIT
                    return
                self._user32.DispatchMessageW(ctypes.byref(message))


def _typed(user32: Any) -> Any:
    """Handles have 64 bits; what is not declared is cut to 32."""
    handle, word, long = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_ssize_t
    user32.DefWindowProcW.argtypes = (handle, ctypes.c_uint32, word, long)
    user32.DefWindowProcW.restype = long
    user32.PostMessageW.argtypes = (handle, ctypes.c_uint32, word, long)
    user32.DestroyWindow.argtypes = (handle,)
    user32.UnregisterClassW.argtypes = (ctypes.c_wchar_p, handle)
    user32.DispatchMessageW.restype = long
    user32.CreateWindowExW.restype = handle
    user32.CreateWindowExW.argtypes = (
        *(ctypes.c_uint32, ctypes.c_wchar_p, ctypes.c_wchar_p, ctypes.c_uint32),
        *(ctypes.c_int32, ctypes.c_int32, ctypes.c_int32, ctypes.c_int32),
        *(handle, handle, handle, handle),
    )
    user32.MsgWaitForMultipleObjectsEx.argtypes = (
        *(ctypes.c_uint32, handle, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32),
    )
    return user32
