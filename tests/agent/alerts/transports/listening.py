"""The end of a server of a test."""

from __future__ import annotations

import socket
import struct
import sys

# struct linger: two ints on POSIX, two unsigned shorts on Windows.
LINGER = "HH" if sys.platform == "win32" else "ii"


def stop_accepting(listener: socket.socket) -> None:
    """Make `accept` return in another thread: Windows shuts no listening socket down, and ends it by closing it."""
    if sys.platform == "win32":
        listener.close()
    else:
        listener.shutdown(socket.SHUT_RDWR)


def reset(connection: socket.socket) -> None:
    """End a connection as the system does where data is left unread: at once, by RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(LINGER, 1, 0))
    connection.close()


def resets_are_seen() -> bool:
    """Whether the other end of a connection that was reset learns of it: on Linux and Windows yes, under Wine no."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname(), timeout=5) as client,
    ):
        reset(listener.accept()[0])
        try:
            client.recv(1)
        except ConnectionError:
            return True
        return False
