"""Command channel: where commands arrive, and from whom. A private Unix socket; on Windows a pipe."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path
from typing import Final, Protocol

from agent.files.private import private_dir
from agent.files.undo import undo_on_failure
from agent.files.unix_sockets import peer_uid

READ_S: Final = 2.0
MOST_CONNECTIONS: Final = 4


class CommandConnection(Protocol):
    """One program at the other end. Connection's thread."""

    def receive(self, most_bytes: int) -> bytes:
        """The next piece; empty where it has hung up.

        Raises
        ------
        OSError
            If nothing comes within `READ_S`, or it is not this user's (PermissionError: nothing is taken of it then).
        """

    def send(self, content: bytes) -> None:
        """Answer. Raises OSError."""

    def close(self) -> None:
        """Hang up."""


class CommandListener(Protocol):
    """Where commands arrive."""

    def open(self) -> None:
        """Begin to listen.

        Raises
        ------
        SteadyhandError, OSError
            If that cannot be.
        """

    def accept(self) -> CommandConnection:
        """Wait for a program.

        Raises
        ------
        OSError
            Once `close` was called.
        """

    def close(self) -> None:
        """End; whoever waits in `accept` is woken."""


class SocketListener:
    """`CommandListener` at a Unix socket.

    Parameters
    ----------
    path : Path
        Where the socket is, mode 0600 in a folder of mode 0700.
    uid : int, optional
        Whose processes may speak; this user's.
    """

    def __init__(self, path: Path, uid: int | None = None) -> None:
        self._path = path
        self._uid = os.getuid() if uid is None and hasattr(os, "getuid") else uid
        self._listening: socket.socket | None = None

    def open(self) -> None:
        """See `CommandListener.open`."""
        private_dir(self._path.parent)
        self._path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with undo_on_failure(listening.close):
            listening.bind(str(self._path))
            self._path.chmod(0o600)
            listening.listen(MOST_CONNECTIONS)
        self._listening = listening

    def accept(self) -> CommandConnection:
        """See `CommandListener.accept`."""
        if self._listening is None:
            raise OSError("it was closed")
        connection, _ = self._listening.accept()
        return SocketConnection(connection, self._uid)

    def close(self) -> None:
        """See `CommandListener.close`."""
        if self._listening is None:
            return
        # Closing alone would not wake a thread that accepts.
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._path.unlink(missing_ok=True)


class SocketConnection:
    """`CommandConnection` over a Unix socket.

    Parameters
    ----------
    connection : socket
    uid : int or None
        Whose process must be at the other end.
    """

    def __init__(self, connection: socket.socket, uid: int | None) -> None:
        self._connection = connection
        self._uid = uid

    def receive(self, most_bytes: int) -> bytes:
        """See `CommandConnection.receive`."""
        if peer_uid(self._connection) != self._uid:
            raise PermissionError("another account's process has connected")
        self._connection.settimeout(READ_S)
        return self._connection.recv(most_bytes)

    def send(self, content: bytes) -> None:
        """See `CommandConnection.send`."""
        self._connection.sendall(content)

    def close(self) -> None:
        """See `CommandConnection.close`."""
        self._connection.close()
