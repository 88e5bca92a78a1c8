"""Relay server: one thread that answers the packets of all accounts in turn, over whatever transport."""

from __future__ import annotations

import json
import logging
from typing import Final, assert_never

from agent.alerts.transports.relay_link import MOST_PACKET
from agent.relay.connections import Connections
from agent.relay.intake import Intake
from agent.relay.transport import (
    ClientArrival,
    Crowding,
    Departure,
    Packet,
    ProcessEnd,
    RelayTransport,
    TransportConnection,
    TransportEvent,
)

TICK_S: Final = 5.0

_log = logging.getLogger(__name__)


class Relay:
    """Serves the connections of a transport; each account has a few at most.

    Parameters
    ----------
    intake : Intake
    transport : RelayTransport
        Closed with the relay.
    most_connections : int, optional
        How many the transport can hold at once.
    """

    def __init__(
        self, intake: Intake, transport: RelayTransport, most_connections: int | None = None
    ) -> None:
        self._intake = intake
        self._transport = transport
        self._connections = Connections() if most_connections is None else Connections(most_connections)

    def turn(self, timeout_s: float = TICK_S) -> None:
        """Wait for something to do, and do it. Returns after `timeout_s` at the latest."""
        for event in self._transport.wait(timeout_s):
            self._take(event)
        self._intake.tick()
        self._hold_agent()

    def close(self) -> None:
        """Hang up on everybody, and keep what is known of them."""
        for connection in self._connections:
            self._hang_up(connection)
        self._transport.close()
        self._intake.save()

    def _take(self, event: TransportEvent) -> None:
        match event:
            case ClientArrival():
                self._admit(event)
            case Packet():
                self._serve(event)
            case Departure():
                self._hang_up(event.connection)
            case ProcessEnd():
                self._intake.process_ended(event.uid)
            case Crowding():
                # The oldest connection makes room.
                self._hang_up(next(iter(self._connections), None))
            case _:
                assert_never(event)

    def _admit(self, arrival: ClientArrival) -> None:
        peer = self._intake.peer(arrival.pid, arrival.uid)
        surplus = self._connections.add(arrival.connection, peer)
        if surplus is not None and (owner := self._connections.peer(surplus)) is not None:
            self._intake.count_surplus(owner)
            self._hang_up(surplus)

    def _serve(self, packet: Packet) -> None:
        """Answer one packet. Whatever goes wrong costs this connection, and nobody else's."""
        peer = self._connections.peer(packet.connection)
        if peer is None:
            return  # closed earlier in this turn
        try:
            if packet.is_whole:
                answer = self._intake.answer(packet.content, peer)
                self._hold_agent()
            else:
                answer = self._intake.refuse_for_good(peer, f"it has more than {MOST_PACKET} bytes")
            self._transport.send(packet.connection, json.dumps(answer).encode())
            if "never" in answer:
                self._hang_up(packet.connection)
        except OSError as error:
            _log.debug("a connection of %s ended: %s", peer.uid, error)
            self._hang_up(packet.connection)
        except Exception:  # noqa: BLE001  (a packet that finds a defect must not end the service for all)
            _log.exception("a packet of %s could not be handled", peer.uid)
            self._intake.refuse_for_good(peer, "it could not be handled")
            self._hang_up(packet.connection)

    def _hold_agent(self) -> None:
        """Hear at once when the process of the agent that was heard last ends."""
        agent = self._intake.last_agent()
        if agent is not None:
            self._transport.hold(agent.uid, agent.pid)

    def _hang_up(self, connection: TransportConnection | None) -> None:
        if connection is None or self._connections.peer(connection) is None:
            return
        self._connections.remove(connection)
        self._transport.hang_up(connection)
