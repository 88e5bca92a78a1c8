"""Raw motion decoder: turns XInput2's raw events into events of the ring. Pure: bytes in, events out.

The second witness beside RECORD: other clients can take RECORD away, and cannot take these. They tell the device's own
movement after the server's acceleration, so that its sum from a known place is where the pointer is.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from agent.engine.events import EventKind
from agent.host.ring import Ring
from agent.host.tickclock import TickClock

# XIRawEvent (XI2 protocol): type, extension, sequence, length, evtype, deviceid, time, detail, sourceid, mask words.
_HEAD: Final = struct.Struct("=B3xIHHIIHH8x")
_GENERIC_EVENT: Final = 35
_REPLY: Final = 1
_MOTION_HINT: Final = 6
_HIERARCHY_CHANGED: Final = 11
_RAW_PRESS: Final = 15
_RAW_RELEASE: Final = 16
_RAW_MOTION: Final = 17
_KINDS: Final = frozenset((_RAW_PRESS, _RAW_RELEASE, _RAW_MOTION))
_FRACTION: Final = 1 << 32
_SCROLL: Final = frozenset((4, 5, 6, 7))
_X_AND_Y: Final = 3


class RawEvent(NamedTuple):
    """One raw event; of a motion, `axes` are x and y, NaN where one is not told."""

    kind: int
    time_ms: int
    detail: int
    source: int
    axes: tuple[float, float]


class HeardInput(NamedTuple):
    """What a connection heard: raw pointer events, a motion hint, devices that came or went, an incomplete message."""

    events: list[RawEvent]
    hinted: bool
    devices_changed: bool
    incomplete: bytes


@dataclass(frozen=True, slots=True)
class AxisRange:
    """The range of an absolute device's axis: a tablet tells where it is and not how far it moved."""

    least: float
    most: float


def split_stream(stream: bytes) -> HeardInput:
    """Take apart what the server sent; other events and replies are left out."""
    events: list[RawEvent] = []
    hinted = devices_changed = False
    at = 0
    while len(stream) - at >= _HEAD.size:
        code, words, evtype, _, time_ms, detail, source, mask_words = _HEAD.unpack_from(stream, at)
        code &= 0x7F
        end = at + 32 + (4 * words if code in (_GENERIC_EVENT, _REPLY) else 0)
        if end > len(stream):
            break
        if code == _GENERIC_EVENT and evtype in _KINDS:
            axes = _first_two(stream, at + 32, mask_words, end) if evtype == _RAW_MOTION else (0.0, 0.0)
            events.append(RawEvent(evtype, time_ms, detail, source, axes))
        hinted |= code == _MOTION_HINT
        devices_changed |= code == _GENERIC_EVENT and evtype == _HIERARCHY_CHANGED
        at = end
    return HeardInput(events, hinted, devices_changed, stream[at:])


def is_motion(event: RawEvent) -> bool:
    """True where the pointer moved: a wheel's fine steps are raw motion on other axes."""
    return event.kind == _RAW_MOTION and not all(map(math.isnan, event.axes))


def is_later(time_ms: int, than_ms: int) -> bool:
    """True where one time of the server, which wraps at 32 bits, comes after another."""
    return 0 < (time_ms - than_ms) % (1 << 32) < 1 << 31


def _first_two(stream: bytes, at: int, mask_words: int, end: int) -> tuple[float, float]:
    """The axes of the first two axes; NaN for an axis that the event does not tell."""
    mask = stream[at] if mask_words else 0
    place = at + 4 * mask_words
    axes = [float("nan"), float("nan")]
    for axis in (0, 1):
        if mask >> axis & 1 and place + 8 <= end:
            whole, fraction = struct.unpack_from("=iI", stream, place)
            axes[axis] = whole + fraction / _FRACTION
            place += 8
    return axes[0], axes[1]


class RawMotionDecoder:
    """Appends raw events to a ring, as RECORD would have told them.

    Parameters
    ----------
    ring : Ring
    clock : TickClock
        The server's time.
    size : tuple of int
        Of the screen, px: the pointer stays inside.
    xtest : frozenset of int
        Numbers of the devices through which programs move the mouse.
    absolute : mapping
        Ranges of x and y of the devices that tell where they are.
    buttons : sequence of int
        What each physical button means, from the first.
    """

    def __init__(
        self,
        ring: Ring,
        clock: TickClock,
        size: tuple[int, int],
        xtest: frozenset[int],
        absolute: Mapping[int, tuple[AxisRange, AxisRange]],
        buttons: tuple[int, ...],
    ) -> None:
        self._ring = ring
        self._clock = clock
        self._size = size
        self._xtest = xtest
        self._absolute = absolute
        self._buttons = buttons
        self._x = self._y = 0.0
        self._down = 0

    def devices_are(self, xtest: frozenset[int], absolute: Mapping[int, tuple[AxisRange, AxisRange]]) -> None:
        """Take other devices from now on, in the meaning of the parameters."""
        self._xtest, self._absolute = xtest, absolute

    def start_at(self, x: int, y: int) -> None:
        """Say where the pointer is, as the server counts it."""
        self._x, self._y = float(x), float(y)

    def take(self, event: RawEvent) -> None:
        """Append one event."""
        t_ns, synthetic = self._clock.t_ns(event.time_ms), event.source in self._xtest
        if event.kind == _RAW_MOTION:
            if not is_motion(event):
                return
            if not synthetic:
                self._move(event)  # whether XTEST tells of a place or a distance is not in the event
            kind, button = (EventKind.DRAG if self._down else EventKind.MOVE), 0
        else:
            meaning = self._meaning(event.detail)
            for kind, button in self._button(meaning, pressed=event.kind == _RAW_PRESS):
                self._append(t_ns, kind, button, event.source, synthetic=synthetic)
            return
        self._append(t_ns, kind, button, event.source, synthetic=synthetic)

    def _append(self, t_ns: int, kind: EventKind, button: int, source: int, *, synthetic: bool) -> None:
        self._ring.append(t_ns, int(self._x), int(self._y), kind, button, source, synthetic)

    def _move(self, event: RawEvent) -> None:
        ranges = self._absolute.get(event.source)
        x, y = event.axes
        if ranges is None:
            x, y = self._x + _or_zero(x), self._y + _or_zero(y)
        else:
            x = _scaled(x, ranges[0], self._size[0], self._x)
            y = _scaled(y, ranges[1], self._size[1], self._y)
        self._x = min(max(x, 0.0), self._size[0] - 1.0)
        self._y = min(max(y, 0.0), self._size[1] - 1.0)

    def _meaning(self, detail: int) -> int:
        return self._buttons[detail - 1] if 0 < detail <= len(self._buttons) else detail

    def _button(self, number: int, *, pressed: bool) -> Iterator[tuple[EventKind, int]]:
        if number in _SCROLL:
            if pressed:
                yield EventKind.SCROLL, number
            return
        self._down = self._down | 1 << number if pressed else self._down & ~(1 << number)
        yield (EventKind.PRESS if pressed else EventKind.RELEASE), number


def _or_zero(distance: float) -> float:
    return 0.0 if math.isnan(distance) else distance


def _scaled(place: float, axis: AxisRange, size: int, before: float) -> float:
    if math.isnan(place) or axis.most <= axis.least:
        return before
    return (place - axis.least) / (axis.most - axis.least) * (size - 1)
