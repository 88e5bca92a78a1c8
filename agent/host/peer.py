"""Peer of a Unix socket: which user's process is at the other end, by the kernel's word."""

from __future__ import annotations

import socket
import struct
from typing import Final

_CREDENTIALS: Final = struct.Struct("3i")


def peer_uid(connection: socket.socket) -> int | None:
    """The uid of the process that connected; None where this system does not say."""
    try:
        return peer_process(connection)[1]
    except NotImplementedError:
        return None


def peer_process(connection: socket.socket) -> tuple[int, int]:
    """Process and user number of whoever connected.

    Raises
    ------
    NotImplementedError
        If this system does not say.
    OSError
        If the connection has none.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        raise NotImplementedError("this system does not tell who is at the other end")
    credentials = connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    pid, uid, _ = _CREDENTIALS.unpack(credentials)
    return int(pid), int(uid)
