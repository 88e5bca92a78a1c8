"""Connections of the relay: a bounded number for each account, so that nobody's push out somebody else's."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from agent.relay.accounts import RelayAccount

MOST_OF_ACCOUNT: Final = 8
MOST_CONNECTIONS: Final = 512


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of one connection, as the kernel says.

    Attributes
    ----------
    account : RelayAccount
    uid, pid : int
        User and process number when it connected.
    """

    account: RelayAccount
    uid: int
    pid: int


class Connections:
    """Open connections, oldest first."""

    def __init__(self) -> None:
        self._peers: dict[socket.socket, Peer] = {}
        self._counts: Counter[int] = Counter()

    def __iter__(self) -> Iterator[socket.socket]:
        return iter(list(self._peers))

    def peer(self, connection: socket.socket) -> Peer | None:
        """Who it is; None where the connection was closed meanwhile."""
        return self._peers.get(connection)

    def add(self, connection: socket.socket, peer: Peer) -> socket.socket | None:
        """Keep one; returns the connection that must be closed for it, if any.

        It is the account's own oldest where the account has too many, else the oldest of the account that has
        the most.
        """
        surplus = None
        if self._counts[peer.account.uid] >= MOST_OF_ACCOUNT:
            surplus = self._oldest_of(peer.account.uid)
        elif len(self._peers) >= MOST_CONNECTIONS:
            surplus = self._oldest_of(self._counts.most_common(1)[0][0])
        self._peers[connection] = peer
        self._counts[peer.account.uid] += 1
        return surplus

    def remove(self, connection: socket.socket) -> None:
        """Forget one that is closed."""
        peer = self._peers.pop(connection, None)
        if peer is not None:
            self._counts[peer.account.uid] -= 1
            if not self._counts[peer.account.uid]:
                del self._counts[peer.account.uid]

    def _oldest_of(self, uid: int) -> socket.socket | None:
        return next((each for each, peer in self._peers.items() if peer.account.uid == uid), None)
