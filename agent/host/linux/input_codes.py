"""Numbers of the kernel's input interface: linux/input-event-codes.h and linux/input.h."""

from __future__ import annotations

from typing import Final

EV_SYN: Final = 0
EV_KEY: Final = 1
EV_REL: Final = 2
SYN_REPORT: Final = 0
SYN_DROPPED: Final = 3
REL_X: Final = 0
REL_Y: Final = 1
REL_HWHEEL: Final = 6
REL_WHEEL: Final = 8
BTN_LEFT: Final = 0x110
BTN_TASK: Final = 0x117
"""The last of the mouse buttons, which begin with BTN_LEFT."""
EVENT_TYPES: Final = 0x20
KEY_CODES: Final = 0x300
REL_CODES: Final = 0x10
CLOCK_MONOTONIC: Final = 1


def _ioctl(direction: int, number: int, size: int) -> int:
    return direction << 30 | size << 16 | ord("E") << 8 | number


SET_CLOCK: Final = _ioctl(1, 0xA0, 4)
GET_IDS: Final = _ioctl(2, 0x02, 8)
GET_NAME: Final = _ioctl(2, 0x06, 256)
GET_MASK: Final = _ioctl(2, 0x92, 16)
SET_MASK: Final = _ioctl(1, 0x93, 16)


def get_bits(kind: int, size: int) -> int:
    """EVIOCGBIT: which codes of a type a device has; of type 0, which types."""
    return _ioctl(2, 0x20 + kind, size)
