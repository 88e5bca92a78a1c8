"""Mouse events of a Windows desktop, through pynput's low-level hook, with the hook's own time stamps.

This was not run on Windows: the decoding is tested with scripted messages.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from agent.engine.sentence import sentence
from agent.host.api import CannotSee
from agent.host.ring import Ring
from agent.host.windows.hook import HookDecoder
from agent.host.windows.win32 import Win32

_STOP_S: Final = 0.8
_READY_S: Final = 2.0
# Windows removes a slow hook without a word; over windows of administrators no hook hears anything.
_MOST_DEAF: Final = 5

_log = logging.getLogger(__name__)

MakeListener = Callable[[Callable[[int, Any], bool]], Any]


def pynput_listener(take: Callable[[int, Any], bool]) -> Any:
    """pynput's listener, which hands every message to `take` first."""
    from pynput.mouse import Listener

    return Listener(win32_event_filter=take)


class WindowsPointer:
    """`PointerSource` by WH_MOUSE_LL.

    Threads: pynput's thread runs the hook, in which the whole desktop waits; it appends and returns.

    Parameters
    ----------
    win32 : Win32
    make : callable
        Makes the listener.
    clock : callable
        Monotonic nanoseconds.
    """

    def __init__(
        self,
        win32: Win32,
        make: MakeListener = pynput_listener,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._win32 = win32
        self._make = make
        self._clock = clock
        self._decoder: HookDecoder | None = None
        self._listener: Any = None
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
            self._listener = self._make(take)
            self._listener.start()
            self._listener.wait()
        except (ImportError, OSError) as why:
            raise CannotSee(sentence("the mouse hook cannot be set: {why}", why=str(why))) from why
        self._decoder = decoder
        self._cursor = self._win32.cursor()

    def stop(self) -> None:
        """See `PointerSource.stop`."""
        if self._listener is not None:
            self._listener.stop()
            self._listener.join(_STOP_S)
            if self._listener.is_alive():
                _log.warning("the pynput listener did not end within %.1f s", _STOP_S)

    def is_alive(self) -> bool:
        """See `PointerSource.is_alive`."""
        return self._listener is not None and self._listener.is_alive() and self._deaf < _MOST_DEAF

    def sync(self) -> None:
        """See `PointerSource.sync`. Nothing is buffered; here the hook's hearing is tested.

        A pointer that moved while the hook heard nothing, several times in a row, means that Windows has
        removed the hook.
        """
        if self._decoder is None:
            return
        cursor = self._win32.cursor()
        heard = self._decoder.seen != self._seen
        self._deaf = self._deaf + 1 if cursor != self._cursor and not heard else 0
        self._seen, self._cursor = self._decoder.seen, cursor
