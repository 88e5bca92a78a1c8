"""Relay transport over a Unix socket of packets: the kernel says who connects, and which process ends."""

from __future__ import annotations

import logging
import os
import selectors
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from agent.alerts.transports.relay_link import MOST_PACKET
from agent.files.unix_sockets import listen_for_packets, peer_process
from agent.relay.accounts import AccountId
from agent.relay.agent_processes import AgentProcesses
from agent.relay.transport import (
    ClientArrival,
    Crowding,
    Departure,
    Packet,
    ProcessEnd,
    TransportConnection,
    TransportEvent,
)

_WAITING: Final = 128
_ACCEPTED_AT_ONCE: Final = 64

_log = logging.getLogger(__name__)


class UnixTransport:
    """`RelayTransport` that listens on one Unix socket.

    Parameters
    ----------
    path : Path
        Where every account may speak to it, in a folder of the relay's own.

    Raises
    ------
    OSError
        If the socket cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._listener = listen_for_packets(path, _WAITING)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._open: set[socket.socket] = set()
        self._processes = AgentProcesses()

    def wake_by(self, bell: socket.socket) -> None:
        """Let `wait` return as soon as something arrives here."""
        self._selector.register(bell, selectors.EVENT_READ, data=bell)

    def wait(self, timeout_s: float) -> Iterator[TransportEvent]:
        """See `RelayTransport.wait`."""
        for key, _ in self._selector.select(timeout_s):
            if key.fileobj is self._listener:
                yield from self._accept_waiting()
            elif isinstance(key.fileobj, int):
                yield from self._process_ended(key.fileobj)
            elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._open:
                yield _received(key.fileobj)

    def send(self, connection: TransportConnection, answer: bytes) -> None:
        """See `RelayTransport.send`."""
        _socket(connection).send(answer)

    def hang_up(self, connection: TransportConnection) -> None:
        """See `RelayTransport.hang_up`."""
        channel = _socket(connection)
        self._open.discard(channel)
        self._selector.unregister(channel)
        channel.close()

    def hold(self, uid: AccountId, pid: int) -> None:
        """See `RelayTransport.hold`."""
        handle, former = self._processes.hold(uid, pid)
        if former is not None:
            self._selector.unregister(former)
            os.close(former)
        if handle is not None:
            self._selector.register(handle, selectors.EVENT_READ)

    def close(self) -> None:
        """See `RelayTransport.close`."""
        for channel in tuple(self._open):
            self.hang_up(channel)
        self._selector.close()
        self._listener.close()
        for handle in self._processes.release_all():
            os.close(handle)

    def _accept_waiting(self) -> Iterator[TransportEvent]:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                channel, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                # The caller has gone, or there are no more descriptors.
                _log.warning("no connection can be accepted: %s", error)
                yield Crowding()
                return
            try:
                pid, uid = peer_process(channel)
            except OSError as error:
                _log.warning("%s", error)
                channel.close()
                continue
            channel.setblocking(False)
            self._open.add(channel)
            self._selector.register(channel, selectors.EVENT_READ)
            yield ClientArrival(channel, pid, uid)

    def _process_ended(self, handle: int) -> Iterator[TransportEvent]:
        self._selector.unregister(handle)
        uid = self._processes.ended(handle)
        os.close(handle)
        if uid is not None:
            yield ProcessEnd(uid)


def _received(channel: socket.socket) -> TransportEvent:
    try:
        content, _, flags, _ = channel.recvmsg(MOST_PACKET)
    except OSError as error:
        _log.debug("a connection ended: %s", error)
        return Departure(channel)
    if not content:
        return Departure(channel)
    return Packet(channel, content, not flags & socket.MSG_TRUNC)


def _socket(connection: TransportConnection) -> socket.socket:
    assert isinstance(connection, socket.socket)
    return connection
