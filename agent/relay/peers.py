"""What the relay knows of the agents that speak to it: how much each may say, and who has fallen silent. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.hash_chain import CHAIN

SILENCE_NS: Final = 150_000_000_000
"""Two heartbeats and a half."""
MOST_A_MINUTE: Final = 120
_MINUTE_NS: Final = 60_000_000_000
_ENDS: Final = frozenset((AlertKind.STOPPED, AlertKind.QUIT))


@dataclass(frozen=True, slots=True)
class Peer:
    """One user's agent.

    Attributes
    ----------
    user : str
    heard_ns : int
        When it last said something; monotonic.
    has_ended : bool
        True after it said that it ends.
    told_silent : bool
        True once its silence was reported.
    """

    user: str
    heard_ns: int
    has_ended: bool = False
    told_silent: bool = False


class Peers:
    """All users' agents by user number."""

    def __init__(self) -> None:
        self._peers: dict[int, Peer] = {}
        self._minute: dict[int, tuple[int, int]] = {}

    def may_speak(self, uid: int, now_ns: int) -> bool:
        """Whether this user has not said too much in the last minute: nobody shall fill the outbox of all."""
        began_ns, count = self._minute.get(uid, (now_ns, 0))
        if now_ns - began_ns >= _MINUTE_NS:
            began_ns, count = now_ns, 0
        self._minute[uid] = (began_ns, count + 1)
        return count < MOST_A_MINUTE

    def heard(self, uid: int, user: str, kind: AlertKind, now_ns: int) -> None:
        """An agent has said something."""
        self._peers[uid] = Peer(user, now_ns, kind in _ENDS)

    def fallen_silent(self, now_ns: int) -> Iterator[tuple[int, Peer]]:
        """Agents that should have said something by now; each is named once until it speaks again."""
        for uid, peer in self._peers.items():
            late = now_ns - peer.heard_ns > SILENCE_NS
            if late and not peer.has_ended and not peer.told_silent:
                self._peers[uid] = replace(peer, told_silent=True)
                yield uid, peer

    def seconds_since(self, now_ns: int) -> dict[str, int]:
        """How long ago each agent that has not ended was heard, by user."""
        return {
            peer.user: (now_ns - peer.heard_ns) // 1_000_000_000
            for peer in self._peers.values()
            if not peer.has_ended
        }


def stamped(alert: Alert, user: str, uid: int, pid: int, host: str) -> Alert:
    """An agent's alert as the relay passes it on: who said it is the kernel's word, not the agent's.

    The agent's own link goes to ``agent_chain``: the relay's chain is the one that the user cannot forge.
    """
    detail: dict[str, Any] = dict(alert.detail)
    link = detail.pop(CHAIN, None)
    if link is not None:
        detail["agent_chain"] = link
    if alert.user != user:
        detail["said_to_be"] = alert.user
    detail |= {"peer_uid": uid, "peer_pid": pid}
    return replace(alert, user=user, host=host, detail=detail)


def own_alert(
    kind: AlertKind,
    severity: Severity,
    message: str,
    user: str,
    host: str,
    wall_ns: int,
    ids: tuple[str, str],
    **detail: Any,
) -> Alert:
    """An alert that the relay itself raises."""
    finding, record = ids
    return Alert(finding, record, kind, Activity.CREATE, severity, wall_ns, user, host, message, (), detail)
