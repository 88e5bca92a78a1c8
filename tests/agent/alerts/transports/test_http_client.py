"""The HTTP client against a receiver that misbehaves on demand."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from agent.alerts.api import DeliveryOutcome
from agent.alerts.transports.http_client import MOST_ANSWER_BYTES, Address, Answer, Client
from agent.alerts.transports.tls_trouble import TlsContext, TlsFiles
from agent.engine.errors import SteadyhandError
from tests.agent.alerts.transports.http_stub import Stub, chatter, cut, drip, hang, hang_up, no_http, serving

PLAIN = TlsFiles("", "", "", prefix="http_")
QUICK: dict[str, Any] = {"step_s": 0.3, "whole_s": 0.6}


def ask(url: str, files: TlsFiles = PLAIN, times: int = 1) -> Answer:
    with Client(Address("otlp_url", url, TlsContext(files), **QUICK)) as client:
        for _ in range(times):
            answer = client.post("/v1/logs", {"X-One": "1"}, b"body")
    return answer


def test_a_request_arrives_whole_and_the_answer_comes_back() -> None:
    with serving([(201, {"Retry-After": "9"}, b'{"a": 1}')]) as stub:
        answer = ask(stub.url("/base/?key=5"))
    assert (answer.outcome, answer.status, answer.retry_after_s, answer.detail) == (
        DeliveryOutcome.OK,
        201,
        9.0,
        "",
    )
    assert answer.json_object() == {"a": 1}
    (request,) = stub.requests
    assert (request.path, request.body, request.headers["X-One"]) == ("/base/v1/logs?key=5", b"body", "1")


def test_one_connection_serves_a_batch_and_a_closed_one_is_opened_again() -> None:
    with serving() as stub:
        assert ask(stub.url(), times=5).outcome is DeliveryOutcome.OK
        assert (len(stub.requests), stub.connections) == (5, 1)
    with serving([200, hang_up, 200]) as stub:
        assert ask(stub.url(), times=2).outcome is DeliveryOutcome.OK
        assert (len(stub.requests), stub.connections) == (3, 2)


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500, 503])
def test_a_refusal_is_told_with_its_status_and_words(status: int) -> None:
    with serving([(status, {"Location": "https://elsewhere"}, b"go\n\x1b[31maway")]) as stub:
        answer = ask(stub.url())
    assert str(status) in answer.detail
    assert "otlp_url http://localhost" in answer.detail
    assert "go ?[31maway" in answer.detail
    assert ("to https://elsewhere" in answer.detail) is (status == 302)
    assert len(stub.requests) == 1, "redirects are not followed"


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (hang, "did not answer in time"),
        (drip, "did not answer in time"),
        (cut, "no whole answer"),
        (hang_up, "no whole answer"),
        (no_http, "no whole answer"),
    ],
)
def test_whatever_goes_wrong_is_tried_again(behaviour: Callable[..., None], words: str) -> None:
    with serving([behaviour]) as stub:
        before = time.monotonic()
        answer = ask(stub.url())
        assert time.monotonic() - before < 5.0
    assert answer.outcome is DeliveryOutcome.RETRY
    assert words in answer.detail


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    with serving([chatter]) as stub:
        answer = ask(stub.url())
    assert answer.outcome is DeliveryOutcome.OK
    assert len(answer.body) <= MOST_ANSWER_BYTES


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b'"x"', b"[" * 60_000, b"\xff"])
def test_a_body_that_is_no_object_tells_nothing(body: bytes) -> None:
    assert Answer(DeliveryOutcome.OK, body=body).json_object() == {}


def test_nobody_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    answer = ask(f"http://127.0.0.1:{port}")
    assert answer.outcome is DeliveryOutcome.RETRY
    assert "refuses connections" in answer.detail


@pytest.mark.parametrize("url", ["http://localhost:99999", "https://a..b"])
def test_an_address_that_cannot_be_is_for_a_person_to_mend(url: str) -> None:
    answer = ask(url)
    assert answer.outcome in (DeliveryOutcome.AUTH_FAILED, DeliveryOutcome.RETRY)
    assert "otlp_url" in answer.detail


class Tls:
    """A receiver with a certificate, and the files to believe it by."""

    def __init__(self, folder: Path) -> None:
        self.ca = trustme.CA()
        self.ca.cert_pem.write_to_path(folder / "ca.pem")
        self.files = TlsFiles(str(folder / "ca.pem"), "", "", prefix="http_")


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    return Tls(tmp_path)


def over_tls(stub: Stub, files: TlsFiles) -> Answer:
    return ask(stub.url(scheme="https"), files)


def test_over_tls(tls: Tls) -> None:
    with serving(tls=tls.ca.issue_cert("localhost")) as stub:
        assert over_tls(stub, tls.files).outcome is DeliveryOutcome.OK
        assert len(stub.requests) == 1


def test_an_expired_certificate_gets_nothing(tls: Tls) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=2)
    expired = tls.ca.issue_cert("localhost", not_before=long_ago, not_after=long_ago + timedelta(days=1))
    with serving(tls=expired) as stub:
        answer = over_tls(stub, tls.files)
        assert stub.requests == []
    assert answer.outcome is DeliveryOutcome.AUTH_FAILED
    assert "not valid today" in answer.detail


@pytest.mark.parametrize(
    ("name", "believed", "words"),
    [
        ("siem.example", True, "use the name in it in the address"),
        ("localhost", False, "comes from nobody in http_ca_file"),
    ],
)
def test_a_wrong_certificate_gets_nothing(tls: Tls, name: str, believed: bool, words: str) -> None:
    authority = tls.ca if believed else trustme.CA()
    with serving(tls=authority.issue_cert(name)) as stub:
        answer = over_tls(stub, tls.files)
        assert stub.requests == []
    assert answer.outcome is DeliveryOutcome.AUTH_FAILED
    assert words in answer.detail


def test_a_missing_file_is_named(tls: Tls) -> None:
    answer = ask("https://localhost:1", TlsFiles("/no/ca.pem", "", "", prefix="http_"))
    assert answer.outcome is DeliveryOutcome.AUTH_FAILED
    assert "http_ca_file" in answer.detail


def test_a_context_is_shared_until_a_file_changes(tls: Tls) -> None:
    shared = TlsContext(tls.files)
    first = shared.get()
    assert shared.get() is first
    trustme.CA().cert_pem.write_to_path(tls.files.ca)
    second = shared.get()
    assert second is not first
    Path(tls.files.ca).write_text("rubbish")
    with pytest.raises(SteadyhandError, match="http_ca_file"):
        shared.get()
    tls.ca.cert_pem.write_to_path(tls.files.ca)
    assert shared.get() is not second
