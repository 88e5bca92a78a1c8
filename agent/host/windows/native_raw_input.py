"""Native raw input: the message window and its ring in C (packaging/windows/raw_input.c), read by ctypes.

Run under Wine. In the same library as the native hook; without it there is no raw input.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from agent.host.windows.native_hook import LIBRARY

_AT_ONCE: Final = 256
_END_MS: Final = 500
_CONTENT_SIZE: Final = 48


class RawMessage(NamedTuple):
    """One message of the raw input window: the counter's reading, WM_INPUT or WM_INPUT_DEVICE_CHANGE, its content."""

    reading: int
    message: int
    content: bytes


class RawEntry(ctypes.Structure):
    """One message, as raw_input.c keeps it."""

    _fields_ = (
        ("counter", ctypes.c_int64),
        ("message", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("content", ctypes.c_ubyte * _CONTENT_SIZE),
    )


class NativeRawInput(Protocol):
    """The window that hears raw input."""

    def begin(self) -> bool:
        """Listen to mice and digitizers; False where Windows refuses mice. Blocks 2 s at most."""

    def end(self) -> None:
        """Listen no more. Blocks half a second at most."""

    def messages(self) -> Iterator[RawMessage]:
        """Take out what is there."""


class RealNativeRawInput:
    """`NativeRawInput` by ctypes; made on Windows only.

    Raises
    ------
    OSError
        If the library cannot be loaded.
    """

    def __init__(self, library: Path = LIBRARY) -> None:
        load: Any = ctypes.WinDLL  # type: ignore[attr-defined]  # exists on Windows only
        self._library = load(str(library))
        self._entries = (RawEntry * _AT_ONCE)()

    def begin(self) -> bool:
        """See `NativeRawInput.begin`."""
        return bool(self._library.steadyhand_raw_begin() & 1)

    def end(self) -> None:
        """See `NativeRawInput.end`."""
        self._library.steadyhand_raw_end(_END_MS)

    def messages(self) -> Iterator[RawMessage]:
        """See `NativeRawInput.messages`."""
        while count := self._library.steadyhand_raw_drain(self._entries, _AT_ONCE):
            for entry in self._entries[:count]:
                yield RawMessage(entry.counter, entry.message, bytes(entry.content)[: entry.size])


def native_raw_input(
    library: Path = LIBRARY, make: Callable[[Path], NativeRawInput] | None = None
) -> NativeRawInput | None:
    """Raw input in C; None where it was not compiled, and on other systems."""
    if not hasattr(ctypes, "WinDLL") or not library.exists():
        return None
    return (make or RealNativeRawInput)(library)
