"""RECORD decoder: turns what X's RECORD extension tells into events of the ring. Pure: bytes in, events out."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from agent.engine.events import UNKNOWN_SOURCE, EventKind
from agent.host.linux.held_events import HeldEvents
from agent.host.ring import Ring
from agent.host.tickclock import TickClock

# Core pointer events: type, detail, time, root_x, root_y, state (X11 protocol, appendix B); the last byte, which these
# do not use, is the device in XI 1's device events, which otherwise look alike (XI protocol, deviceKeyButtonPointer).
_CORE: Final = struct.Struct("=BB2xI12xhh4xHxB")
# The head of XI_DeviceChanged: type, evtype, deviceid, time, sourceid (XI2 protocol).
_CHANGED: Final = struct.Struct("=B7xHHI2xH12x")

# The head of XTEST's FakeInput: major, minor, length, event type, detail, delay in ms (XTEST protocol).
_FAKE_INPUT: Final = struct.Struct("=BBHBB2xI")
_FAKE_MINOR: Final = 2
# XI 1's DeviceButtonPress, DeviceButtonRelease and DeviceMotionNotify, counted from DeviceMotionNotify.
_XI_KINDS: Final = {-2: 4, -1: 5, 0: 6}
# The server makes the event while it serves the request; its clock may step once meanwhile.
_FAKE_MS: Final = 2

_REPLY: Final = 1
_BUTTON_PRESS: Final = 4
_BUTTON_RELEASE: Final = 5
_MOTION_NOTIFY: Final = 6
_GENERIC_EVENT: Final = 35
_XI_DEVICE_CHANGED: Final = 1

_SENT: Final = 0x80
_DEVICE: Final = 0x7F
_BUTTONS_1_TO_3: Final = 0x700
_SCROLL: Final = frozenset((4, 5, 6, 7))
# A window manager or a game may put the pointer somewhere now and then; a program that moves it does so on and on.
LEAST_WARPS: Final = 3


class RecordDecoder:
    """Appends the pointer events in RECORD's data to a ring.

    RECORD tells four things in one order: the pointer's core events; before each motion that a device made, that
    device's own event of XI 1; the XI_DeviceChanged events that say which device drives the pointer from now on; and
    the replies to our own round trips, which prove that everything before them has arrived.

    A motion without a device's event before it is a warp: a program put the pointer there (XWarpPointer).

    Programs can also have XTEST make events in the name of a real device. RECORD tells the request before the event
    that it makes, in the same millisecond: that event is a program's, whatever device it names.

    Parameters
    ----------
    ring : Ring
    fence : callable
        Called for each reply to a round trip of ours.

    Attributes
    ----------
    masters, xtest : frozenset of int
        Numbers of the devices that are no hardware.
    device_motion : int
        Code of XI 1's DeviceMotionNotify on this server; 0 where it is not recorded: then warps are not known.
    xtest_major : int
        XTEST's number on this server; 0 where it has none.
    xi_motion : int
        Code of XI 1's DeviceMotionNotify, recorded or not.
    motions : int
        How many motions were told since the beginning.
    place : tuple of int
        Where the pointer was told to be last, px.
    told_ms : int
        The server's time of the last event that was told.
    began_ms : int or None
        The server's time from which on everything is told; None before.
    held : HeldEvents or None
        What was told, while it may not be in the ring yet; None once it may.
    """

    def __init__(self, ring: Ring, fence: Callable[[], None]) -> None:
        self.clock = TickClock()
        self.masters: frozenset[int] = frozenset()
        self.xtest: frozenset[int] = frozenset()
        self.source = UNKNOWN_SOURCE
        self.device_motion = 0
        self.xtest_major = 0
        self.xi_motion = 0
        self.motions = 0
        self.place = (0, 0)
        self.told_ms = 0
        self.began_ms: int | None = None
        self._faked_ms: dict[int, int] = {}
        self._changed = False
        self.held: HeldEvents | None = None
        self._ring = ring
        self._append = ring.append
        self._fence = fence
        self._down = 0
        self._warps = 0

    def events(self, records: bytes) -> None:
        """Append core pointer events, 32 bytes each. Pointer thread; no more work than this."""
        append, t_ns, source = self._append, self.clock.t_ns, self.source
        from_program = source in self.xtest
        for code, detail, time_ms, x, y, state, device in _CORE.iter_unpack(records):
            kind = code & ~_SENT
            if kind == self.device_motion:
                if device & _DEVICE not in self.masters:
                    self._warps = -1
                continue
            self.told_ms = time_ms
            synthetic = (
                from_program or code >= _SENT or (bool(self._faked_ms) and self._is_faked(kind, time_ms))
            )
            if kind == _MOTION_NOTIFY:
                self.motions += 1
                self.place = (x, y)
                self._warps += self.device_motion > 0
                moved = EventKind.DRAG if self._down or state & _BUTTONS_1_TO_3 else EventKind.MOVE
                append(t_ns(time_ms), x, y, moved, 0, source, synthetic or self._warps >= LEAST_WARPS)
            elif kind == _BUTTON_PRESS:
                if detail in _SCROLL:
                    append(t_ns(time_ms), x, y, EventKind.SCROLL, detail, source, synthetic)
                else:
                    # The state of X's events has no bits for side buttons, so those are kept here.
                    self._down |= 1 << detail if detail > 7 else 0
                    append(t_ns(time_ms), x, y, EventKind.PRESS, detail, source, synthetic)
            elif kind == _BUTTON_RELEASE and detail not in _SCROLL:
                self._down &= ~(1 << detail)
                append(t_ns(time_ms), x, y, EventKind.RELEASE, detail, source, synthetic)

    def hold_back(self) -> None:
        """Keep what is told from here on until `release`: what was moved before has still to reach the ring."""
        self.held = HeldEvents(self._ring)
        self._append = self.held.append

    def release(self) -> None:
        """Let what was held, and all that follows, into the ring. Any thread."""
        if self.held is not None:
            self.held.release()
            self._append, self.held = self._ring.append, None

    def requests(self, requests: bytes, server_ms: int) -> None:
        """Take in requests that programs sent: those for XTEST's events announce the event that follows.

        Parameters
        ----------
        requests : bytes
        server_ms : int
            The server's time when it began to serve them.
        """
        if len(requests) < _FAKE_INPUT.size:
            return
        major, minor, _, code, _, delay_ms = _FAKE_INPUT.unpack_from(requests)
        # One with a delay is served, and recorded, a second time when that is over.
        if (major, minor, delay_ms) != (self.xtest_major, _FAKE_MINOR, 0):
            return
        kind = _XI_KINDS.get(code - self.xi_motion, code)
        if kind in (_BUTTON_PRESS, _BUTTON_RELEASE, _MOTION_NOTIFY):
            self._faked_ms[kind] = server_ms

    def _is_faked(self, kind: int, time_ms: int) -> bool:
        asked_ms = self._faked_ms.pop(kind, None)
        return asked_ms is not None and (time_ms - asked_ms) % (1 << 32) <= _FAKE_MS

    def control(self, records: bytes) -> None:
        """Take in what the server told our own connections: device changes and replies."""
        for at in range(0, len(records) - 31, 32):
            code = records[at] & ~_SENT
            if code == _REPLY:
                self._fence()
            elif code == _GENERIC_EVENT:
                _, evtype, device, _, source = _CHANGED.unpack_from(records, at)
                if evtype == _XI_DEVICE_CHANGED and device in self.masters:
                    self.source = source
                    self._changed = True

    def source_is(self, source: int) -> None:
        """Say which device drove the pointer before the first change was told."""
        if not self._changed:
            self.source = source
