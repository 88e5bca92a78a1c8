"""The end of a server of a test."""

from __future__ import annotations

import socket
import sys


def stop_accepting(listener: socket.socket) -> None:
    """Make `accept` return in another thread: Windows shuts no listening socket down, and ends it by closing it."""
    if sys.platform == "win32":
        listener.close()
    else:
        listener.shutdown(socket.SHUT_RDWR)
