"""Security events: which event an identity provider is told for an alert, and the claims of its token. Pure.

References
----------
OpenID Continuous Access Evaluation Profile 1.0 (29 August 2025), sections 3.1, 3.4 and 3.8.
OpenID Shared Signals Framework 1.0 (29 August 2025), sections 3, 4 and 8.1.4: subjects, claims, verification.
RFC 8417, Security Event Token (July 2018), section 2.2.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from agent.alerts.alert import Activity, Alert, AlertKind
from agent.alerts.transports.ssf import SsfSettings

_CAEP: Final = "https://schemas.openid.net/secevent/caep/event-type/"
_SSF: Final = "https://schemas.openid.net/secevent/ssf/event-type/"
RISK_LEVEL_CHANGE: Final = f"{_CAEP}risk-level-change"
ASSURANCE_LEVEL_CHANGE: Final = f"{_CAEP}assurance-level-change"
SESSION_REVOKED: Final = f"{_CAEP}session-revoked"
VERIFICATION: Final = f"{_SSF}verification"
STREAM_UPDATED: Final = f"{_SSF}stream-updated"

_RISK: Final = {AlertKind.SUSPICIOUS: "MEDIUM", AlertKind.INTRUDER: "HIGH"}
_UNLIKE: Final = "The mouse of an unlocked session is moved unlike its owner"
_LOCKED_AFTER_VERDICT: Final = f"{_UNLIKE}; the screen was locked"
_LOCKED_BY_POLICY: Final = "Policy asked for a lock of the session; the screen was locked"
_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """One event of a token.

    Attributes
    ----------
    uri : str
        Its type.
    members : mapping
        What the type says of it.
    """

    uri: str
    members: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventStream:
    """Who tells whom: the stream of a transmitter to a receiver.

    Attributes
    ----------
    issuer, audience : str
    """

    issuer: str
    audience: str

    @property
    def stream_id(self) -> str:
        """The same for every relay that speaks for this issuer to this audience, and after every start."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.issuer}\n{self.audience}"))

    @property
    def subject(self) -> dict[str, Any]:
        """The subject of an event about the stream itself."""
        return {"format": "opaque", "id": self.stream_id}

    def token_id(self, name: str) -> str:
        """A jti for an event of this stream that no alert stands behind: the same for the same name."""
        return str(uuid.uuid5(uuid.UUID(self.stream_id), name))


def event_of(alert: Alert, settings: SsfSettings) -> SecurityEvent | None:
    """What the identity provider is told for `alert`; None for what is none of its business.

    A suspicion raises the risk to MEDIUM, an intruder verdict to HIGH. A lock lowers the assurance, or revokes the
    sessions where policy asks for that, a verdict led to it, and the profile's error rates were observed. Nothing
    lowers the risk again: "that was me" comes from the account itself, and a program of the account can say so as well.
    """
    kind = alert.kind
    if isinstance(kind, AlertKind) and kind in _RISK and alert.activity is Activity.CREATE:
        return _risk_level_change(alert, _RISK[kind])
    if alert.kind is AlertKind.LOCK_RESULT:
        return _lock_event(alert, settings)
    if alert.kind is AlertKind.TEST:
        return SecurityEvent(VERIFICATION, {})
    return None


def is_about_stream(event: SecurityEvent) -> bool:
    """Whether its subject is the stream and no person."""
    return event.uri.startswith(_SSF)


def claims_of(
    event: SecurityEvent, stream: EventStream, subject: Mapping[str, Any], token_id: str, issued_unix_s: int
) -> dict[str, Any]:
    """The claims of a token with one event; neither `sub` nor `exp`, which Shared Signals forbids."""
    members = dict(event.members)
    if not is_about_stream(event):
        # Allowed beside sub_id for the types of CAEP, and what receivers of earlier drafts look for.
        members = {"subject": subject, **members}
    return {
        "iss": stream.issuer,
        "aud": stream.audience,
        "jti": token_id,
        "iat": issued_unix_s,
        "sub_id": subject,
        "events": {event.uri: members},
    }


def alert_claims(
    alert: Alert, event: SecurityEvent, stream: EventStream, subject: Mapping[str, Any]
) -> dict[str, Any]:
    """The claims for an alert's event: the same each time it is sent, so that a receiver knows a repetition by its jti.

    jti is the record's id (``metadata.uid`` in the SIEM), txn the finding's; iat the time of the alert.
    """
    claims = claims_of(event, stream, subject, alert.record_id, alert.time_unix_ns // _NS)
    return claims if is_about_stream(event) else {**claims, "txn": alert.finding_id}


def _risk_level_change(alert: Alert, level: str) -> SecurityEvent:
    members = {
        "principal": "USER",
        "current_level": level,
        "risk_reason": "MOUSE_DYNAMICS_UNLIKE_OWNER",
        **_common(alert, _UNLIKE),
    }
    return SecurityEvent(RISK_LEVEL_CHANGE, members)


def _lock_event(alert: Alert, settings: SsfSettings) -> SecurityEvent:
    # A missing agent or an unknown mouse leads to a lock, too, and says nothing of who is there.
    is_verdict = "verdict" in alert.detail
    claims = _common(alert, _LOCKED_AFTER_VERDICT if is_verdict else _LOCKED_BY_POLICY)
    # What is not said counts as estimated: an alert that had to be shortened revokes nothing.
    if settings.ssf_revoke_sessions and is_verdict and alert.detail.get("estimated") is False:
        return SecurityEvent(SESSION_REVOKED, claims)
    members = {
        "namespace": settings.ssf_assurance_namespace,
        "current_level": settings.ssf_assurance_level,
        "change_direction": "decrease",
        **claims,
    }
    return SecurityEvent(ASSURANCE_LEVEL_CHANGE, members)


def _common(alert: Alert, reason: str) -> dict[str, Any]:
    """Claims that CAEP has for every event. The reason is fixed: no way of moving leaves the company with it."""
    return {
        "event_timestamp": alert.time_unix_ns // _NS,
        "initiating_entity": "policy",
        "reason_admin": {"en": reason},
    }
