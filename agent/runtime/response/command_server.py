"""Command server: takes the owner's commands over a private Unix socket, one thread a connection."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from pathlib import Path
from typing import Final, Protocol

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import sentence
from agent.files.private import private_dir
from agent.files.undo import undo_on_failure
from agent.files.unix_sockets import peer_uid
from agent.language.language import mark
from agent.runtime.response.command_protocol import (
    COMMANDS,
    MOST_BYTES,
    Reply,
    decode_request,
    encode_reply,
)
from agent.runtime.status.snapshot import Command

LOG: Final = logging.getLogger(__name__)
READ_S: Final = 2.0
MOST_CONNECTIONS: Final = 4


class CommandHandler(Protocol):
    """Executes commands. In the agent: `agent.runtime.response.owner_requests.OwnerRequests`."""

    def request_and_wait(self, command: Command) -> Reply:
        """Ask for a proof, where that is needed, and do it. Connection's thread; blocks 60 s at most."""


class CommandServer:
    """Listens while the agent runs. What anybody but this user's processes send is not read.

    Parameters
    ----------
    path : Path
        Where the socket is, mode 0600 in a folder of mode 0700.
    handler : CommandHandler
    uid : int
        Whose processes may connect.
    """

    def __init__(self, path: Path, handler: CommandHandler, uid: int | None = None) -> None:
        self._path = path
        self._handler = handler
        self._uid = os.getuid() if uid is None and hasattr(os, "getuid") else uid
        self._listening: socket.socket | None = None
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)

    def start(self) -> str:
        """Begin; returns why commands are not taken here, or an empty line."""
        if not hasattr(socket, "SO_PEERCRED"):
            return mark("commands are not taken: this system does not say who connects")
        try:
            private_dir(self._path.parent)
            self._listening = self._bind()
        except (OSError, SteadyhandError) as error:
            LOG.warning("%s: %s", self._path, error)
            return sentence(
                "commands (steadyhand was-me, pause …) are not taken: {path}: {why}",
                path=str(self._path),
                why=str(error),
            )
        work = (self._listening,)
        threading.Thread(target=self._accept, args=work, name="steadyhand-commands", daemon=True).start()
        return ""

    def stop(self) -> None:
        """End; connections that are open end with the process."""
        if self._listening is None:
            return
        # Closing alone would not wake a thread that accepts.
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._path.unlink(missing_ok=True)

    def _bind(self) -> socket.socket:
        self._path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with undo_on_failure(listening.close):
            listening.bind(str(self._path))
            self._path.chmod(0o600)
            listening.listen(MOST_CONNECTIONS)
        return listening

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            if not self._places.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(
                target=self._serve, args=(connection,), name="steadyhand-command", daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                if peer_uid(connection) == self._uid:
                    connection.settimeout(READ_S)
                    connection.sendall(encode_reply(self._answer(connection)))
        except OSError as error:
            LOG.info("a command's connection ended: %s", error)
        finally:
            self._places.release()

    def _answer(self, connection: socket.socket) -> Reply:
        try:
            request = decode_request(_read_line(connection))
        except ValueError as error:
            return Reply(False, f"not a command that this version knows: {error}")
        return self._handler.request_and_wait(COMMANDS[request])


def _read_line(connection: socket.socket) -> bytes:
    """One line of at most `MOST_BYTES`; each piece within `READ_S`, and at most as many pieces as bytes."""
    line = b""
    while not line.endswith(b"\n"):
        piece = connection.recv(MOST_BYTES + 1 - len(line))
        if not piece:
            raise ValueError("it ended before the end of a line")
        line += piece
        if len(line) > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES} bytes")
    return line
