"""Command pipe: the command channel of Windows, a named pipe of one session that its user alone may open.

Run under Wine 8.0, never on Windows itself.
"""

from __future__ import annotations

import contextlib
import logging
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.named_pipes import PipeEnd
from agent.files.pipe_endpoints import create_pipe, open_pipe, wait_for_any
from agent.files.pipe_identity import client_sid, server_sid
from agent.files.windows_acl import TRUSTED, pipe_sddl
from agent.files.windows_library import windows_library
from agent.files.windows_security import own_sid
from agent.runtime.response.command_channel import READ_S, CommandConnection

LOG: Final = logging.getLogger(__name__)

_NEVER_S: Final = 86_400.0
_OFFERS: Final = 100
_CONNECT_S: Final = 5.0
_BROKEN: Final = (BrokenPipeError, ConnectionResetError)


class PipeListener:
    """`CommandListener` at a named pipe.

    Parameters
    ----------
    name : str
        Its whole name.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._own = ""
        self._stop = 0
        self._offered: PipeEnd | None = None

    def open(self) -> None:
        """See `CommandListener.open`."""
        self._own = own_sid()
        self._offered = self._offer(is_first=True)
        maker = server_sid(self._offered.handle)
        if maker != self._own:
            self._offered.close()
            raise SteadyhandError(f"the pipe belongs to {maker}", "end the program that made it")
        self._stop = int(windows_library("kernel32").CreateEventW(None, True, False, None))

    def accept(self) -> CommandConnection:
        """See `CommandListener.accept`."""
        end = self._offered
        if end is None:
            raise OSError("it was closed")
        while not end.is_ready():
            wait_for_any([self._stop, end.event], _NEVER_S)
            if self._offered is None:
                end.close()
                raise OSError("it was closed")
        self._offered = self._offer(is_first=False)
        return PipeConnection(end, self._own)

    def close(self) -> None:
        """See `CommandListener.close`."""
        self._offered = None
        if self._stop:
            windows_library("kernel32").SetEvent(self._stop)

    def _offer(self, *, is_first: bool) -> PipeEnd:
        """Offer an instance; anew where a client came and went before it was served."""
        for _ in range(_OFFERS):
            end = create_pipe(self._name, pipe_sddl(self._own, self._own), is_first=is_first)
            try:
                end.begin_connect()
            except OSError as error:
                LOG.debug("a client has gone before it was served: %s", error)
                end.close()
            else:
                return end
        raise OSError("programs connect and hang up without a word")


class PipeConnection:
    """`CommandConnection` over a named pipe.

    Parameters
    ----------
    end : PipeEnd
    own : str
        The SID that must be at the other end.
    """

    def __init__(self, end: PipeEnd, own: str) -> None:
        self._end = end
        self._own = own

    def receive(self, most_bytes: int) -> bytes:
        """See `CommandConnection.receive`. Who it is, is known once a message was read."""
        try:
            message = self._end.read(READ_S)
        except _BROKEN:
            return b""
        if client_sid(self._end.handle) != self._own:
            raise PermissionError("another account's process has connected")
        return message.content[:most_bytes]

    def send(self, content: bytes) -> None:
        """See `CommandConnection.send`."""
        self._end.write(content)

    def close(self) -> None:
        """See `CommandConnection.close`."""
        self._end.close()


def exchange_by_pipe(name: str, request: bytes, timeout_s: float) -> bytes:
    """Send a request to the agent at a pipe, and return its whole answer.

    Raises
    ------
    OSError
        If no agent answers (FileNotFoundError where there is no pipe), or another account made the pipe.
    """
    with contextlib.closing(open_pipe(name, _CONNECT_S)) as end:
        maker = server_sid(end.handle)
        if maker not in TRUSTED | {own_sid()}:
            raise PermissionError(f"the pipe belongs to {maker}")
        end.write(request)
        return end.read(timeout_s).content
