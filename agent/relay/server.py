"""Relay server: one thread that accepts connections of all users and answers their packets in turn."""

from __future__ import annotations

import json
import logging
import os
import selectors
import socket
from pathlib import Path
from typing import Final

from agent.alerts.transports.relay_link import MOST_PACKET
from agent.files.unix_sockets import listen_for_packets, peer_process
from agent.relay.agent_processes import AgentProcesses
from agent.relay.connections import Connections
from agent.relay.intake import Intake

TICK_S: Final = 5.0
_WAITING: Final = 128
_ACCEPTED_AT_ONCE: Final = 64

_log = logging.getLogger(__name__)


class Relay:
    """Listens on one Unix socket.

    Every turn serves each connection that has something with one packet, so that nobody waits for somebody else's
    flood; each account has a few connections at most.

    Parameters
    ----------
    intake : Intake
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._selector = selectors.DefaultSelector()
        self._connections = Connections()
        self._processes = AgentProcesses()

    def listen(self, path: Path) -> socket.socket:
        """Make the socket that every user may speak to; the folder is the relay's own.

        Raises
        ------
        OSError
            If it cannot be made.
        """
        listener = listen_for_packets(path, _WAITING)
        self._selector.register(listener, selectors.EVENT_READ)
        return listener

    def turn(self, listener: socket.socket, timeout_s: float = TICK_S) -> None:
        """Wait for something to do, and do it. Returns after `timeout_s` at the latest."""
        for key, _ in self._selector.select(timeout_s):
            if key.fileobj is listener:
                self._accept_waiting(listener)
            elif isinstance(key.fileobj, int):
                self._process_ended(key.fileobj)
            elif isinstance(key.fileobj, socket.socket) and key.data is None:
                self._serve(key.fileobj)
        self._intake.tick()
        self._hold_agent()

    def wake_by(self, bell: socket.socket) -> None:
        """Let `turn` return as soon as something arrives here."""
        self._selector.register(bell, selectors.EVENT_READ, data=bell)

    def close(self) -> None:
        """Hang up on everybody, and keep what is known of them."""
        for connection in self._connections:
            self._hang_up(connection)
        self._selector.close()
        for handle in self._processes.release_all():
            os.close(handle)
        self._intake.save()

    def _accept_waiting(self, listener: socket.socket) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                connection, _ = listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                # The caller has gone, or there are no more descriptors: the oldest connection makes room.
                _log.warning("no connection can be accepted: %s", error)
                self._hang_up(next(iter(self._connections), None))
                return
            self._admit(connection)

    def _admit(self, connection: socket.socket) -> None:
        try:
            peer = self._intake.peer(*peer_process(connection))
        except OSError as error:
            _log.warning("%s", error)
            connection.close()
            return
        connection.setblocking(False)
        surplus = self._connections.add(connection, peer)
        self._selector.register(connection, selectors.EVENT_READ)
        if surplus is not None and (owner := self._connections.peer(surplus)) is not None:
            self._intake.count_surplus(owner)
            self._hang_up(surplus)

    def _serve(self, connection: socket.socket) -> None:
        """Answer one packet. Whatever goes wrong costs this connection, and nobody else's."""
        peer = self._connections.peer(connection)
        if peer is None:
            return  # closed earlier in this turn
        try:
            packet, _, flags, _ = connection.recvmsg(MOST_PACKET)
            if not packet:
                self._hang_up(connection)
                return
            if flags & socket.MSG_TRUNC:
                answer = self._intake.refuse_for_good(peer, f"it has more than {MOST_PACKET} bytes")
            else:
                answer = self._intake.answer(packet, peer)
                self._hold_agent()
            connection.send(json.dumps(answer).encode())
            if "never" in answer:
                self._hang_up(connection)
        except OSError as error:
            _log.debug("a connection of uid %d ended: %s", peer.uid, error)
            self._hang_up(connection)
        except Exception:  # noqa: BLE001  (a packet that finds a defect must not end the service for all)
            _log.exception("a packet of uid %d could not be handled", peer.uid)
            self._intake.refuse_for_good(peer, "it could not be handled")
            self._hang_up(connection)

    def _hold_agent(self) -> None:
        """Hear at once when the process of the agent that was heard last ends."""
        agent = self._intake.last_agent()
        if agent is None:
            return
        handle, former = self._processes.hold(agent.uid, agent.pid)
        if former is not None:
            self._selector.unregister(former)
            os.close(former)
        if handle is not None:
            self._selector.register(handle, selectors.EVENT_READ)

    def _process_ended(self, handle: int) -> None:
        self._selector.unregister(handle)
        uid = self._processes.ended(handle)
        os.close(handle)
        if uid is not None:
            self._intake.process_ended(uid)

    def _hang_up(self, connection: socket.socket | None) -> None:
        if connection is None or self._connections.peer(connection) is None:
            return
        self._connections.remove(connection)
        self._selector.unregister(connection)
        connection.close()
