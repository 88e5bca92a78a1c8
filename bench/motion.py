"""Constant motion through XTEST: ``python -m bench.motion HZ SECONDS``; or a window that wants motion: ``window``.

A process of its own, so that its work is not counted as the agent's. The pointer goes round in circles of
varying size, with a left click a second; no event equals the one before. It prints how many events it sent.
"""

from __future__ import annotations

import math
import struct
import sys
import time
from collections.abc import Iterator
from typing import Final

from Xlib import X
from Xlib.display import Display
from Xlib.error import ConnectionClosedError
from Xlib.ext import xtest

from agent.demo.processes import punctual

# Requests are packed by hand: python-xlib's own packing is slow for 1,000 Hz.
_FAKE_INPUT: Final = struct.Struct("=BBHBB2xII8xhh8x")
_MOTION, _PRESS, _RELEASE = 6, 4, 5


def send(hz: int, seconds: float) -> int:
    """Move and click for so long; returns how many events were sent."""
    display = Display()
    punctual()
    major = display.query_extension(xtest.extname).major_opcode
    root = display.screen().root.id
    start, sent = time.monotonic(), 0
    for kind, detail, x, y, due_s in _events(hz, seconds):
        left_s = start + due_s - time.monotonic()
        if left_s > 0:
            time.sleep(left_s)
        display.display.socket.sendall(_FAKE_INPUT.pack(major, 2, 9, kind, detail, 0, root, x, y))
        sent += 1
    # No request of python-xlib's after these: it did not count them. The server reads what has arrived.
    time.sleep(0.05)
    return sent


def _events(hz: int, seconds: float) -> Iterator[tuple[int, int, int, int, float]]:
    """Kind, button, place, and when it is due."""
    for i in range(int(hz * seconds)):
        turn = 2 * math.pi * i / (0.7 * hz)
        radius = 150 + 60 * math.sin(turn / 5.3)
        yield (
            _MOTION,
            0,
            round(500 + radius * math.cos(turn)) + i % 2,
            round(400 + radius * math.sin(turn)),
            i / hz,
        )
        if i % hz == hz - 1:
            yield _PRESS, 1, 0, 0, i / hz
            yield _RELEASE, 1, 0, 0, i / hz + 0.06


def window() -> None:
    """Show a full-screen window that wants motion, until the display goes away; what it gets is thrown away."""
    display = Display()
    screen = display.screen()
    shown = screen.root.create_window(
        0,
        0,
        screen.width_in_pixels,
        screen.height_in_pixels,
        0,
        screen.root_depth,
        override_redirect=True,
        event_mask=X.PointerMotionMask | X.ButtonPressMask,
    )
    shown.map()
    display.sync()
    try:
        while display.display.socket.recv(65_536):
            continue
    except ConnectionClosedError:
        return


if __name__ == "__main__":
    if sys.argv[1] == "window":
        window()
    else:
        print(send(int(sys.argv[1]), float(sys.argv[2])))
