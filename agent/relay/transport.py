"""Transport of the relay: how programs of all accounts speak to it. A Unix socket, or a named pipe on Windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from agent.relay.accounts import AccountId

TransportConnection: TypeAlias = object
"""One connection, as its transport names it: hashable, and only handed back."""


@dataclass(frozen=True, slots=True)
class ClientArrival:
    """A program has connected.

    Attributes
    ----------
    connection : TransportConnection
    pid : int
        Its process number; 0 where nobody knows.
    uid : AccountId
        Its account, by the operating system's word.
    """

    connection: TransportConnection
    pid: int
    uid: AccountId


@dataclass(frozen=True, slots=True)
class Packet:
    """A connection has sent something.

    Attributes
    ----------
    connection : TransportConnection
    content : bytes
    is_whole : bool
        False where it was longer than a packet may be.
    """

    connection: TransportConnection
    content: bytes
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Departure:
    """The other side has hung up.

    Attributes
    ----------
    connection : TransportConnection
    """

    connection: TransportConnection


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """The process that was held for an account has ended.

    Attributes
    ----------
    uid : AccountId
    """

    uid: AccountId


@dataclass(frozen=True, slots=True)
class Crowding:
    """No further connection can be accepted."""


TransportEvent: TypeAlias = ClientArrival | Packet | Departure | ProcessEnd | Crowding


class RelayTransport(Protocol):
    """Connections to the relay. One thread.

    Between two calls of `wait` each connection is served with one packet at most, so that nobody waits for somebody
    else's flood.
    """

    def wait(self, timeout_s: float) -> Iterator[TransportEvent]:
        """What has come, in order; empty after `timeout_s`. What was hung up meanwhile says nothing any more."""

    def send(self, connection: TransportConnection, answer: bytes) -> None:
        """Answer a packet, without waiting for whoever does not read.

        Raises
        ------
        OSError
            If it cannot be sent.
        """

    def hang_up(self, connection: TransportConnection) -> None:
        """Close a connection; what was sent stays readable at the other side."""

    def hold(self, uid: AccountId, pid: int) -> None:
        """Tell by `ProcessEnd` when this process ends, in the place of the one held for the account before."""

    def close(self) -> None:
        """Close everything."""
