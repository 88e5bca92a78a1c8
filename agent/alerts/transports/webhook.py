"""Transport: a webhook, signed as Standard Webhooks 1.0.0 wants it, one alert a request.

References
----------
Standard Webhooks, specification 1.0.0: the headers ``webhook-id``, ``webhook-timestamp`` and
``webhook-signature``; the payload's ``type``, ``timestamp`` and ``data``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.alerts.transports.batches import one_by_one
from agent.alerts.transports.http_client import Address, Client
from agent.alerts.transports.http_settings import HttpSettings
from agent.alerts.transports.kind import TransportContext, TransportKind
from agent.engine.errors import SteadyhandError
from agent.files.options import ADDRESS, setting
from agent.files.secret import SecretFile

_NS: Final = 1_000_000_000
_PREFIX: Final = "whsec_"
_KEY_BYTES: Final = range(24, 65)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WebhookSettings(HttpSettings):
    """Which webhook, and the secret that it checks."""

    webhook_url: str = setting("", "webhook that gets a signed POST for every alert", **ADDRESS)
    webhook_secret_file: str = setting("", "file with mode 0600 that holds its signing secret, whsec_…")


class Webhook:
    """One POST an alert.

    Parameters
    ----------
    address : Address
    secret : SecretFile
        The signing secret: ``whsec_`` and base64.
    to_event : callable
        A record as an OCSF event.
    wall : callable
        Unix ns: receivers refuse a signature that is older than some minutes.
    """

    name = "webhook"

    def __init__(
        self,
        address: Address,
        secret: SecretFile,
        to_event: Callable[[Record], dict[str, Any]],
        wall: Callable[[], int],
    ) -> None:
        self._address = address
        self._secret = secret
        self._to_event = to_event
        self._wall = wall

    def send(self, records: Sequence[Record]) -> Sent:
        """Bring record after record over one connection."""
        try:
            key = signing_key(self._secret)
        except SteadyhandError as error:
            return Sent(0, DeliveryOutcome.AUTH_FAILED, str(error))
        with Client(self._address) as client:
            if not records:
                return client.probe()
            whole_s = self._address.whole_s
            return one_by_one(records, lambda record: self._bring(client, key, record), whole_s=whole_s)

    def _bring(self, client: Client, key: bytes, record: Record) -> Sent:
        body = payload(record, self._to_event(record))
        sent_s = str(self._wall() // _NS)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": record.alert.record_id,
            "webhook-timestamp": sent_s,
            "webhook-signature": signature(key, record.alert.record_id, sent_s, body),
        }
        answer = client.post("", headers, body)
        return Sent(
            int(answer.outcome is DeliveryOutcome.OK), answer.outcome, answer.detail, answer.retry_after_s
        )


def payload(record: Record, event: dict[str, Any]) -> bytes:
    """The body: what happened, when, and the alert in full."""
    moment = _EPOCH + timedelta(microseconds=record.alert.time_unix_ns // 1000)
    message = {
        "type": f"steadyhand.{record.alert.kind.value.replace(' ', '_')}",
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": event,
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def signature(key: bytes, message_id: str, sent_s: str, body: bytes) -> str:
    """``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``."""
    signed = b".".join((message_id.encode(), sent_s.encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signing_key(secret: SecretFile) -> bytes:
    """The key in a secret.

    Raises
    ------
    SteadyhandError
        If the file cannot be used or holds no such secret.
    """
    try:
        key = base64.b64decode(secret.line().removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if len(key) not in _KEY_BYTES:
        raise SteadyhandError(
            f"{secret.setting} ({secret.path}) holds no webhook secret",
            "put whsec_ and the base64 of 24 to 64 bytes there",
        )
    return key


def build(settings: WebhookSettings, context: TransportContext) -> Webhook:
    """The webhook that the settings name."""
    secret = SecretFile("webhook_secret_file", settings.webhook_secret_file)
    return Webhook(settings.address("webhook_url", context), secret, context.to_event, context.wall)


KIND: Final = TransportKind(WebhookSettings, build, switch="webhook_url")
