"""Connections of the relay: a bounded number for each account, so that nobody's push out somebody else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from agent.relay.accounts import AccountId, RelayAccount
from agent.relay.transport import TransportConnection

MOST_OF_ACCOUNT: Final = 8
MOST_CONNECTIONS: Final = 512


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of one connection, as the kernel says.

    Attributes
    ----------
    account : RelayAccount
    uid : AccountId
        User number or SID when it connected.
    pid : int
        Process number when it connected; on Windows by its own word.
    """

    account: RelayAccount
    uid: AccountId
    pid: int


class Connections:
    """Open connections, oldest first.

    Parameters
    ----------
    most : int, optional
        How many there may be at once.
    """

    def __init__(self, most: int = MOST_CONNECTIONS) -> None:
        self._most = most
        self._peers: dict[TransportConnection, Peer] = {}
        self._counts: Counter[AccountId] = Counter()

    def __iter__(self) -> Iterator[TransportConnection]:
        return iter(list(self._peers))

    def peer(self, connection: TransportConnection) -> Peer | None:
        """Who it is; None where the connection was closed meanwhile."""
        return self._peers.get(connection)

    def add(self, connection: TransportConnection, peer: Peer) -> TransportConnection | None:
        """Keep one; returns the connection that must be closed for it, if any.

        It is the account's own oldest where the account has too many, else the oldest of the account that has
        the most.
        """
        surplus = None
        if self._counts[peer.account.uid] >= MOST_OF_ACCOUNT:
            surplus = self._oldest_of(peer.account.uid)
        elif len(self._peers) >= self._most:
            surplus = self._oldest_of(self._counts.most_common(1)[0][0])
        self._peers[connection] = peer
        self._counts[peer.account.uid] += 1
        return surplus

    def remove(self, connection: TransportConnection) -> None:
        """Forget one that is closed."""
        peer = self._peers.pop(connection, None)
        if peer is not None:
            self._counts[peer.account.uid] -= 1
            if not self._counts[peer.account.uid]:
                del self._counts[peer.account.uid]

    def _oldest_of(self, uid: AccountId) -> TransportConnection | None:
        return next((each for each, peer in self._peers.items() if peer.account.uid == uid), None)
