"""Mouse events of a macOS desktop, through pynput's event tap, with the events' own time stamps.

This was not run on macOS: the decoding is tested with scripted events.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from agent.engine.events import UNKNOWN_SOURCE, Button, EventKind
from agent.engine.sentence import sentence
from agent.host.api import CannotSee
from agent.host.macos.quartz import Quartz
from agent.host.ring import Ring
from agent.language.language import mark

# CGEventType
_PRESSES: Final = {1: Button.LEFT, 3: Button.RIGHT, 25: None}
_RELEASES: Final = {2: Button.LEFT, 4: Button.RIGHT, 26: None}
_MOVE: Final = 5
_DRAGS: Final = frozenset((6, 7, 27))
_WHEEL: Final = 22
# CGEventField
_BUTTON_NUMBER: Final = 3
_WHEELS: Final = (
    (11, Button.SCROLL_DOWN, Button.SCROLL_UP),
    (12, Button.SCROLL_RIGHT, Button.SCROLL_LEFT),
)
_SENDER_PID: Final = 41
_OTHERS: Final = {2: Button.MIDDLE, 3: Button.BACK, 4: Button.FORWARD}

_STOP_S: Final = 0.8

_log = logging.getLogger(__name__)

MakeListener = Callable[[Callable[[int, Any], Any]], Any]


class TapDecoder:
    """Appends the events of a CGEventTap to a ring."""

    def __init__(self, ring: Ring, quartz: Quartz) -> None:
        self._append = ring.append
        self._quartz = quartz

    def take(self, kind: int, event: Any) -> Any:
        """Append one event and hand it back. Tap thread: the desktop waits for it."""
        quartz = self._quartz
        t_ns, (x, y) = quartz.time_ns(event), quartz.location(event)
        synthetic = quartz.field(event, _SENDER_PID) != 0
        for meaning, button in self._meanings(kind, event):
            self._append(t_ns, x, y, meaning, button, UNKNOWN_SOURCE, synthetic)
        return event

    def _meanings(self, kind: int, event: Any) -> list[tuple[EventKind, int]]:
        if kind == _MOVE:
            return [(EventKind.MOVE, 0)]
        if kind in _DRAGS:
            return [(EventKind.DRAG, 0)]
        if kind in _PRESSES:
            return [(EventKind.PRESS, _PRESSES[kind] or self._other(event))]
        if kind in _RELEASES:
            return [(EventKind.RELEASE, _RELEASES[kind] or self._other(event))]
        if kind == _WHEEL:
            turned = [(self._quartz.field(event, f), back, forth) for f, back, forth in _WHEELS]
            return [
                (EventKind.SCROLL, forth if lines > 0 else back) for lines, back, forth in turned if lines
            ]
        return []

    def _other(self, event: Any) -> int:
        number = self._quartz.field(event, _BUTTON_NUMBER)
        return _OTHERS.get(number, number + 5)


def pynput_listener(take: Callable[[int, Any], Any]) -> Any:
    """pynput's listener, which hands every event to `take` first."""
    from pynput.mouse import Listener

    return Listener(darwin_intercept=take)


class MacPointer:
    """`PointerSource` by an event tap.

    Threads: pynput's thread runs the tap; it appends and returns.
    """

    def __init__(self, quartz: Quartz, make: MakeListener = pynput_listener) -> None:
        self._quartz = quartz
        self._make = make
        self._listener: Any = None

    def start(self, ring: Ring) -> None:
        """See `PointerSource.start`."""
        try:
            listener = self._make(TapDecoder(ring, self._quartz).take)
        except ImportError as why:
            raise CannotSee(sentence("pynput cannot be loaded: {why}", why=str(why))) from why
        # Without permission the tap is refused, and pynput's thread ends without a word.
        if not getattr(listener, "IS_TRUSTED", True):
            raise CannotSee(
                mark(
                    "macOS does not let Steadyhand see the mouse: allow it in System Settings under "
                    "Privacy & Security, Accessibility (if it is listed, remove it first), then start it again"
                )
            )
        listener.start()
        listener.wait()
        self._listener = listener

    def stop(self) -> None:
        """See `PointerSource.stop`."""
        if self._listener is not None:
            self._listener.stop()
            self._listener.join(_STOP_S)
            if self._listener.is_alive():
                _log.warning("the pynput listener did not end within %.1f s", _STOP_S)

    def is_alive(self) -> bool:
        """See `PointerSource.is_alive`."""
        return self._listener is not None and bool(self._listener.is_alive())

    def sync(self) -> None:
        """See `PointerSource.sync`: nothing is buffered."""
