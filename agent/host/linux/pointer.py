"""Mouse events of an X11 desktop, through pynput, with the X server's own time stamps."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from agent.host.api import CannotSee
from agent.host.linux.xdisplay import is_xtest, is_xwayland, open_display, pointer_devices
from agent.host.linux.xwatch import MotionWatch
from agent.host.ring import Ring

if TYPE_CHECKING:
    from agent.host.linux.record_listener import RecordListener

# XI 1's DeviceMotionNotify, counted from the extension's first event; XI 2's class of devices that are touched.
_DEVICE_MOTION: Final = 5
_TOUCH_CLASS: Final = 8

_START_S: Final = 2.0
_SYNC_S: Final = 0.05
_STOP_S: Final = 0.6
# A server under load may miss one answer; one that misses several sends nothing any more.
_MOST_UNANSWERED: Final = 3

_log = logging.getLogger(__name__)


class X11Pointer:
    """Captures every mouse event of the X display that the environment names.

    Threads: pynput's listener appends to the ring and does nothing else; a second one wakes at most ten
    times a second while the mouse moves, to fetch what the server buffers, and never while it rests.

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
        self._listener: RecordListener | None = None
        self._watch: MotionWatch | None = None
        self._own: Any = None
        self._unanswered = 0

    def start(self, ring: Ring) -> None:
        """See `PointerSource.start`."""
        try:
            self._begin(ring)
        except CannotSee:
            self.stop()
            raise

    def stop(self) -> None:
        """See `PointerSource.stop`."""
        for part in (self._watch, self._listener, self._own):
            if part is not None:
                _end(part)

    def _begin(self, ring: Ring) -> None:
        self._own = open_display(self._environ)
        demand(self._own)
        try:
            from agent.host.linux.record_listener import RecordListener
        except ImportError as why:
            raise CannotSee(f"pynput cannot be loaded: {why}") from why
        watch = self._watch = MotionWatch(open_display(self._environ))
        watch.select()
        listener = self._listener = RecordListener(ring, watch.display, self._own, self._clock)
        listener.decoder.masters, listener.decoder.xtest = _kinds(self._own)
        listener.decoder.device_motion = motion_code(self._own)
        listener.start()
        if not listener.began.wait(_START_S / 2) or not listener.fence(_START_S / 2):
            raise CannotSee("the X server accepts RECORD but sends nothing: restart the session")
        listener.decoder.source_is(_current_source(self._own))
        watch.start(lambda: self._devices_changed(listener))

    def is_alive(self) -> bool:
        """See `PointerSource.is_alive`."""
        return (
            self._unanswered < _MOST_UNANSWERED
            and self._listener is not None
            and self._listener.is_alive()
            and self._watch is not None
            and self._watch.is_alive()
        )

    def sync(self) -> None:
        """See `PointerSource.sync`."""
        from Xlib.error import ConnectionClosedError

        if self._listener is None or not self._listener.is_alive():
            return
        try:
            answered = self._listener.fence(_SYNC_S)
            self._unanswered = 0 if answered else self._unanswered + 1
        except ConnectionClosedError:
            self._unanswered = _MOST_UNANSWERED
            _log.info("the X server has gone")

    def _devices_changed(self, listener: RecordListener) -> None:
        """A device came or went. Watch thread, on its own connection."""
        assert self._watch is not None
        listener.decoder.masters, listener.decoder.xtest = _kinds(self._watch.display)


def _end(part: Any) -> None:
    """Close one connection, or end one thread, also where the server has gone."""
    from Xlib.error import ConnectionClosedError

    try:
        if isinstance(part, MotionWatch):
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
                f"the X server lacks its {extension} extension: load it in the server's configuration"
            )
    display.xinput_query_version()
    if is_xwayland(display):
        raise CannotSee(
            "this is XWayland, which shows its own windows only: log in with an X11 session, or add "
            "the user to the group input (which lets programs read the keyboard as well)"
        )


def motion_code(display: Any) -> int:
    """The code of XI 1's DeviceMotionNotify; 0 with a touch screen, whose pointer moves without such an event."""
    from Xlib.ext import xinput

    if any(c.type == _TOUCH_CLASS for device in pointer_devices(display) for c in device.classes):
        return 0
    return int(display.query_extension(xinput.extname).first_event) + _DEVICE_MOTION


def _kinds(display: Any) -> tuple[frozenset[int], frozenset[int]]:
    """Device numbers of the master pointers and of the XTEST pointers."""
    from Xlib.ext.xinput import MasterPointer

    devices = pointer_devices(display)
    masters = frozenset(d.deviceid for d in devices if d.use == MasterPointer)
    return masters, frozenset(d.deviceid for d in devices if is_xtest(d))


def _current_source(display: Any) -> int:
    """The device that drove the pointer last: a master's classes are copied from it."""
    from Xlib.ext.xinput import MasterPointer

    masters = [d for d in pointer_devices(display) if d.use == MasterPointer]
    sources = [c.sourceid for d in masters[:1] for c in d.classes if c.sourceid != d.deviceid]
    return int(sources[0]) if sources else -1
