"""Alerts as the relay passes them on, and its own. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.hash_chain import CHAIN
from agent.alerts.playbooks import playbook_detail
from agent.relay.accounts import UNKNOWN_UID, account_detail
from agent.relay.connections import Peer
from agent.relay.screen_locker import ScreenOutcome
from agent.relay.session_guard import AbsenceNews

MOUSE_SERVICE: Final = "steadyhand-mouse"
# What the relay alone says: an agent that says it is not quoted.
_OWN_KEYS: Final = frozenset(
    ("by", "said_to_be", "agent_chain", "peer_uid", "peer_sid", "peer_pid", "peer_unknown", "playbook", CHAIN)
)


def stamped(alert: Alert, peer: Peer, host: str, playbooks: str = "") -> Alert:
    """An agent's alert as the relay passes it on: who said it is the kernel's word, not the agent's.

    So is the address of the playbook, which analysts follow. The agent's own link goes to ``agent_chain``: the relay's
    chain is the one that the user cannot forge. The mouse service speaks of other accounts, in whose names its alerts
    stay.
    """
    detail: dict[str, Any] = {key: entry for key, entry in alert.detail.items() if key not in _OWN_KEYS}
    if CHAIN in alert.detail:
        detail["agent_chain"] = alert.detail[CHAIN]
    user = peer.account.name
    if is_mouse_service(peer):
        user, detail["by"] = alert.user, "mouse service"
    elif alert.user != user:
        detail["said_to_be"] = alert.user
    detail |= {**account_detail(peer.uid), "peer_pid": peer.pid, **playbook_detail(alert.kind, playbooks)}
    if peer.account.uid == UNKNOWN_UID:
        detail["peer_unknown"] = True
    return replace(alert, user=user, host=host, detail=detail)


def is_mouse_service(peer: Peer) -> bool:
    """True for the mouse service's own account, which has no agent."""
    return peer.account.name == MOUSE_SERVICE


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


def absence_alert(absence: AbsenceNews, user: str) -> tuple[AlertKind, Severity, str]:
    """What to say of a session that goes on without its agent, or of the answer to it."""
    gone = f"The agent of {user} is not running, and their session goes on without it"
    if absence.screen is None:
        moving = {True: ": its mouse moves", False: ": its mouse rests", None: ""}[absence.is_moving]
        return AlertKind.SILENT, Severity.HIGH, f"{gone}{moving}"
    match absence.screen.outcome:
        case ScreenOutcome.LOCKED:
            return AlertKind.LOCK_RESULT, Severity.HIGH, f"{gone}: it was locked through logind"
        case ScreenOutcome.GREETER:
            return AlertKind.LOCK_RESULT, Severity.HIGH, f"{gone}: the greeter was put on the screen"
        case _:
            return AlertKind.LOCK_FAILED, Severity.CRITICAL, f"{gone}, and the screen could NOT be locked"


def absence_detail(absence: AbsenceNews) -> dict[str, Any]:
    """The figures of `absence_alert`; ``mouse_moves`` is left out where nobody knows."""
    detail: dict[str, Any] = {
        **account_detail(absence.session.uid),
        "session": absence.session.session_id,
        "seat": absence.session.seat,
        "silent_s": round(absence.absent_ns / 1e9),
    }
    if absence.is_moving is not None:
        detail["mouse_moves"] = absence.is_moving
    if absence.screen is not None:
        detail |= {"lock": absence.screen.outcome.value, "tried": list(absence.screen.tried)}
    return detail
