"""End of a named pipe of Windows: messages, read and written with a limit of time.

Run under Wine 8.0, never on Windows itself. References (learn.microsoft.com): ConnectNamedPipe, ReadFile, WriteFile,
GetOverlappedResult, CancelIoEx.
"""

from __future__ import annotations

import ctypes
import errno
from dataclasses import dataclass
from typing import Any, Final

from agent.files.windows_library import windows_library

MOST_MESSAGE: Final = 16_384

_PENDING, _CONNECTED, _MORE_DATA = 997, 535, 234
_SIGNALED: Final = 0
_WRITE_S: Final = 1.0
_CANCEL_MS: Final = 1000


class _Overlapped(ctypes.Structure):
    """OVERLAPPED."""

    _fields_ = (
        ("internal", ctypes.c_size_t),
        ("internal_high", ctypes.c_size_t),
        ("offset", ctypes.c_uint64),
        ("event", ctypes.c_void_p),
    )


@dataclass(frozen=True, slots=True)
class PipeMessage:
    """One message.

    Attributes
    ----------
    content : bytes
        At most `MOST_MESSAGE`.
    is_whole : bool
        False where it was longer.
    """

    content: bytes
    is_whole: bool


class PipeEnd:
    """One end of a pipe. One thread; one read or connect at a time.

    Parameters
    ----------
    handle : int
        Owned from now on.
    """

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self._kernel = windows_library("kernel32")
        self._incoming, self._outgoing = self._overlapped(), self._overlapped()
        self._buffer = ctypes.create_string_buffer(MOST_MESSAGE)
        self._is_connected = self._is_begun = False

    @property
    def event(self) -> int:
        """The handle of what is set once the begun read or connect is over."""
        return int(self._incoming.event)

    def begin_connect(self) -> None:
        """Let a client connect; `end` tells that one has.

        Raises
        ------
        OSError
            If a client came and has gone already.
        """
        self._is_begun = True
        if self._kernel.ConnectNamedPipe(self.handle, ctypes.byref(self._incoming)):
            return
        error = last_error()
        if error == _CONNECTED:
            self._is_connected = True
            self._kernel.SetEvent(self.event)
        elif error != _PENDING:
            self._is_begun = False
            raise windows_error(error)

    def begin_read(self) -> None:
        """Wait for a message; `end` gives it.

        Raises
        ------
        OSError
            If the other side has gone.
        """
        self._is_connected = False
        taken = self._kernel.ReadFile(
            self.handle, self._buffer, MOST_MESSAGE, None, ctypes.byref(self._incoming)
        )
        error = 0 if taken else last_error()
        self._is_begun = error in (0, _PENDING, _MORE_DATA)
        if not self._is_begun:
            raise windows_error(error)

    def is_ready(self, timeout_s: float = 0.0) -> bool:
        """Whether what was begun is over. Blocks for `timeout_s` at most."""
        return bool(self._kernel.WaitForSingleObject(self.event, round(timeout_s * 1000)) == _SIGNALED)

    def end(self) -> PipeMessage:
        """What the begun read brought; an empty message for a connect.

        Raises
        ------
        OSError
            If the other side has gone.
        """
        self._is_begun = False
        if self._is_connected:
            return PipeMessage(b"", True)
        length = ctypes.c_uint32()
        if self._kernel.GetOverlappedResult(
            self.handle, ctypes.byref(self._incoming), ctypes.byref(length), False
        ):
            return PipeMessage(self._buffer.raw[: length.value], True)
        error = last_error()
        if error != _MORE_DATA:
            raise windows_error(error)
        return PipeMessage(self._buffer.raw, False)

    def read(self, timeout_s: float) -> PipeMessage:
        """Read one message.

        Raises
        ------
        OSError
            If the other side has gone; TimeoutError where nothing came in time.
        """
        self.begin_read()
        if not self.is_ready(timeout_s):
            raise TimeoutError(errno.ETIMEDOUT, "no message came in time")
        return self.end()

    def write(self, content: bytes, timeout_s: float = _WRITE_S) -> None:
        """Write one message.

        Raises
        ------
        OSError
            If the other side has gone; TimeoutError where it does not read.
        """
        length = ctypes.c_uint32()
        outgoing = ctypes.byref(self._outgoing)
        if not self._kernel.WriteFile(self.handle, content, len(content), None, outgoing):
            if (error := last_error()) != _PENDING:
                raise windows_error(error)
            milliseconds = round(timeout_s * 1000)
            if self._kernel.WaitForSingleObject(self._outgoing.event, milliseconds) != _SIGNALED:
                self._kernel.CancelIoEx(self.handle, outgoing)
                self._kernel.GetOverlappedResult(self.handle, outgoing, ctypes.byref(length), True)
                raise TimeoutError(errno.ETIMEDOUT, "what was sent is not read")
        if not self._kernel.GetOverlappedResult(self.handle, outgoing, ctypes.byref(length), True):
            raise windows_error(last_error())

    def close(self) -> None:
        """Hang up. What was written stays readable at the other side. Again: nothing."""
        if not self.handle:
            return
        if self._is_begun:
            # Windows writes into the buffer until what was begun has ended.
            self._kernel.CancelIoEx(self.handle, ctypes.byref(self._incoming))
            self._kernel.WaitForSingleObject(self._incoming.event, _CANCEL_MS)
        for handle in (self.handle, self._incoming.event, self._outgoing.event):
            self._kernel.CloseHandle(handle)
        self.handle = 0

    def _overlapped(self) -> _Overlapped:
        return _Overlapped(event=self._kernel.CreateEventW(None, True, False, None))


def last_error() -> int:
    """GetLastError of the last call."""
    return int(getattr(ctypes, "get_last_error", int)())


def windows_error(code: int) -> OSError:
    """As Windows names it: a broken pipe is a BrokenPipeError, a missing one a FileNotFoundError."""
    made: Any = ctypes.WinError(code)  # type: ignore[attr-defined]  # exists on Windows only
    return made if isinstance(made, OSError) else OSError(code, "Windows refuses")
