"""Relay transport over a named pipe of Windows: Windows says who connects.

Run under Wine 8.0 by the same tests as the Unix socket, and over a scripted table on every system.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.relay.accounts import AccountId
from agent.relay.agent_processes import MOST_HANDLES
from agent.relay.pipe_system import PipeInstance, PipeSystem
from agent.relay.transport import (
    ClientArrival,
    Crowding,
    Departure,
    Packet,
    ProcessEnd,
    TransportConnection,
    TransportEvent,
)

OFFERED: Final = 4
"""Instances that wait for clients: so many may connect at the same moment."""
MOST_SILENT: Final = 12
"""Connections that have said nothing yet: whose they are is known with the first message."""
MOST_SPEAKING: Final = 44
"""With those before and the bell no more than Windows waits for at once."""
_SPEAK_WITHIN_S: Final = 2.0
_PROCESSES_EVERY_S: Final = 1.0
_WRITE_S: Final = 0.0

_log = logging.getLogger(__name__)


class PipeTransport:
    """`RelayTransport` that offers a named pipe.

    Parameters
    ----------
    system : PipeSystem
    owner : str
        SID of the relay's own account.
    bell : int
        Handle of an event that ends a wait; 0 for none.
    clock : callable, optional
        Monotonic seconds.

    Raises
    ------
    SteadyhandError
        If somebody else has a pipe of that name.
    OSError
        If the pipe cannot be made.
    """

    def __init__(
        self,
        system: PipeSystem,
        owner: str,
        bell: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._system = system
        self._bells = (bell,) if bell else ()
        self._clock = clock
        self._offered: list[PipeInstance] = []
        self._silent: dict[PipeInstance, float] = {}
        self._speaking: dict[PipeInstance, None] = {}
        self._processes: dict[AccountId, tuple[int, int]] = {}
        self._offer(is_first=True)
        maker = system.owner(self._offered[0].handle)
        if maker != owner:
            self.close()
            raise SteadyhandError(
                f"the relay's pipe belongs to {maker}, not to {owner}", "end the program that made it"
            )
        while len(self._offered) < OFFERED:
            self._offer(is_first=False)

    def wait(self, timeout_s: float) -> Iterator[TransportEvent]:
        """See `RelayTransport.wait`."""
        waits = [*self._offered, *self._silent, *self._speaking]
        limit_s = min(timeout_s, _PROCESSES_EVERY_S) if self._processes or self._silent else timeout_s
        self._system.wait([*self._bells, *(end.event for end in waits)], limit_s)
        for end in [each for each in self._offered if each.is_ready()]:
            yield from self._connected(end)
        for end in list(self._silent):
            yield from self._first_message(end)
        for end in [each for each in self._speaking if each.is_ready()]:
            if end in self._speaking:
                yield from self._message(end)
        yield from self._ended_processes()

    def send(self, connection: TransportConnection, answer: bytes) -> None:
        """See `RelayTransport.send`."""
        self._instance(connection).write(answer, _WRITE_S)

    def hang_up(self, connection: TransportConnection) -> None:
        """See `RelayTransport.hang_up`."""
        end = self._instance(connection)
        del self._speaking[end]
        end.close()

    def hold(self, uid: AccountId, pid: int) -> None:
        """See `RelayTransport.hold`. Where the process is closed to this account, its silence is noticed later."""
        former = self._processes.get(uid)
        if (former is not None and former[0] == pid) or not pid:
            return
        if former is None and len(self._processes) >= MOST_HANDLES:
            return
        process = self._system.open_process(pid)
        if not process:
            return
        if former is not None:
            self._system.release(former[1])
        self._processes[uid] = (pid, process)

    def close(self) -> None:
        """See `RelayTransport.close`."""
        for end in (*self._offered, *self._silent, *self._speaking):
            end.close()
        for _, process in self._processes.values():
            self._system.release(process)
        self._offered.clear()
        self._silent.clear()
        self._speaking.clear()
        self._processes.clear()

    def _offer(self, *, is_first: bool) -> None:
        """Offer one more instance; a client that came and went at once makes room for another try."""
        end = self._system.create(is_first=is_first)
        try:
            end.begin_connect()
        except OSError as error:
            _log.debug("a client has gone before it was served: %s", error)
            end.close()
            return
        self._offered.append(end)

    def _connected(self, end: PipeInstance) -> Iterator[TransportEvent]:
        self._offered.remove(end)
        # While one instance is left the name stays this service's.
        for _ in range(OFFERED - len(self._offered)):
            try:
                self._offer(is_first=False)
            except OSError as error:
                _log.warning("no further instance of the pipe can be offered: %s", error)
                yield Crowding()
                break
        try:
            end.end()
            end.begin_read()
        except OSError as error:
            _log.debug("a connection ended: %s", error)
            end.close()
            return
        self._silent[end] = self._clock()
        if len(self._silent) > MOST_SILENT:
            self._drop_silent(self._least_welcome())

    def _least_welcome(self) -> PipeInstance:
        """The oldest silent connection of the process that has most of them, by its own word."""
        processes = {end: self._system.client_process(end.handle) for end in self._silent}
        ((most, _),) = Counter(processes.values()).most_common(1)
        return next(end for end, process in processes.items() if process == most)

    def _first_message(self, end: PipeInstance) -> Iterator[TransportEvent]:
        """Whoever speaks is looked at; whoever does not, goes."""
        if not end.is_ready():
            if self._clock() - self._silent[end] > _SPEAK_WITHIN_S:
                self._drop_silent(end)
            return
        try:
            message = end.end()
            account = self._system.client(end.handle)
        except OSError as error:
            _log.info("a connection ended before it was known whose it is: %s", error)
            self._drop_silent(end)
            return
        del self._silent[end]
        self._speaking[end] = None
        yield ClientArrival(end, self._system.client_process(end.handle), account)
        if end in self._speaking:
            yield Packet(end, message.content, message.is_whole)
            yield from self._read_on(end)

    def _message(self, end: PipeInstance) -> Iterator[TransportEvent]:
        try:
            message = end.end()
        except OSError as error:
            _log.debug("a connection ended: %s", error)
            yield Departure(end)
            return
        yield Packet(end, message.content, message.is_whole) if message.content else Departure(end)
        yield from self._read_on(end)

    def _read_on(self, end: PipeInstance) -> Iterator[TransportEvent]:
        if end not in self._speaking:
            return
        try:
            end.begin_read()
        except OSError as error:
            _log.debug("a connection ended: %s", error)
            yield Departure(end)

    def _drop_silent(self, end: PipeInstance) -> None:
        del self._silent[end]
        end.close()

    def _ended_processes(self) -> Iterator[TransportEvent]:
        for uid, (_, process) in list(self._processes.items()):
            if self._system.has_ended(process):
                del self._processes[uid]
                self._system.release(process)
                yield ProcessEnd(uid)

    def _instance(self, connection: TransportConnection) -> PipeInstance:
        return next(end for end in self._speaking if end is connection)
