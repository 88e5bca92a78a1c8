"""Native hook: pynput's listener with a procedure in C (packaging/windows/hook.c) that never waits for Python.

Run under Wine. Where the library is not beside this file, the listener's own procedure in Python serves.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, Protocol

LIBRARY: Final = Path(__file__).with_name("steadyhand_hook.dll")
_AT_ONCE: Final = 256


class Entry(ctypes.Structure):
    """One message of the hook, as hook.c keeps it."""

    _fields_ = (
        ("counter", ctypes.c_int64),
        ("time", ctypes.c_uint32),
        ("message", ctypes.c_uint32),
        ("x", ctypes.c_int32),
        ("y", ctypes.c_int32),
        ("mouse_data", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
    )


class NativeHook(Protocol):
    """The ring that the procedure in C appends to."""

    def make_listener(self) -> Any:
        """Pynput's listener with that procedure; what is in the ring goes."""

    def wait(self, milliseconds: int) -> bool:
        """Wait for a message without holding the interpreter; False where none came."""

    def messages(self) -> Iterator[tuple[int, Any, int]]:
        """Take out what is there: message, pynput's MSLLHOOKSTRUCT in short, and its reading of the counter."""

    def lost(self) -> int:
        """How many messages a full ring has lost."""

    def counter(self) -> tuple[int, int]:
        """The counter now, and its steps a second."""


class RealNativeHook:
    """`NativeHook` by ctypes; made on Windows only.

    Parameters
    ----------
    library : Path
        The compiled hook.c.

    Raises
    ------
    OSError
        If it cannot be loaded.
    """

    def __init__(self, library: Path = LIBRARY) -> None:
        load: Any = ctypes.WinDLL  # type: ignore[attr-defined]  # exists on Windows only
        self._hook = load(str(library))
        self._kernel32 = load("kernel32")
        self._entries = (Entry * _AT_ONCE)()

    def make_listener(self) -> Any:
        """See `NativeHook.make_listener`."""
        if not self._hook.steadyhand_begin():
            raise OSError("Windows makes no event for the hook")
        return _listener(ctypes.cast(self._hook.steadyhand_hook, ctypes.c_void_p).value)

    def wait(self, milliseconds: int) -> bool:
        """See `NativeHook.wait`."""
        return bool(self._hook.steadyhand_wait(milliseconds))

    def messages(self) -> Iterator[tuple[int, Any, int]]:
        """See `NativeHook.messages`."""
        while count := self._hook.steadyhand_drain(self._entries, _AT_ONCE):
            for entry in self._entries[:count]:
                yield entry.message, short_struct(entry), entry.counter

    def lost(self) -> int:
        """See `NativeHook.lost`."""
        return int(self._hook.steadyhand_lost())

    def counter(self) -> tuple[int, int]:
        """See `NativeHook.counter`."""
        reading, frequency = ctypes.c_int64(), ctypes.c_int64()
        self._kernel32.QueryPerformanceCounter(ctypes.byref(reading))
        self._kernel32.QueryPerformanceFrequency(ctypes.byref(frequency))
        return reading.value, frequency.value


class CounterClock:
    """Monotonic nanoseconds of readings of the counter.

    Parameters
    ----------
    reading, frequency : int
        The counter, and its steps a second, at `now_ns`.
    now_ns : int
    """

    def __init__(self, reading: int, frequency: int, now_ns: int) -> None:
        self._reading, self._frequency, self._now_ns = reading, frequency, now_ns

    def t_ns(self, reading: int) -> int:
        """When the counter showed `reading`."""
        return self._now_ns + (reading - self._reading) * 1_000_000_000 // self._frequency


def native_hook(
    library: Path = LIBRARY, make: Callable[[Path], NativeHook] | None = None
) -> NativeHook | None:
    """The hook in C; None where it was not compiled, and on other systems."""
    if not hasattr(ctypes, "WinDLL") or not library.exists():
        return None
    return (make or RealNativeHook)(library)


def short_struct(entry: Entry) -> Any:
    """What `HookDecoder` reads of an MSLLHOOKSTRUCT."""
    point = SimpleNamespace(x=entry.x, y=entry.y)
    return SimpleNamespace(pt=point, time=entry.time, mouseData=entry.mouse_data, flags=entry.flags)


def _listener(procedure: int | None) -> Any:
    """Pynput's listener, whose hook calls `procedure` in place of its own."""
    from pynput._util import win32
    from pynput.mouse import Listener

    class NativeSystemHook(win32.SystemHook):  # type: ignore[misc]  # pynput has no types
        """The hook with the procedure in C; setting and removing it stays pynput's."""

        _handler = win32.SystemHook._HOOKPROC(procedure)

    class NativeListener(Listener):  # type: ignore[misc]  # pynput has no types
        """As pynput's `ListenerMixin._run`, with the other hook and nothing to do for its messages."""

        def _run(self) -> None:
            self._message_loop = win32.MessageLoop()
            with self._receive():
                self._mark_ready()
                self._message_loop.start()
                with NativeSystemHook(self._EVENTS):
                    for _ in self._message_loop:
                        if not self.running:
                            break

    return NativeListener()
