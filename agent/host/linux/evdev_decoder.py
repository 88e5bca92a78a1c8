"""What the kernel says of one mouse, as mouse events. Pure."""

from __future__ import annotations

from typing import Final

from agent.engine.events import Button, EventKind
from agent.host.linux.input_codes import (
    BTN_LEFT,
    EV_KEY,
    EV_REL,
    EV_SYN,
    REL_HWHEEL,
    REL_WHEEL,
    REL_X,
    REL_Y,
    SYN_REPORT,
)
from agent.host.ring import Ring

# A wheel turns by a step or two between two reports; a device that claims thousands must not fill the ring with them.
_MOST_STEPS: Final = 32
_BUTTONS: Final = {
    BTN_LEFT: Button.LEFT,
    0x111: Button.RIGHT,
    0x112: Button.MIDDLE,
    0x113: Button.BACK,
    0x114: Button.FORWARD,
}
_WHEELS: Final = {
    REL_WHEEL: (Button.SCROLL_DOWN, Button.SCROLL_UP),
    REL_HWHEEL: (Button.SCROLL_LEFT, Button.SCROLL_RIGHT),
}


class SeatPointer:
    """Where all the mice of one seat have got to together, in counts, and which buttons they hold."""

    def __init__(self) -> None:
        self.x = 0.0
        self.y = 0.0
        self.held: set[tuple[int, int]] = set()


class EvdevDecoder:
    """Turns the reports of one device into events in a ring.

    The position is the sum of the counts since capture began: not accelerated, not bounded by a screen, and
    without meaning of its own. A wheel's high-resolution steps are left out; whole steps come beside them.

    Parameters
    ----------
    ring : Ring
    pointer : SeatPointer
        Shared by the devices of one seat.
    source : int
        The device's number.
    synthetic : bool
        True where a program made the device (uinput).
    """

    def __init__(self, ring: Ring, pointer: SeatPointer, source: int, synthetic: bool) -> None:
        self._ring = ring
        self._pointer = pointer
        self._source = source
        self._synthetic = synthetic
        self._dx = self._dy = 0
        self._waiting: list[tuple[EventKind, Button]] = []

    def take(self, kind: int, code: int, amount: int, t_ns: int) -> None:
        """Account for one `input_event`. Pointer thread."""
        if kind == EV_REL:
            self._relative(code, amount)
        elif kind == EV_KEY and code in _BUTTONS and amount in (0, 1):
            self._button(code, amount == 1)
        elif kind == EV_SYN and code == SYN_REPORT:
            self._report(t_ns)

    def drop(self) -> None:
        """Forget the report under way and this device's buttons: the kernel lost some of its events."""
        self._dx = self._dy = 0
        self._waiting.clear()
        self._pointer.held -= {held for held in self._pointer.held if held[0] == self._source}

    def _relative(self, code: int, amount: int) -> None:
        if code == REL_X:
            self._dx += amount
        elif code == REL_Y:
            self._dy += amount
        elif code in _WHEELS:
            steps = min(abs(amount), _MOST_STEPS)
            self._waiting += [(EventKind.SCROLL, _WHEELS[code][amount > 0])] * steps

    def _button(self, code: int, down: bool) -> None:
        held = (self._source, code)
        if down:
            self._pointer.held.add(held)
        else:
            self._pointer.held.discard(held)
        self._waiting.append((EventKind.PRESS if down else EventKind.RELEASE, _BUTTONS[code]))

    def _report(self, t_ns: int) -> None:
        pointer = self._pointer
        if self._dx or self._dy:
            pointer.x += self._dx
            pointer.y += self._dy
            # A press in the same report comes after the movement: until then it was no drag.
            pressed = sum(kind is EventKind.PRESS for kind, _ in self._waiting)
            dragging = len(pointer.held) > pressed
            self._put(t_ns, EventKind.DRAG if dragging else EventKind.MOVE, Button.NONE)
        for kind, button in self._waiting:
            self._put(t_ns, kind, button)
        self._dx = self._dy = 0
        self._waiting.clear()

    def _put(self, t_ns: int, kind: EventKind, button: Button) -> None:
        pointer = self._pointer
        self._ring.append(t_ns, pointer.x, pointer.y, kind, button, self._source, self._synthetic)
