"""The webhook: signatures as published, one alert a request, secrets from a file."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.api import DeliveryOutcome
from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.transports.http_client import Address
from agent.alerts.transports.tls_trouble import TlsContext, TlsFiles
from agent.alerts.transports.webhook import Webhook, signature
from agent.files.secret import SecretFile
from tests.agent.alerts.fakes import make_record
from tests.agent.alerts.transports.http_stub import Stub, hang_up, serving

KEY = bytes(range(32))
PRODUCT = Product("0.1.0", "Linux")
NOW_NS = 1_767_225_660_000_000_000


def event(record: Any) -> dict[str, Any]:
    return to_ocsf(record, PRODUCT)


def webhook(folder: Path, stub: Stub, secret: bytes = b"whsec_" + base64.b64encode(KEY)) -> Webhook:
    path = folder / "secret"
    path.write_bytes(secret)
    path.chmod(0o600)
    address = Address(
        "webhook_url", stub.url("/hook?team=1"), TlsContext(TlsFiles("", "", "", prefix="http_"))
    )
    return Webhook(address, SecretFile("webhook_secret_file", str(path)), event, lambda: NOW_NS)


def test_the_signature_is_the_one_that_the_specification_publishes() -> None:
    key = base64.b64decode("plJ3nmyCDGBKInavdOK15jsl")
    body = b'{"event_type":"ping","data":{"success":true}}'
    told = signature(key, "msg_loFOjxBNrRLzqYUf", "1731705121", body)
    assert told == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="


def test_a_receiver_can_verify_what_arrives(tmp_path: Path) -> None:
    records = [make_record(number, message=f"Nr. {number} żółw") for number in range(3)]
    with serving() as stub:
        assert webhook(tmp_path, stub).send(records).accepted == 3
    for record, request in zip(records, stub.requests, strict=True):
        headers = {name.lower(): value for name, value in request.headers.items()}
        assert request.path == "/hook?team=1"
        assert headers["webhook-id"] == record.alert.record_id
        assert headers["webhook-timestamp"] == "1767225660"
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
        expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        told = request.json()
        assert (told["type"], told["timestamp"]) == ("steadyhand.intruder", "2026-01-01T00:00:00.123Z")
        assert told["data"] == event(record)


def test_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    records = [make_record(number) for number in range(4)]
    with serving([200, (429, {"Retry-After": "30"}, b"slow down")]) as stub:
        way = webhook(tmp_path, stub)
        sent = way.send(records)
        assert (sent.accepted, sent.outcome, sent.retry_after_s) == (1, DeliveryOutcome.BACK_OFF, 30.0)
        assert way.send(records[1:]).accepted == 3
    ids = [request.headers["webhook-id"] for request in stub.requests]
    assert ids == [records[n].alert.record_id for n in (0, 1, 1, 2, 3)], "the same id each time it is sent"


def test_a_crash_of_the_receiver_is_tried_again(tmp_path: Path) -> None:
    with serving([hang_up]) as stub:
        sent = webhook(tmp_path, stub).send([make_record()])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)


@pytest.mark.parametrize(
    "secret", [b"whsec_", b"whsec_!!!", b"short", b"whsec_" + base64.b64encode(b"x" * 8)]
)
def test_a_secret_that_is_none_sends_nothing(tmp_path: Path, secret: bytes) -> None:
    with serving() as stub:
        sent = webhook(tmp_path, stub, secret).send([make_record()])
    assert (sent.accepted, sent.outcome, stub.requests) == (0, DeliveryOutcome.AUTH_FAILED, [])
    assert "webhook_secret_file" in sent.detail
    assert (
        secret.decode().removeprefix("whsec_")[:8] not in sent.detail.replace(str(tmp_path), "")
        or len(secret) < 8
    )


def test_the_way_can_be_checked_without_sending(tmp_path: Path) -> None:
    with serving() as stub:
        way = webhook(tmp_path, stub)
        assert way.send([]).outcome is DeliveryOutcome.OK
        assert stub.requests == []
    assert way.send([]).outcome is DeliveryOutcome.RETRY
