"""X11 pointer source: every mouse event through RECORD, with the devices' raw events as a second witness."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from Xlib.error import ConnectionClosedError

from agent.engine.events import Boundary, Cause
from agent.engine.sentence import sentence
from agent.host.api import CannotSee, CaptureCut
from agent.host.linux.motion_witness import MotionWitness
from agent.host.linux.record import RecordDecoder
from agent.host.linux.xdisplay import (
    WAYLAND_SHOWS_NOBODY,
    is_wayland,
    is_xwayland,
    open_display,
)
from agent.host.linux.xpointers import current_source, device_kinds, follow_current_source, motion_code
from agent.host.ring import Ring
from agent.language.language import mark

if TYPE_CHECKING:
    from agent.host.linux.record_listener import RecordListener

_START_S: Final = 2.0
_SYNC_S: Final = 0.05
_STOP_S: Final = 0.6
_AGAIN_S: Final = 1.0
_HANDED_OVER_S: Final = 0.3
# A server under load may miss one answer; one that misses several sends nothing any more.
_MOST_UNANSWERED: Final = 3
_CUT: Final = mark("the X server closed the connection while capture began")

_log = logging.getLogger(__name__)


class X11Pointer:
    """Captures every mouse event of the X display that the environment names.

    Threads: pynput's listener appends to the ring and does nothing else; a second one wakes at most ten times a
    second while the mouse moves, to hear the devices' raw events and to fetch what the server buffers, and never
    while it rests. Where RECORD falls deaf, which every client can bring about, the raw events
    stand in for it within a second, and RECORD is begun anew until it is heard again.

    Parameters
    ----------
    environ : mapping
        Where DISPLAY, XAUTHORITY and XDG_SESSION_TYPE are looked up.
    clock : callable
        Monotonic nanoseconds.
    """

    def __init__(
        self, environ: Mapping[str, str] = os.environ, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._environ = environ
        self._clock = clock
        self._ring = Ring()
        self._listener: RecordListener | None = None
        self._witness: MotionWitness | None = None
        self._own: Any = None
        self._unanswered = 0
        self._stopping = threading.Event()
        self._deaf = threading.Event()
        self._restarts: threading.Thread | None = None

    def start(self, ring: Ring) -> None:
        """See `PointerSource.start`."""
        self._ring = ring
        try:
            self._begin()
        except CannotSee:
            self.stop()
            raise
        except ConnectionClosedError as why:
            self.stop()
            raise CaptureCut(_CUT) from why

    def stop(self) -> None:
        """See `PointerSource.stop`."""
        self._stopping.set()
        self._deaf.set()
        for part in (self._witness, self._listener, self._own):
            if part is not None:
                _end(part)
        if self._restarts is not None:
            self._restarts.join(0.2)

    def _begin(self) -> None:
        if is_wayland(self._environ):
            raise CannotSee(WAYLAND_SHOWS_NOBODY)
        self._own = open_display(self._environ)
        demand(self._own)
        follow_current_source(self._own)
        listener = self._new_listener()
        witness = self._witness = MotionWitness(
            open_display(self._environ),
            self._ring,
            lambda: self._decoder(listener),
            self._fell_deaf,
            self._devices_changed,
        )
        witness.start()
        self._restarts = threading.Thread(
            target=self._begin_record_anew, name="steadyhand-record-again", daemon=True
        )
        self._restarts.start()

    def _new_listener(self, *, held: bool = False) -> RecordListener:
        """A listener that hears; what it hears waits where `held`. Raises `CannotSee` where RECORD does not work."""
        try:
            # Only here: pynput looks for a display when it is imported.
            from agent.host.linux.record_listener import RecordListener
        except ImportError as why:
            raise CannotSee(sentence("pynput cannot be loaded: {why}", why=str(why))) from why
        display = open_display(self._environ)
        listener = RecordListener(self._ring, display, self._own, self._record_ended, self._clock)
        listener.decoder.masters, listener.decoder.xtest = device_kinds(self._own)
        listener.decoder.device_motion = motion_code(self._own)
        listener.decoder.source_is(current_source(self._own))
        if held:
            listener.decoder.hold_back()
        # From its first event on it is the one that the witness compares with: nothing is told twice.
        self._listener = listener
        listener.start()
        if not listener.began.wait(_START_S / 2) or not listener.fence(_START_S / 2):
            was_cut = not listener.is_alive()
            _end(listener)
            if was_cut:
                raise CaptureCut(_CUT)
            raise CannotSee(mark("the X server accepts RECORD but sends nothing: restart the session"))
        listener.decoder.source_is(current_source(self._own))
        return listener

    def is_alive(self) -> bool:
        """See `PointerSource.is_alive`: while either of the two that hear does."""
        return (
            self._unanswered < _MOST_UNANSWERED
            and self._listener is not None
            and self._witness is not None
            and self._witness.is_alive()
        )

    def sync(self) -> None:
        """See `PointerSource.sync`."""
        if self._listener is None or not self._listener.is_alive() or self._deaf.is_set():
            return
        try:
            answered = self._listener.fence(_SYNC_S)
            self._unanswered = 0 if answered else self._unanswered + 1
        except ConnectionClosedError:
            self._unanswered = _MOST_UNANSWERED
            _log.info("the X server has gone")

    def _decoder(self, first: RecordListener) -> RecordDecoder:
        return (self._listener or first).decoder

    def _fell_deaf(self) -> None:
        """The devices move and RECORD says nothing. Witness thread."""
        why = (
            "the X server's RECORD fell silent while the mouse moved; the devices' raw events stand in for it"
        )
        self._say_deaf(why)

    def _record_ended(self) -> None:
        """RECORD ended, whoever asked for that. Listener thread."""
        if not self._stopping.is_set():
            self._say_deaf("the X server's RECORD was ended; the devices' raw events stand in for it")

    def _say_deaf(self, why: str) -> None:
        if not self._deaf.is_set():
            self._ring.put(Boundary(self._clock(), Cause.CAPTURE_RESTARTED, why))
            self._deaf.set()

    def _begin_record_anew(self) -> None:
        """Begin RECORD anew whenever it fell deaf, at most once a second."""
        while True:
            self._deaf.wait()
            if self._stopping.wait(_AGAIN_S) or self._witness is None or not self._witness.is_alive():
                return  # the server has gone: whoever looks after this source makes another one
            before = self._listener
            if before is not None:
                _end(before)
            try:
                # Until the witness, which looks ten times a second, has handed over what moved before.
                listener = self._new_listener(held=True)
            except (CannotSee, ConnectionClosedError) as why:
                _log.warning("RECORD does not begin anew: %s", why)
                continue
            self._unanswered = 0
            self._deaf.clear()
            if not listener.is_alive():
                self._record_ended()  # before the word that it may be deaf again was taken back
            self._stopping.wait(_HANDED_OVER_S)
            listener.decoder.release()

    def _devices_changed(self) -> None:
        """A device came or went: ask over a connection of its own. Witness thread."""
        try:
            with closing(open_display(self._environ)) as display:
                display.xinput_query_version()
                if self._listener is not None:
                    decoder = self._listener.decoder
                    decoder.masters, decoder.xtest = device_kinds(display)
                if self._witness is not None:
                    self._witness.devices_are(display)
        except (CannotSee, ConnectionClosedError) as why:
            _log.info("the X server does not tell its devices: %s", why)


def _end(part: Any) -> None:
    """Close one connection, or end one thread, also where the server has gone."""
    try:
        if isinstance(part, MotionWitness):
            part.stop()
        elif not hasattr(part, "end"):
            part.close()
        elif not part.end(_STOP_S):
            _log.warning("the pynput listener did not end within %.1f s", _STOP_S)
    except ConnectionClosedError:
        _log.info("the X server had gone before capture was stopped")


def demand(display: Any) -> None:
    """Raise `CannotSee` if this server cannot show the whole desktop's mouse."""
    for extension in ("RECORD", "XInputExtension"):
        if not display.has_extension(extension):
            raise CannotSee(
                sentence(
                    "the X server lacks its {extension} extension: load it in the server's configuration",
                    extension=extension,
                )
            )
    display.xinput_query_version()
    if is_xwayland(display):
        raise CannotSee(
            mark(
                "this is XWayland, which shows its own windows only: log in with an X11 session, or run Steadyhand in "
                "the Wayland session itself"
            )
        )
