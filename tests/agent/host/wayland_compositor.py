"""A Wayland compositor that takes one connection at a time, and the bytes that it sends."""

from __future__ import annotations

import socket
import struct
from pathlib import Path


def text(words: str) -> bytes:
    raw = words.encode() + b"\0"
    return struct.pack("=I", len(raw)) + raw.ljust((len(raw) + 3) // 4 * 4, b"\0")


def event(sender: int, opcode: int, body: bytes = b"") -> bytes:
    return struct.pack("=II", sender, (8 + len(body)) << 16 | opcode) + body


def announced(name: int, interface: str, version: int) -> bytes:
    return event(2, 0, struct.pack("=I", name) + text(interface) + struct.pack("=I", version))


class Compositor:
    """Takes one connection, reads the client's requests and sends what a test tells it to."""

    def __init__(self, path: Path) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._listener.settimeout(10.0)
        self.connection = socket.socket()
        self.connections = 0

    def accept(self) -> None:
        self.connection, _ = self._listener.accept()
        self.connection.settimeout(10.0)
        self.connections += 1

    def requests(self, count: int) -> list[tuple[int, int, bytes]]:
        """As many requests as that: object, opcode, arguments."""
        read = []
        for _ in range(count):
            target, second = struct.unpack("=II", self._exactly(8))
            read.append((target, second & 0xFFFF, self._exactly((second >> 16) - 8)))
        return read

    def offer(self, *interfaces: tuple[str, int], seats: int = 1) -> list[tuple[int, int, bytes]]:
        """Announce interfaces and seats; returns what the client asked of them."""
        self.accept()
        assert self.requests(2) == [(1, 1, struct.pack("=I", 2)), (1, 0, struct.pack("=I", 3))]
        self.connection.sendall(announced(1, "wl_compositor", 6))
        for seat in range(seats):
            self.connection.sendall(announced(10 + seat, "wl_seat", 9))
        for number, (interface, version) in enumerate(interfaces):
            self.connection.sendall(announced(20 + number, interface, version))
        self.connection.sendall(event(3, 0, struct.pack("=I", 0)))
        return self.requests(1 + 2 * seats) if interfaces and seats else []

    def say(self, sender: int, opcode: int, body: bytes = b"") -> None:
        self.connection.sendall(event(sender, opcode, body))

    def close(self) -> None:
        self.connection.close()
        self._listener.close()

    def _exactly(self, count: int) -> bytes:
        read = b""
        while len(read) < count:
            more = self.connection.recv(count - len(read))
            assert more, "the client has closed"
            read += more
        return read
