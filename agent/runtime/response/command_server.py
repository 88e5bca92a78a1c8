"""Command server: takes the owner's commands, one thread a connection."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from pathlib import Path
from typing import Final, Protocol

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import sentence
from agent.files.pipe_endpoints import is_pipe_name
from agent.language.language import mark
from agent.runtime.response.command_channel import (
    MOST_CONNECTIONS,
    CommandConnection,
    CommandListener,
    SocketListener,
)
from agent.runtime.response.command_pipe import PipeListener
from agent.runtime.response.command_protocol import (
    COMMANDS,
    MOST_BYTES,
    Reply,
    decode_request,
    encode_reply,
)
from agent.runtime.status.snapshot import Command

LOG: Final = logging.getLogger(__name__)


class CommandHandler(Protocol):
    """Executes commands. In the agent: `agent.runtime.response.owner_requests.OwnerRequests`."""

    def request_and_wait(self, command: Command) -> Reply:
        """Ask for a proof, where that is needed, and do it. Connection's thread; blocks 60 s at most."""


class CommandServer:
    """Listens while the agent runs. What anybody but this user's processes send is not taken.

    Parameters
    ----------
    path : Path
        Address of the socket or pipe.
    handler : CommandHandler
    uid : int
        Whose processes may connect to a socket.
    """

    def __init__(self, path: Path, handler: CommandHandler, uid: int | None = None) -> None:
        self._path = path
        self._handler = handler
        is_pipe = is_pipe_name(str(path))
        self._listener: CommandListener = PipeListener(str(path)) if is_pipe else SocketListener(path, uid)
        self._knows_peers = is_pipe or hasattr(socket, "SO_PEERCRED")
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)

    def start(self) -> str:
        """Begin; returns why commands are not taken here, or an empty line."""
        if not self._knows_peers:
            return mark("commands are not taken: this system does not say who connects")
        try:
            self._listener.open()
        except (OSError, SteadyhandError) as error:
            LOG.warning("%s: %s", self._path, error)
            return sentence(
                "commands (steadyhand was-me, pause …) are not taken: {path}: {why}",
                path=str(self._path),
                why=str(error),
            )
        threading.Thread(target=self._accept, name="steadyhand-commands", daemon=True).start()
        return ""

    def stop(self) -> None:
        """End; connections that are open end with the process."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError:
                return
            if not self._places.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(
                target=self._serve, args=(connection,), name="steadyhand-command", daemon=True
            ).start()

    def _serve(self, connection: CommandConnection) -> None:
        try:
            with contextlib.closing(connection):
                connection.send(encode_reply(self._answer(connection)))
        except OSError as error:
            LOG.info("a command's connection ended: %s", error)
        finally:
            self._places.release()

    def _answer(self, connection: CommandConnection) -> Reply:
        try:
            request = decode_request(_read_line(connection))
        except ValueError as error:
            return Reply(False, f"not a command that this version knows: {error}")
        return self._handler.request_and_wait(COMMANDS[request])


def _read_line(connection: CommandConnection) -> bytes:
    """One line of at most `MOST_BYTES`; each piece within its time, and at most as many pieces as bytes."""
    line = b""
    while not line.endswith(b"\n"):
        piece = connection.receive(MOST_BYTES + 1 - len(line))
        if not piece:
            raise ValueError("it ended before the end of a line")
        line += piece
        if len(line) > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES} bytes")
    return line
