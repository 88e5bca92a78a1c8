"""Protocol between the mouse service and the agent: one packet a message on a Unix socket. Pure.

The service sends binary packets, whose first byte says what they are; what the agent says is in `listener_protocol`.
Both sides decode strictly: whatever is malformed is a ValueError of one line.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from agent.files.decode import Fields, decode_json
from agent.host.linux.input_codes import EV_KEY, EV_REL, REL_X, REL_Y

MOST_PACKET: Final = 16_384
MOST_EVENTS: Final = 512
MOST_NAME: Final = 256
MOST_NUMBER: Final = (1 << 15) - 1
"""Device numbers are sources of events, which have 16 bits."""

_NUMBER: Final = struct.Struct("<BH")
_HEAD: Final = struct.Struct("<BHH")
_PULSE: Final = struct.Struct("<BHq")
_EVENT: Final = struct.Struct("<qHHi")
_DEVICE, _GONE, _REPORTS, _LOST, _SHOWN, _REFUSED, _MOVED_LOCKED = b"dgrlsxm"


class InputEvent(NamedTuple):
    """One event as the kernel stamped it, on the monotonic clock."""

    t_ns: int
    kind: int
    code: int
    amount: int


@dataclass(frozen=True, slots=True)
class DeviceAppeared:
    """A mouse that the service watches.

    `number` is the kernel's number of the device.
    """

    number: int
    name: str
    vendor: int
    product: int


@dataclass(frozen=True, slots=True)
class DeviceGone:
    """A mouse that the service watches no more."""

    number: int


@dataclass(frozen=True, slots=True)
class DeviceReports:
    """Complete reports of one mouse, in the order of time."""

    number: int
    events: tuple[InputEvent, ...]


@dataclass(frozen=True, slots=True)
class ReportsLost:
    """Reports were lost: the kernel's buffer, or the listener's, was full."""

    number: int


@dataclass(frozen=True, slots=True)
class SessionShown:
    """Whether the listener's session is the one that is shown; nothing is handed on while it is not."""

    shown: bool


@dataclass(frozen=True, slots=True)
class ListenerRefused:
    """The service does not serve this listener, and hangs up."""

    why: str


@dataclass(frozen=True, slots=True)
class MovedWhileLocked:
    """A mouse moved while the agent says that the screen is locked; at most once a second, without the movement."""

    number: int
    t_ns: int


ServicePacket = (
    DeviceAppeared
    | DeviceGone
    | DeviceReports
    | ReportsLost
    | SessionShown
    | ListenerRefused
    | MovedWhileLocked
)


def encode_packet(packet: ServicePacket) -> bytes:
    """The bytes of one packet of the service's."""
    match packet:
        case DeviceAppeared(number, name, vendor, product):
            document = {"number": number, "name": name[:MOST_NAME], "vendor": vendor, "product": product}
            return bytes([_DEVICE]) + json.dumps(document).encode()
        case DeviceGone(number):
            return _NUMBER.pack(_GONE, number)
        case ReportsLost(number):
            return _NUMBER.pack(_LOST, number)
        case MovedWhileLocked(number, t_ns):
            return _PULSE.pack(_MOVED_LOCKED, number, t_ns)
        case SessionShown(shown):
            return bytes([_SHOWN, shown])
        case ListenerRefused(why):
            return bytes([_REFUSED]) + json.dumps({"why": why[:MOST_NAME]}).encode()
        case DeviceReports(number, events):
            return _HEAD.pack(_REPORTS, number, len(events)) + b"".join(_EVENT.pack(*e) for e in events)


def decode_packet(raw: bytes) -> ServicePacket:
    """One packet of the service's.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not raw:
        raise ValueError("an empty packet")
    match raw[0]:
        case code if code == _REPORTS:
            return _reports(raw)
        case code if code == _GONE:
            return DeviceGone(*_sized(_NUMBER, raw))
        case code if code == _LOST:
            return ReportsLost(*_sized(_NUMBER, raw))
        case code if code == _MOVED_LOCKED:
            return MovedWhileLocked(*_sized(_PULSE, raw))
        case code if code == _SHOWN:
            if len(raw) != 2 or raw[1] > 1:
                raise ValueError("a packet that says neither shown nor hidden")
            return SessionShown(bool(raw[1]))
        case code if code == _DEVICE:
            return _appeared(raw)
        case code if code == _REFUSED:
            fields = Fields.of(decode_json(raw[1:], MOST_PACKET), required=("why",), optional=())
            return ListenerRefused(fields.text("why", most=MOST_NAME))
    raise ValueError(f"a packet of unknown kind {raw[0]}")


def motion_reports(events: Sequence[InputEvent]) -> int:
    """How many of the complete reports in `events` move the pointer. Both sides count so."""
    moved = reports = 0
    for event in events:
        if event.kind == EV_REL and event.code in (REL_X, REL_Y):
            moved = 1
        elif event.kind not in (EV_REL, EV_KEY):
            reports, moved = reports + moved, 0
    return reports


def _sized(layout: struct.Struct, raw: bytes) -> tuple[int, ...]:
    """What follows the first byte of a packet of a fixed size."""
    if len(raw) != layout.size:
        raise ValueError(f"a packet of {len(raw)} bytes that should have {layout.size}")
    return layout.unpack(raw)[1:]


def _reports(raw: bytes) -> DeviceReports:
    if len(raw) < _HEAD.size:
        raise ValueError("a packet without its head")
    _, number, count = _HEAD.unpack_from(raw)
    if number > MOST_NUMBER or count > MOST_EVENTS or len(raw) != _HEAD.size + count * _EVENT.size:
        raise ValueError(f"a packet of {len(raw)} bytes that claims {count} events of device {number}")
    return DeviceReports(number, tuple(InputEvent(*event) for event in _EVENT.iter_unpack(raw[_HEAD.size :])))


def _appeared(raw: bytes) -> DeviceAppeared:
    keys = ("number", "name", "vendor", "product")
    fields = Fields.of(decode_json(raw[1:], MOST_PACKET), required=keys, optional=())
    return DeviceAppeared(
        fields.integer("number", 0, MOST_NUMBER),
        fields.text("name", most=MOST_NAME),
        fields.integer("vendor", 0, 0xFFFF),
        fields.integer("product", 0, 0xFFFF),
    )
