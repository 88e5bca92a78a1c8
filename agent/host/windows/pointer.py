"""Mouse events of a Windows desktop, through pynput's low-level hook, with the hook's own time stamps.

Run under Wine and on scripted messages, never on Windows itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from agent.engine.sentence import sentence
from agent.host.api import CannotSee
from agent.host.ring import Ring
from agent.host.windows.hook import HookDecoder
from agent.host.windows.native_hook import CounterClock, NativeHook, native_hook
from agent.host.windows.win32 import Win32

_STOP_S: Final = 0.8
_READY_S: Final = 2.0
# Windows removes a slow hook without a word; over windows of administrators no hook hears anything.
_MOST_DEAF: Final = 3
_WAIT_MS: Final = 500
_TOGETHER_S: Final = 0.02

_log = logging.getLogger(__name__)

MakeListener = Callable[[Callable[[int, Any], bool]], Any]


def pynput_listener(take: Callable[[int, Any], bool]) -> Any:
    """pynput's listener, which hands every message to `take` first."""
    from pynput.mouse import Listener

    return Listener(win32_event_filter=take)


class WindowsPointer:
    """`PointerSource` by WH_MOUSE_LL.

    Threads: pynput's thread runs the hook, in which the whole desktop waits. With the procedure in C it only keeps what
    comes, and `steadyhand-hook` decodes it; without, pynput's thread decodes and appends.

    Parameters
    ----------
    win32 : Win32
    make : callable
        Makes the listener where there is no procedure in C.
    clock : callable
        Monotonic nanoseconds.
    find_native : callable
        The hook with its procedure in C; None where there is none.
    """

    def __init__(
        self,
        win32: Win32,
        make: MakeListener = pynput_listener,
        clock: Callable[[], int] = time.monotonic_ns,
        find_native: Callable[[], NativeHook | None] = native_hook,
    ) -> None:
        self._win32 = win32
        self._make = make
        self._clock = clock
        self._find_native = find_native
        self._decoder: HookDecoder | None = None
        self._listener: Any = None
        self._native: NativeHook | None = None
        self._counter_clock: CounterClock | None = None
        self._decoding = threading.Lock()
        self._ended = threading.Event()
        self._seen = 0
        self._cursor = (0, 0)
        self._deaf = 0

    def start(self, ring: Ring) -> None:
        """See `PointerSource.start`."""
        self._win32.be_dpi_aware()
        decoder = HookDecoder(ring, self._win32)
        decoder.clock.anchor(self._win32.tick_ms(), self._clock())

        def take(message: int, message_data: Any) -> bool:
            decoder.take(message, message_data)
            return False  # nothing more for pynput to do; the desktop gets the event all the same

        try:
            self._native = self._find_native()
            self._listener = self._make(take) if self._native is None else self._native.make_listener()
            self._listener.start()
            self._listener.wait()
        except (ImportError, OSError) as why:
            raise CannotSee(sentence("the mouse hook cannot be set: {why}", why=str(why))) from why
        self._decoder = decoder
        self._cursor = self._win32.cursor()
        if self._native is not None:
            self._counter_clock = CounterClock(*self._native.counter(), self._clock())
            threading.Thread(target=self._follow, name="steadyhand-hook", daemon=True).start()

    def stop(self) -> None:
        """See `PointerSource.stop`."""
        self._ended.set()
        if self._listener is not None:
            self._listener.stop()
            self._listener.join(_STOP_S)
            if self._listener.is_alive():
                _log.warning("the pynput listener did not end within %.1f s", _STOP_S)

    def is_alive(self) -> bool:
        """See `PointerSource.is_alive`."""
        return self._listener is not None and self._listener.is_alive() and self._deaf < _MOST_DEAF

    def sync(self) -> None:
        """See `PointerSource.sync`. Here the hook's hearing is tested, too.

        A pointer that moved while the hook heard nothing, several times in a row, means that Windows has
        removed the hook.
        """
        if self._decoder is None:
            return
        self._take_all()
        cursor = self._win32.cursor()
        heard = self._decoder.seen != self._seen
        self._deaf = self._deaf + 1 if cursor != self._cursor and not heard else 0
        self._seen, self._cursor = self._decoder.seen, cursor

    def _follow(self) -> None:
        """Decode what the procedure in C keeps, some at a time: a wake-up for each event would cost more than it."""
        native = self._native
        while native is not None and not self._ended.is_set():
            if native.wait(_WAIT_MS):
                self._take_all()
                self._ended.wait(_TOGETHER_S)

    def _take_all(self) -> None:
        decoder, native, counter_clock = self._decoder, self._native, self._counter_clock
        if decoder is None or native is None or counter_clock is None:
            return
        with self._decoding:
            for message, message_data, reading in native.messages():
                decoder.take(message, message_data, counter_clock.t_ns(reading))
