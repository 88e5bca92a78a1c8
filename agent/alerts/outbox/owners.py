"""Owners of the alerts in an outbox: no user's flood pushes out what another user's agent said. Pure."""

from __future__ import annotations

from agent.alerts.alert import Alert

NO_OWNER = -1
UNKNOWN_OWNER = -2
"""All user numbers that the user database does not know: one person may have thousands of them."""
LEAST_WORTH = (
    "SELECT seq, size FROM alert"
    " WHERE owner = (SELECT owner FROM alert GROUP BY owner ORDER BY SUM(size) DESC, owner LIMIT 1)"
    " ORDER BY is_loss, severity, seq LIMIT 1"
)


def owner_of(alert: Alert) -> int:
    """The user number that a relay vouches for; `NO_OWNER` for an agent's own alerts, and the relay's."""
    uid = alert.detail.get("peer_uid") if "by" not in alert.detail else None
    if type(uid) is not int:
        return NO_OWNER
    return UNKNOWN_OWNER if alert.detail.get("peer_unknown") else uid
