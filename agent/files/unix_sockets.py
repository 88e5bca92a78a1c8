"""Unix sockets: where services listen, and which process is at the other end by the kernel's word."""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from typing import Final

from agent.files.undo import undo_on_failure

_CREDENTIALS: Final = struct.Struct("=iII")


def listen_for_packets(path: Path, waiting: int) -> socket.socket:
    """A non-blocking socket of packets at which every account may speak, in a folder of the caller's own.

    Parameters
    ----------
    path : Path
        Where it is; a socket of an earlier run is replaced.
    waiting : int
        How many connections wait to be accepted at the most.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with undo_on_failure(listener.close):
        listener.setblocking(False)
        listener.bind(str(path))
        os.chmod(path, 0o666)
        listener.listen(waiting)
    return listener


def peer_uid(connection: socket.socket) -> int | None:
    """The uid of the process at the other end; None where this system does not tell.

    Raises
    ------
    OSError
        If the connection has none.
    """
    return peer_process(connection)[1] if hasattr(socket, "SO_PEERCRED") else None


def peer_process(connection: socket.socket) -> tuple[int, int]:
    """Process and user number of whoever is at the other end.

    Raises
    ------
    OSError
        If this system does not tell, or the connection has none.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        raise OSError("this system does not tell who is at the other end")
    pid, uid, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size))
    return int(pid), int(uid)
