"""Transmitter: brings security event tokens for alerts to one receiver, as a transport of the relay."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.alerts.playbooks import playbook_detail
from agent.alerts.signals.events import (
    STREAM_UPDATED,
    VERIFICATION,
    EventStream,
    SecurityEvent,
    alert_claims,
    claims_of,
    event_of,
    is_about_stream,
)
from agent.alerts.signals.push import ARRIVED, STREAM_ERRORS, PushAnswer, TokenPush
from agent.alerts.signals.signing_keys import KeyRingFile, RelayKey
from agent.alerts.signals.stream_state import StreamStateFile
from agent.alerts.signals.subjects import SubjectsFile
from agent.alerts.signals.tokens import sign
from agent.alerts.transports.batches import one_by_one
from agent.alerts.transports.http_client import Client
from agent.alerts.transports.kind import TransportContext
from agent.alerts.transports.ssf import DISABLED, NAME, PAUSED, SsfSettings
from agent.engine.errors import SteadyhandError
from agent.files.secret import SecretFile

PAUSE_S: Final = 300.0
_RECEIVER: Final = "ssf_receiver_url"
_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Batch:
    """What one batch is sent with: keys and secrets are read afresh, because they are renewed while the relay runs."""

    push: TokenPush
    key: RelayKey
    now_unix_s: int


class SignalTransmitter:
    """`api.Transport` to an identity provider.

    Alerts that are none of its business are passed over. So are those about an account that the administrator's mapping
    does not name, after one alert about that. A token that the receiver refuses is the record's fault; where the
    receiver refuses a verification event for the same reason, it is the stream's, and everything waits.

    Parameters
    ----------
    settings : SsfSettings
    context : TransportContext
        Its `relay` keeps the state of the stream and takes the alert about a missing account.
    """

    name = NAME

    def __init__(self, settings: SsfSettings, context: TransportContext) -> None:
        self._settings = settings
        self._context = context
        self._address = settings.address(_RECEIVER, context)
        self._stream = EventStream(settings.ssf_issuer, settings.ssf_audience)
        self._keys = KeyRingFile(settings.ssf_keys_file)
        self._subjects = SubjectsFile(settings.ssf_subjects_file)
        self._state = StreamStateFile(_state_path(self._stream, context))

    def send(self, records: Sequence[Record]) -> Sent:
        """Bring the records' events in order over one connection; see `Transport.send`."""
        try:
            key, authorization = self._credentials()
        except SteadyhandError as error:
            return Sent(0, DeliveryOutcome.AUTH_FAILED, str(error))
        with Client(self._address) as client:
            if not records:
                return client.probe()
            push = TokenPush(client, _RECEIVER, authorization)
            batch = _Batch(push, key, self._context.wall() // _NS)
            trouble = self._announce_status(batch)
            if trouble is not None:
                return trouble
            if self._settings.ssf_status == DISABLED:
                return Sent(len(records), DeliveryOutcome.OK)
            return one_by_one(records, partial(self._bring, batch), whole_s=self._address.whole_s)

    def _credentials(self) -> tuple[RelayKey, str]:
        settings = self._settings
        if not settings.ssf_issuer or not settings.ssf_audience:
            raise SteadyhandError("ssf_issuer or ssf_audience is not set", "name both in policy")
        ring = self._keys.read()
        secret = SecretFile("ssf_authorization_file", settings.ssf_authorization_file)
        return ring.signing(self._context.wall() // _NS), secret.line() if secret.path else ""

    def _announce_status(self, batch: _Batch) -> Sent | None:
        """Tell the receiver of a changed status before anything else; None once it knows."""
        state = self._state.get().changed(self._settings.ssf_status, self._context.wall())
        self._state.put(state)
        if state.announced:
            return None
        event = SecurityEvent(STREAM_UPDATED, {"status": state.status, "reason": "changed by policy"})
        answer = self._push_about_stream(batch, event, f"{state.status} {state.since_unix_ns}")
        # A receiver that does not take this event for good has answered, too.
        if answer.sent.outcome not in (DeliveryOutcome.OK, DeliveryOutcome.PERMANENT):
            return answer.sent
        self._state.put(replace(state, announced=True))
        return None

    def _bring(self, batch: _Batch, record: Record) -> Sent:
        event = event_of(record.alert, self._settings)
        if event is None:
            return ARRIVED
        if self._settings.ssf_status == PAUSED:
            why = "ssf_status is paused: signals wait"
            return Sent(0, DeliveryOutcome.BACK_OFF, why, PAUSE_S)
        try:
            subject = self._stream.subject if is_about_stream(event) else self._subject_of(record.alert)
        except SteadyhandError as error:
            return Sent(0, DeliveryOutcome.AUTH_FAILED, str(error))
        except OSError as error:
            return Sent(
                0, DeliveryOutcome.RETRY, f"the alert about {record.alert.user} cannot be kept: {error}"
            )
        if subject is None:
            return ARRIVED
        answer = batch.push.push(sign(alert_claims(record.alert, event, self._stream, subject), batch.key))
        if answer.error in STREAM_ERRORS:
            return self._blame(batch, record, answer)
        return answer.sent

    def _blame(self, batch: _Batch, record: Record, refusal: PushAnswer) -> Sent:
        """Find out, by a verification event, whether the token is refused or everything of this stream."""
        probe = self._push_about_stream(batch, SecurityEvent(VERIFICATION, {}), record.alert.record_id)
        if probe.error == refusal.error:
            return Sent(
                0, DeliveryOutcome.AUTH_FAILED, f"{refusal.sent.detail}; a verification event as well"
            )
        if probe.sent.outcome in (DeliveryOutcome.OK, DeliveryOutcome.PERMANENT):
            return refusal.sent
        return probe.sent

    def _push_about_stream(self, batch: _Batch, event: SecurityEvent, name: str) -> PushAnswer:
        token_id = self._stream.token_id(f"{event.uri} {name}")
        claims = claims_of(event, self._stream, self._stream.subject, token_id, batch.now_unix_s)
        return batch.push.push(sign(claims, batch.key))

    def _subject_of(self, alert: Alert) -> Mapping[str, Any] | None:
        """Who the account is at the receiver; None, after an alert the first time, where the mapping does not say.

        Raises
        ------
        SteadyhandError
            If the mapping cannot be used.
        OSError
            If the alert about a missing account could not be kept.
        """
        subjects = self._subjects.read()
        subject = None if alert.detail.get("peer_unknown") else subjects.get(alert.user)
        state = self._state.get()
        if subject is not None:
            self._state.put(state.without_reported(alert.user))
        elif alert.user not in state.reported:
            if self._context.relay is not None:
                self._context.relay.raise_alert(self._missing(alert))
            self._state.put(state.with_reported(alert.user))
        return subject

    def _missing(self, alert: Alert) -> Alert:
        """The alert about an account without a subject identifier: the same id for the same account's first record."""
        relay = self._context.relay
        page = playbook_detail(AlertKind.SUBJECT_MISSING, relay.playbooks if relay else "")
        detail = {
            "by": "relay",
            "receiver": self._settings.ssf_audience,
            "about_record": alert.record_id,
            **page,
        }
        return Alert(
            finding_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{alert.record_id} finding")),
            record_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{alert.record_id} subject missing")),
            kind=AlertKind.SUBJECT_MISSING,
            activity=Activity.CREATE,
            severity=Severity.MEDIUM,
            time_unix_ns=self._context.wall(),
            user=alert.user,
            host=alert.host,
            message=f"The identity provider is told nothing about {alert.user}: ssf_subjects_file does not name them",
            detail=detail,
        )


def _state_path(stream: EventStream, context: TransportContext) -> Path | None:
    if context.relay is None:
        return None
    return context.relay.state_dir / f"signals-{stream.stream_id}.json"
