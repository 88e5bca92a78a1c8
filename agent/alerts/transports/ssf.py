"""Transport: OpenID Shared Signals to an identity provider, by push. Only the relay sends them.

What does the work stands in `agent.alerts.signals`, which is imported when the transport is built: the agent, which
reads the settings as well, does without it.

References
----------
OpenID Shared Signals Framework 1.0 and Continuous Access Evaluation Profile 1.0 (both 29 August 2025).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.alerts.api import Transport
from agent.alerts.transports.http_settings import HttpSettings
from agent.alerts.transports.kind import TransportContext, TransportKind
from agent.files.options import ADDRESS, setting

NAME: Final = "ssf"
ENABLED: Final = "enabled"
PAUSED: Final = "paused"
DISABLED: Final = "disabled"
_ISSUER: Final = r"(https://[A-Za-z0-9._-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?)?"
_LABEL: Final = r"[!-~]{1,64}"


@dataclass(frozen=True, slots=True)
class SsfSettings(HttpSettings):
    """Which receiver, and what it is told."""

    ssf_receiver_url: str = setting(
        "",
        "push endpoint of an identity provider that takes Shared Signals (RFC 8935); the relay alone sends them; "
        "empty for none",
        **ADDRESS,
    )
    ssf_issuer: str = setting(
        "",
        "address under which steadyhand signals publish makes the transmitter known: the iss of every token",
        pattern=_ISSUER,
        shape="an https:// address without query, or empty",
    )
    ssf_audience: str = setting("", "the aud of every token, as the receiver names itself")
    ssf_keys_file: str = setting(
        "",
        "file with mode 0600, the relay's, that holds its signing keys: steadyhand signals new-key makes it",
    )
    ssf_subjects_file: str = setting(
        "",
        "JSON file that names, for every account, the subject identifier (RFC 9493) at the identity provider; root's, "
        "not to be written by others",
    )
    ssf_authorization_file: str = setting(
        "",
        "file with mode 0600 that holds the Authorization header the receiver asks for, such as Bearer …; empty for "
        "none",
    )
    ssf_status: str = setting(
        ENABLED,
        "status of the stream: enabled sends, paused keeps signals for later, disabled drops them; the receiver is "
        "told of a change",
        choices=(ENABLED, PAUSED, DISABLED),
    )
    ssf_revoke_sessions: bool = setting(
        False,
        "a lock ends the person's sessions at the identity provider (session-revoked) instead of lowering their "
        "assurance; only under a profile whose error rates were observed: a false lock ends every session",
    )
    ssf_assurance_namespace: str = setting(
        "steadyhand",
        "namespace of the assurance level that a lock leads to, as agreed with the receiver",
        pattern=_LABEL,
        shape="1 to 64 printable letters without a space",
    )
    ssf_assurance_level: str = setting(
        "unverified",
        "the assurance level that a lock leads to, in that namespace",
        pattern=_LABEL,
        shape="1 to 64 printable letters without a space",
    )


def build(settings: SsfSettings, context: TransportContext) -> Transport:
    """The transmitter that the settings name."""
    from agent.alerts.signals.transmitter import SignalTransmitter

    return SignalTransmitter(settings, context)


KIND: Final = TransportKind(SsfSettings, build, switch="ssf_receiver_url", single=True, relay_only=True)
