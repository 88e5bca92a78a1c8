"""Moves the pointer through XTEST at a steady rate: ``python xgenerator.py HZ EVENTS [RADIUS_PX]``.

Run as a process of its own, so that its work is not counted as the capture's. Requests are packed by hand:
python-xlib's own packing would be too slow for 1,000 Hz beside four busy processes.
"""

from __future__ import annotations

import math
import struct
import sys
import time

from Xlib.display import Display
from Xlib.ext import xtest

_MOTION = 6
_FAKE_INPUT = struct.Struct("=BBHBB2xII8xhh8x")


def main(hz: int, events: int, radius_px: int = 200) -> None:
    """Send `events` motions on a circle, each at its own position and time."""
    display = Display()
    major = display.query_extension(xtest.extname).major_opcode
    root = display.screen().root.id
    sock = display.display.socket
    start = time.monotonic()
    for i in range(events):
        turn = 2 * math.pi * i / 250
        x, y = round(400 + radius_px * math.cos(turn)), round(350 + radius_px * math.sin(turn))
        left_s = start + i / hz - time.monotonic()
        if left_s > 0:
            time.sleep(left_s)
        sock.sendall(_FAKE_INPUT.pack(major, 2, 9, _MOTION, 0, 0, root, x + i % 2, y))
    time.sleep(0.02)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
