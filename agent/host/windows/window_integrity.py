"""Window integrity: the integrity level of the foreground window's process, and the agent's own.

References (learn.microsoft.com/windows/win32): "Mandatory Integrity Control" (secauthz), "TOKEN_MANDATORY_LABEL
structure" and "TOKEN_INFORMATION_CLASS enumeration" (api/winnt), "Process Security and Access Rights" (procthread).
Run under Wine, where every process has the same level; the rest on scripted functions, never on Windows itself.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final, Protocol

from agent.files.windows_library import windows_library

CLOSED: Final = 1 << 16
"""Above every level: the process is closed to this account."""

_QUERY_LIMITED: Final = 0x1000
_TOKEN_QUERY: Final = 0x0008
_INTEGRITY_LEVEL: Final = 25
_UI_ACCESS: Final = 26
_ACCESS_DENIED: Final = 5
_LABEL_BYTES: Final = 128


class WindowIntegrity(Protocol):
    """Integrity levels: 0x2000 of ordinary programs, 0x3000 of an administrator's, 0x4000 of the system's."""

    def own(self) -> int | None:
        """The agent's own level; None where Windows does not say."""

    def foreground(self) -> int | None:
        """The level of the foreground window's process; `CLOSED` where it may not be read, None without a window."""

    def has_ui_access(self) -> bool:
        """True where Windows lets this process hear windows of higher levels: a signed build with uiAccess."""


class RealWindowIntegrity:
    """`WindowIntegrity` by Windows' own functions. Any thread; nothing blocks.

    Parameters
    ----------
    user32, kernel32, advapi32 : optional
        The libraries; Windows' own where they are not given.
    last_error : callable, optional
        The error of the last call (GetLastError).
    """

    def __init__(
        self,
        user32: Any = None,
        kernel32: Any = None,
        advapi32: Any = None,
        last_error: Callable[[], int] = getattr(ctypes, "get_last_error", int),  # noqa: B008  Windows' own
    ) -> None:
        self._user32 = user32 or windows_library("user32")
        self._kernel32 = kernel32 or windows_library("kernel32")
        self._advapi32 = advapi32 or windows_library("advapi32")
        self._last_error = last_error

    def own(self) -> int | None:
        """See `WindowIntegrity.own`."""
        return self._level(self._kernel32.GetCurrentProcess())

    def foreground(self) -> int | None:
        """See `WindowIntegrity.foreground`."""
        process_number = ctypes.c_uint32()
        window = self._user32.GetForegroundWindow()
        if not window or not self._user32.GetWindowThreadProcessId(window, ctypes.byref(process_number)):
            return None
        process = self._kernel32.OpenProcess(_QUERY_LIMITED, False, process_number.value)
        if not process:
            return self._closed_or_gone()
        try:
            return self._level(process)
        finally:
            self._kernel32.CloseHandle(process)

    def has_ui_access(self) -> bool:
        """See `WindowIntegrity.has_ui_access`."""
        token = self._token(self._kernel32.GetCurrentProcess())
        if token is None:
            return False
        flag, size = ctypes.c_uint32(), ctypes.c_uint32()
        try:
            answered = self._advapi32.GetTokenInformation(
                token, _UI_ACCESS, ctypes.byref(flag), ctypes.sizeof(flag), ctypes.byref(size)
            )
        finally:
            self._kernel32.CloseHandle(token)
        return bool(answered and flag.value)

    def _level(self, process: Any) -> int | None:
        token = self._token(process)
        if token is None:
            return self._closed_or_gone()
        label, size = (ctypes.c_byte * _LABEL_BYTES)(), ctypes.c_uint32()
        try:
            answered = self._advapi32.GetTokenInformation(
                token, _INTEGRITY_LEVEL, ctypes.byref(label), _LABEL_BYTES, ctypes.byref(size)
            )
        finally:
            self._kernel32.CloseHandle(token)
        return _level_in(ctypes.addressof(label)) if answered else None

    def _token(self, process: Any) -> ctypes.c_void_p | None:
        token = ctypes.c_void_p()
        opened = self._advapi32.OpenProcessToken(process, _TOKEN_QUERY, ctypes.byref(token))
        return token if opened else None

    def _closed_or_gone(self) -> int | None:
        """What a refusal means: access denied is a level above this one's; a process that has gone has none."""
        return CLOSED if self._last_error() == _ACCESS_DENIED else None


def _level_in(address: int) -> int:
    """The last sub-authority of the SID that a TOKEN_MANDATORY_LABEL points to: revision, count, six bytes, numbers."""
    sid = ctypes.c_void_p.from_address(address).value or 0
    count = ctypes.c_ubyte.from_address(sid + 1).value
    return int(ctypes.c_uint32.from_address(sid + 8 + 4 * (count - 1)).value)
