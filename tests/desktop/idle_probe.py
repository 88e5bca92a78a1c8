"""A virtual hand under a wlroots compositor, and its notices of idleness: `python3 -m tests.desktop.idle_probe`.

The hand is a device that the compositor makes for this program (wlr-virtual-pointer), so that real input comes.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import time

from agent.host.linux.compositor import wayland_socket
from agent.host.linux.wayland_idle import WaylandIdle
from agent.host.linux.wayland_wire import Arguments, request, take_messages

_MANAGER = "zwlr_virtual_pointer_manager_v1"
_MOVE, _FRAME = 0, 4


class VirtualHand:
    """A pointer of this program's own."""

    def __init__(self) -> None:
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.settimeout(5.0)
        self._connection.connect(str(wayland_socket(os.environ)))
        self._connection.sendall(request(1, 1, 2) + request(1, 0, 3))
        waiting, names, done = bytearray(), {}, False
        while not done:
            waiting += self._connection.recv(4096)
            for message in take_messages(waiting):
                done = done or message.sender == 3
                if (message.sender, message.opcode) == (2, 0):
                    arguments = Arguments(message.body)
                    name, interface = arguments.number(), arguments.text()
                    names[interface] = name
        self._connection.sendall(request(2, 0, names["wl_seat"], "wl_seat", 1, 4))
        self._connection.sendall(request(2, 0, names[_MANAGER], _MANAGER, 1, 5) + request(5, 0, 4, 6))

    def move(self) -> None:
        """One movement by three pixels."""
        fixed = struct.unpack("=I", struct.pack("=i", 3 * 256))[0]
        time_ms = time.monotonic_ns() // 1_000_000 & 0xFFFFFFFF
        self._connection.sendall(request(6, _MOVE, time_ms, fixed, fixed) + request(6, _FRAME))


def main() -> int:
    """Rest, move, rest; what is told at each step, in milliseconds."""
    idle = WaylandIdle(wayland_socket(os.environ))
    problem, hand = idle.problem(), VirtualHand()
    time.sleep(6)
    at_first = idle.idle_ms()
    hand.move()
    time.sleep(0.5)
    moved = idle.idle_ms()
    time.sleep(7)
    rested = idle.idle_ms()
    hand.move()
    time.sleep(0.5)
    answer = {
        "problem": problem,
        "at_first": at_first,
        "moved": moved,
        "rested": rested,
        "again": idle.idle_ms(),
    }
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
