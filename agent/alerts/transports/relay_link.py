"""Transport: the relay, a service under an account of its own that brings alerts on. Here over a Unix socket.

One alert a packet; the relay answers each once it has it on its own disk. From then on a program of the watched user
can no longer take it back. The kernel says who listens: a relay that runs as this very user would promise nothing, and
is not believed. `agent.alerts.transports.relay_pipe` is the same over a named pipe of Windows.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol

from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.alerts.wire import alert_to_json
from agent.files.decode import Fields, decode_json
from agent.files.private import effective_uid
from agent.files.unix_sockets import peer_process

MOST_PACKET: Final = 16_384
MOST_REFUSAL: Final = 240
ANSWER_S: Final = 5.0


class RelayChannel(Protocol):
    """An open connection to a relay that is believed."""

    def exchange(self, packet: bytes) -> bytes:
        """Send a packet, and return the answer. Blocks `ANSWER_S` at most.

        Raises
        ------
        OSError
            If the relay has gone, or does not answer.
        """


class UnbelievedRelayError(Exception):
    """Who answers as the relay is not it."""


def hand_over(
    records: Sequence[Record], open_channel: Callable[[], AbstractContextManager[RelayChannel]], where: str
) -> Sent:
    """Hand records over one by one. Blocks 5 s at most where the relay hangs.

    Parameters
    ----------
    records : sequence of Record
    open_channel : callable
        Raises OSError where there is no relay, `UnbelievedRelayError` where it is not believed.
    where : str
        The relay's address, for people.
    """
    accepted = 0
    try:
        with open_channel() as channel:
            for record in records:
                refusal = _hand_over(channel, record)
                if refusal is not None:
                    return Sent(accepted, *refusal)
                accepted += 1
    except UnbelievedRelayError as why:
        return Sent(0, DeliveryOutcome.AUTH_FAILED, f"{where}: {why}")
    except (OSError, ValueError) as why:
        return Sent(accepted, DeliveryOutcome.RETRY, f"the relay at {where} does not take alerts: {why}")
    return Sent(accepted, DeliveryOutcome.OK)


def _hand_over(channel: RelayChannel, record: Record) -> tuple[DeliveryOutcome, str] | None:
    """Send one, and read what the relay says: None if it has it."""
    answer = channel.exchange(alert_to_json(record.alert).encode())
    if not answer:
        raise OSError("it hung up")
    reply = Fields.of(decode_json(answer, MOST_PACKET))
    if reply.document.get("taken") == record.alert.record_id:
        return None
    is_final = "never" in reply.document and reply.boolean("never")
    outcome = DeliveryOutcome.PERMANENT if is_final else DeliveryOutcome.BACK_OFF
    return outcome, f"the relay says: {reply.text('refused', most=MOST_REFUSAL)}"


class RelayLink:
    """Hands alerts to the relay over its Unix socket.

    Parameters
    ----------
    path : Path
        Its socket.
    own_uid : int, optional
        This process's user; anything else is for tests.
    """

    def __init__(self, path: Path, own_uid: int | None = None) -> None:
        self._path = path
        self._own_uid = effective_uid() if own_uid is None else own_uid

    @property
    def name(self) -> str:
        """Its name in the outbox."""
        return "relay"

    def send(self, records: Sequence[Record]) -> Sent:
        """Hand the records over one by one. Delivery thread; blocks 5 s at most where the relay hangs."""
        return hand_over(records, self._open, str(self._path))

    @contextlib.contextmanager
    def _open(self) -> Iterator[RelayChannel]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            _connect(connection, str(self._path))
            _, uid = peer_process(connection)
            if uid == self._own_uid:
                raise UnbelievedRelayError("the relay runs as this user; start it under one of its own")
            yield _SocketChannel(connection)


class _SocketChannel:
    """`RelayChannel` over a connected socket of packets."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def exchange(self, packet: bytes) -> bytes:
        """See `RelayChannel.exchange`."""
        self._connection.send(packet)
        return self._connection.recv(MOST_PACKET)


def _connect(connection: socket.socket, path: str) -> None:
    """Connect, and wait for a place in the relay's queue where others have filled it, as long as for an answer.

    Raises
    ------
    OSError
        If there is no relay, or no place in time.
    """
    # Not by `settimeout`: that makes the socket non-blocking, and a full queue then is an error at once.
    seconds = int(ANSWER_S)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", seconds, 0))
    connection.connect(path)
    connection.settimeout(ANSWER_S)
