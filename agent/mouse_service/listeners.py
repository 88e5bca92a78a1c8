"""Listeners: connections of agents to the mouse service, at most one that gets movement for each account."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from agent.files.unix_sockets import peer_process
from agent.host.linux.listener_protocol import Wish
from agent.host.linux.mouse_protocol import (
    DeviceReports,
    ListenerRefused,
    ReportsLost,
    ServicePacket,
    encode_packet,
)
from agent.host.listener_program import ListenerProgram
from agent.mouse_service.admission import (
    AdmissionDecision,
    Applicant,
    Breach,
    ConnectionRate,
    decide_admission,
)

MOST_WAITING: Final = 16
_WISH_NS: Final = 2_000_000_000
# A computer that starts is slow; nobody is served unlooked at because of that.
_CHECK_NS: Final = 70_000_000_000
_MOST_ACCOUNTS: Final = 1024


@dataclass(slots=True, eq=False)
class Connection:
    """One connection.

    Attributes
    ----------
    channel : socket
    applicant : Applicant
    since_ns : int
    wish : Wish or None
        None until it said what it wants.
    program : ListenerProgram or None
        None until it was looked at.
    lost : set of int
        Devices of which reports did not fit its buffer, and that has not been said.
    """

    channel: socket.socket
    applicant: Applicant
    since_ns: int
    wish: Wish | None = None
    program: ListenerProgram | None = None
    lost: set[int] = field(default_factory=set)

    def send(self, packet: ServicePacket) -> bool:
        """Send without waiting; False where it has hung up. What does not fit is lost, which is said later."""
        try:
            for number in sorted(self.lost):
                self.channel.send(encode_packet(ReportsLost(number)))
                self.lost.discard(number)
            self.channel.send(encode_packet(packet))
        except BlockingIOError:
            if isinstance(packet, DeviceReports):
                self.lost.add(packet.number)
        except OSError:
            return False
        return True


class Listeners:
    """All connections. One thread."""

    def __init__(self) -> None:
        self._waiting: list[Connection] = []
        self._of_account: dict[int, Connection] = {}
        self._rates: dict[int, ConnectionRate] = {}

    def __iter__(self) -> Iterator[Connection]:
        return iter([*self._waiting, *self._of_account.values()])

    def of(self, uid: int) -> Connection | None:
        """The listener of an account."""
        return self._of_account.get(uid)

    def accounts(self) -> tuple[int, ...]:
        """The accounts that have one."""
        return tuple(self._of_account)

    def greet(self, channel: socket.socket, now_ns: int) -> tuple[Connection, Breach | None]:
        """Take a new connection, which has to say what it wants; what is to be reported of it.

        Raises
        ------
        OSError
            If the kernel does not say who it is, or it is sent away for connecting too often.
        """
        pid, uid = peer_process(channel)
        channel.setblocking(False)
        connection = Connection(channel, Applicant(uid, pid), now_ns)
        if len(self._rates) >= _MOST_ACCOUNTS:
            self._rates.clear()
        if not self._rates.setdefault(uid, ConnectionRate()).admits(now_ns):
            connection.send(ListenerRefused("too many connections in a minute"))
            return connection, Breach.TOO_MANY
        self._waiting.append(connection)
        return connection, None

    def surplus(self, now_ns: int) -> list[Connection]:
        """Connections that say or are looked at too late, and the oldest where too many wait."""
        late = [
            each
            for each in self._waiting
            if now_ns - each.since_ns > (_WISH_NS if each.wish is None else _CHECK_NS)
        ]
        return late or self._waiting[: max(0, len(self._waiting) - MOST_WAITING)]

    def decide(
        self, connection: Connection, program: ListenerProgram, *, at_a_seat: bool
    ) -> AdmissionDecision:
        """Decide about a connection that was looked at, and remember the listener."""
        uid, connection.program = connection.applicant.uid, program
        present = self._of_account.get(uid) if connection.wish is Wish.MOVEMENT else None
        decision = decide_admission(program, present.program if present else None, at_a_seat=at_a_seat)
        if not decision.refusal and connection.wish is Wish.MOVEMENT:
            self._waiting.remove(connection)
            self._of_account[uid] = connection
        return decision

    def forget(self, connection: Connection) -> bool:
        """Forget and close one; True where it was an account's listener."""
        connection.channel.close()
        if connection in self._waiting:
            self._waiting.remove(connection)
        uid = connection.applicant.uid
        if self._of_account.get(uid) is not connection:
            return False
        del self._of_account[uid]
        return True
