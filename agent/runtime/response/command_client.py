"""Command client: what `steadyhand was-me`, `pause`, `resume` and `enrol` send to the running agent."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.pipe_endpoints import is_pipe_name
from agent.runtime.response.command_pipe import exchange_by_pipe
from agent.runtime.response.command_protocol import MOST_BYTES, Reply, Request, decode_reply, encode_request

ANSWER_S: Final = 90.0
"""The question for a password takes 60 s at most."""


def send_request(path: Path, request: Request, timeout_s: float = ANSWER_S) -> Reply:
    """Ask the running agent, and wait for what became of it.

    Raises
    ------
    SteadyhandError
        If no agent answers, or what answers is not one.
    """
    try:
        if is_pipe_name(str(path)):
            return decode_reply(exchange_by_pipe(str(path), encode_request(request), timeout_s))
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_s)
            connection.connect(str(path))
            connection.sendall(encode_request(request))
            return decode_reply(_read_all(connection))
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise SteadyhandError("no agent runs here", "start it: steadyhand") from error
    except (OSError, ValueError) as error:
        raise SteadyhandError(
            f"the agent at {path} does not answer ({error})", "see steadyhand status, or restart it"
        ) from error


def _read_all(connection: socket.socket) -> bytes:
    reply = b""
    while piece := connection.recv(MOST_BYTES + 1 - len(reply)):
        reply += piece
        if len(reply) > MOST_BYTES:
            raise ValueError(f"it sent more than {MOST_BYTES} bytes")
    return reply
