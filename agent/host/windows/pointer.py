"""Windows pointer source: pynput's low-level hook, with raw input beside it as the second witness.

Run under Wine and on scripted messages, never on Windows itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from agent.engine.events import UNKNOWN_SOURCE, Boundary, Cause
from agent.engine.sentence import sentence
from agent.host.api import CannotSee
from agent.host.ring import Ring
from agent.host.windows.elevated_window import ElevatedWindowWatch
from agent.host.windows.hook import HookDecoder
from agent.host.windows.native_hook import CounterClock, NativeHook, native_hook
from agent.host.windows.native_raw_input import NativeRawInput
from agent.host.windows.raw_devices import RawDevices
from agent.host.windows.raw_witness import RawWitness
from agent.host.windows.source_matching import HookEvent
from agent.host.windows.win32 import Win32

_STOP_S: Final = 0.8
_READY_S: Final = 2.0
# Windows removes a slow hook without a word.
_MOST_DEAF: Final = 3
_WAIT_MS: Final = 500
_WAIT_AGAIN_MS: Final = 50
_TOGETHER_S: Final = 0.02
_SILENT: Final = "the mouse hook fell silent while a device moved; it is set again"

_log = logging.getLogger(__name__)

MakeListener = Callable[[Callable[[int, Any], bool]], Any]


def pynput_listener(take: Callable[[int, Any], bool]) -> Any:
    """pynput's listener, which hands every message to `take` first."""
    from pynput.mouse import Listener

    return Listener(win32_event_filter=take)


class WindowsPointer:
    """`PointerSource` by WH_MOUSE_LL and raw input.

    Threads: pynput's thread runs the hook, in which the whole desktop waits. With the procedure in C it only keeps
    what comes, and `steadyhand-hook` decodes it; without, pynput's thread decodes and appends. Raw input has a thread
    in C. A hook that says nothing while devices move is set again within two seconds; what it missed is lost, and
    said.

    Parameters
    ----------
    win32 : Win32
    devices : RawDevices
    make : callable
        Makes the listener where there is no procedure in C.
    clock : callable
        Monotonic nanoseconds.
    find_native : callable
        The hook with its procedure in C; None where there is none.
    find_raw : callable
        Raw input; None where there is none. Used with the procedure in C only, whose stamps can be compared with its
        own.
    elevation : ElevatedWindowWatch, optional
        Notices windows over which nothing can be heard; None where nobody looks.
    """

    def __init__(
        self,
        win32: Win32,
        devices: RawDevices,
        make: MakeListener = pynput_listener,
        clock: Callable[[], int] = time.monotonic_ns,
        find_native: Callable[[], NativeHook | None] = native_hook,
        find_raw: Callable[[], NativeRawInput | None] = lambda: None,
        elevation: ElevatedWindowWatch | None = None,
    ) -> None:
        self._win32 = win32
        self._devices = devices
        self._make = make
        self._clock = clock
        self._find_native = find_native
        self._find_raw = find_raw
        self._elevation = elevation
        self._ring = Ring()
        self._decoder: HookDecoder | None = None
        self._listener: Any = None
        self._native: NativeHook | None = None
        self._witness: RawWitness | None = None
        self._counter_clock: CounterClock | None = None
        self._decoding = threading.Lock()
        self._replacing = threading.Lock()
        self._ended = threading.Event()
        self._seen = 0
        self._cursor = (0, 0)
        self._deaf = 0

    def start(self, ring: Ring) -> None:
        """See `PointerSource.start`."""
        self._ring = ring
        self._win32.be_dpi_aware()
        decoder = HookDecoder(self._hand_on, self._win32.virtual_screen())
        decoder.clock.anchor(self._win32.tick_ms(), self._clock())

        def take(message: int, message_data: Any) -> bool:
            decoder.take(message, message_data)
            return False  # nothing more for pynput to do; the desktop gets the event all the same

        try:
            self._native = self._find_native()
            self._witness = self._begin_raw(ring) if self._native is not None else None
            self._listener = self._make(take) if self._native is None else self._native.make_listener()
            self._listener.start()
            self._listener.wait()
        except (ImportError, OSError) as why:
            if self._witness is not None:
                self._witness.end()
            raise CannotSee(sentence("the mouse hook cannot be set: {why}", why=str(why))) from why
        self._decoder = decoder
        self._cursor = decoder.at = self._win32.cursor()
        if self._native is not None:
            self._counter_clock = CounterClock(*self._native.counter(), self._clock())
            threading.Thread(target=self._follow, name="steadyhand-hook", daemon=True).start()

    def stop(self) -> None:
        """See `PointerSource.stop`."""
        self._ended.set()
        with self._replacing:
            if self._listener is not None:
                _end(self._listener)
        if self._witness is not None:
            self._witness.end()

    def is_alive(self) -> bool:
        """See `PointerSource.is_alive`; while the hook is set again it is alive."""
        if self._listener is None or self._deaf >= _MOST_DEAF:
            return False
        return self._replacing.locked() or bool(self._listener.is_alive())

    def sync(self) -> None:
        """See `PointerSource.sync`. Here the hook's hearing is tested, too, and the monitors are looked at.

        A pointer that moved while the hook heard nothing, several times in a row, means that Windows has
        removed the hook, where raw input has not said so before.
        """
        if self._decoder is None:
            return
        self._take_all(everything=True)
        self._decoder.screen_is(self._win32.virtual_screen())
        cursor = self._win32.cursor()
        heard = self._decoder.seen != self._seen
        missed = not self._is_obstructed() and cursor != self._cursor and not heard
        self._deaf = self._deaf + 1 if missed else 0
        self._seen, self._cursor = self._decoder.seen, cursor

    def _begin_raw(self, ring: Ring) -> RawWitness | None:
        """The second witness; None where there is none, or Windows refuses it."""
        raw_input = self._find_raw()
        self._devices.hears = raw_input is not None and raw_input.begin()
        if raw_input is None or not self._devices.hears:
            _log.warning("raw input is not heard: which mouse moves is not known")
            return None
        return RawWitness(raw_input, self._devices, ring)

    def _hand_on(self, event: HookEvent) -> None:
        if self._witness is not None:
            self._witness.take_event(event)
            return
        t_ns, x, y, kind, button, synthetic, _, _ = event
        self._ring.append(t_ns, x, y, kind, button, UNKNOWN_SOURCE, synthetic)

    def _follow(self) -> None:
        """Decode what the procedure in C keeps, some at a time: a wake-up for each event would cost more than it."""
        native = self._native
        while native is not None and not self._ended.is_set():
            came = native.wait(_WAIT_AGAIN_MS if self._is_urgent() else _WAIT_MS)
            self._take_all()
            if not self._is_obstructed() and self._hook_is_silent() and not self._ended.is_set():
                self._answer_silence()
            if came:
                self._ended.wait(_TOGETHER_S)

    def _is_obstructed(self) -> bool:
        """Whether a window of a higher level hides the mouse; the worker is woken when that begins or ends."""
        if self._elevation is None or self._decoder is None:
            return False
        if self._elevation.look(self._decoder.seen):
            self._ring.wake()
        return bool(self._elevation.obstruction().reason)

    def _is_urgent(self) -> bool:
        """True while an event waits for its device, or the hook says nothing and the pointer has not moved yet."""
        return self._witness is not None and (self._witness.holds or self._hook_is_silent())

    def _hook_is_silent(self) -> bool:
        return self._witness is not None and self._witness.hook_is_silent(self._now_ns())

    def _now_ns(self) -> int:
        """Now, on the clock of the events' stamps."""
        if self._native is None or self._counter_clock is None:
            return self._clock()
        return self._counter_clock.t_ns(self._native.counter()[0])

    def _take_all(self, *, everything: bool = False) -> None:
        decoder, native, counter_clock = self._decoder, self._native, self._counter_clock
        if decoder is None or native is None or counter_clock is None:
            return
        with self._decoding:
            for message, message_data, reading in native.messages():
                decoder.take(message, message_data, counter_clock.t_ns(reading))
            if self._witness is not None:
                self._witness.take_messages(counter_clock)
                self._witness.hand_on(self._now_ns(), everything=everything)

    def _answer_silence(self) -> None:
        """Set the hook again once the pointer is elsewhere than the hook said: at an edge nothing moves."""
        if self._decoder is None or self._witness is None or self._win32.cursor() == self._decoder.at:
            return
        with self._decoding:
            self._witness.restart()
        self._ring.put(Boundary(self._clock(), Cause.CAPTURE_RESTARTED, _SILENT))
        try:
            self._set_hook_again()
        except OSError as why:
            _log.warning("the mouse hook cannot be set again: %s", why)
            self._deaf = _MOST_DEAF

    def _set_hook_again(self) -> None:
        with self._replacing:
            if self._native is None or self._ended.is_set():
                return
            _end(self._listener)
            self._listener = self._native.make_listener()
            self._listener.start()
            self._listener.wait()
            self._deaf = 0
            if self._decoder is not None:
                self._decoder.at = self._win32.cursor()


def _end(listener: Any) -> None:
    listener.stop()
    listener.join(_STOP_S)
    if listener.is_alive():
        _log.warning("the pynput listener did not end within %.1f s", _STOP_S)
