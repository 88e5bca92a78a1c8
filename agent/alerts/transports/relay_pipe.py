"""Transport: the relay of Windows, a service behind a named pipe. As `agent.alerts.transports.relay_link`.

Who answers is believed where the pipe belongs to the service's own account, by Windows' word: a program of the user
can offer a pipe of that name where no relay runs, but never make another account its owner. It learns then who
connected, and nothing more.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence

from agent.alerts.api import Record, Sent
from agent.alerts.transports.relay_link import ANSWER_S, RelayChannel, UnbelievedRelayError, hand_over
from agent.files.named_pipes import PipeEnd
from agent.files.pipe_endpoints import open_pipe
from agent.files.pipe_identity import server_sid
from agent.files.process_access import let_see
from agent.files.relay_presence import SERVICE
from agent.files.windows_acl import TRUSTED, service_sid

_log = logging.getLogger(__name__)


class RelayPipeLink:
    """Hands alerts to the relay over its pipe.

    Parameters
    ----------
    pipe : str
        Its name.
    connect : callable, optional
        Opens the pipe; `open_pipe`.
    owner : callable, optional
        The SID of whoever made a pipe, by a handle; `server_sid`.
    show_self : callable, optional
        Lets an account see when this process ends; `let_see`.
    """

    def __init__(
        self,
        pipe: str,
        connect: Callable[[str, float], PipeEnd] = open_pipe,
        owner: Callable[[int], str] = server_sid,
        show_self: Callable[[str], None] = let_see,
    ) -> None:
        self._pipe = pipe
        self._connect = connect
        self._owner = owner
        self._show_self = show_self
        self._is_shown = False

    @property
    def name(self) -> str:
        """Its name in the outbox."""
        return "relay"

    def send(self, records: Sequence[Record]) -> Sent:
        """Hand the records over one by one. Delivery thread; blocks 5 s at most where the relay hangs."""
        return hand_over(records, self._open, self._pipe)

    @contextlib.contextmanager
    def _open(self) -> Iterator[RelayChannel]:
        end = self._connect(self._pipe, ANSWER_S)
        try:
            owner = self._owner(end.handle)
            # Whoever acts as the system or an administrator owns the computer anyway.
            if owner not in TRUSTED | {service_sid(SERVICE)}:
                raise UnbelievedRelayError(f"the pipe belongs to {owner}, not to the service {SERVICE}")
            self._show_self_once()
            yield _PipeChannel(end)
        finally:
            end.close()

    def _show_self_once(self) -> None:
        """Before the relay hears of this process: it then waits for its end."""
        if self._is_shown:
            return
        self._is_shown = True
        try:
            self._show_self(service_sid(SERVICE))
        except OSError as error:
            _log.warning("the relay will notice the end of this process by its silence alone: %s", error)


class _PipeChannel:
    """`RelayChannel` over an open pipe."""

    def __init__(self, end: PipeEnd) -> None:
        self._end = end

    def exchange(self, packet: bytes) -> bytes:
        """See `RelayChannel.exchange`."""
        self._end.write(packet)
        return self._end.read(ANSWER_S).content
