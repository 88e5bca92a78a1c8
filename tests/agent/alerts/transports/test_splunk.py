"""Splunk's event collector by script: acknowledgements, refusals, settings that are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.api import DeliveryOutcome, Record
from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.transports.http_client import Address
from agent.alerts.transports.splunk import ACKS, EVENTS, GIVE_UP_ASKING_S, SplunkHec, Waits
from agent.alerts.transports.tls_trouble import TlsContext, TlsFiles
from agent.files.secret import SecretFile
from tests.agent.alerts.fakes import STREAM, Clock, make_record
from tests.agent.alerts.transports.http_stub import Handler, Stub, serving

PRODUCT = Product("0.1.0", "Linux")
GOOD = (200, {}, b'{"text":"Success","code":0}')


def taken(ack_id: int) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps({"text": "Success", "code": 0, "ackId": ack_id}).encode()


def acked(ack_id: int, yes: bool) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps({"acks": {str(ack_id): yes}}).encode()


def refused(code: int, status: int = 400) -> tuple[int, dict[str, str], bytes]:
    return status, {}, json.dumps({"text": "no", "code": code}).encode()


def batch(count: int = 3) -> list[Record]:
    return [make_record(number) for number in range(count)]


class Desk:
    """A collector's client and its clock."""

    def __init__(self, folder: Path, stub: Stub, index: str = "") -> None:
        path = folder / "token"
        path.write_text("11111111-2222\n")
        path.chmod(0o600)
        self.clock = Clock()
        address = Address("splunk_url", stub.url(), TlsContext(TlsFiles("", "", "", prefix="http_")))
        token = SecretFile("splunk_token_file", str(path))
        waits = Waits(self.clock, self.clock.forward)
        self.way = SplunkHec(address, token, index, lambda record: to_ocsf(record, PRODUCT), waits)


def test_a_batch_is_one_request_with_the_id_inside_each_event(tmp_path: Path) -> None:
    records = batch()
    with serving([GOOD]) as stub:
        assert Desk(tmp_path, stub, index="security").way.send(records).accepted == 3
    (request,) = stub.requests
    assert request.path == EVENTS
    assert request.headers["Authorization"] == "Splunk 11111111-2222"
    assert request.headers["X-Splunk-Request-Channel"] == STREAM
    told = [json.loads(line) for line in request.body.splitlines()]
    assert [one["event"]["metadata"]["uid"] for one in told] == [r.alert.record_id for r in records]
    assert {one["index"] for one in told} == {"security"}
    assert told[0]["time"] == "1767225600.123"
    assert told[0]["host"] == "laptop-17"


def test_nothing_counts_before_it_is_indexed(tmp_path: Path) -> None:
    with serving([taken(7), acked(7, False), acked(7, False), acked(7, True)]) as stub:
        desk = Desk(tmp_path, stub)
        sent = desk.way.send(batch())
    assert (sent.accepted, sent.outcome) == (3, DeliveryOutcome.OK)
    assert [request.path for request in stub.requests] == [EVENTS, ACKS, ACKS, ACKS]
    assert stub.requests[1].json() == {"acks": [7]}
    assert stub.requests[1].headers["X-Splunk-Request-Channel"] == STREAM


def test_an_acknowledgement_that_is_late_is_asked_for_and_not_sent_again(tmp_path: Path) -> None:
    records = batch()
    with serving([taken(3), *[acked(3, False)] * 5, acked(3, True)]) as stub:
        desk = Desk(tmp_path, stub)
        sent = desk.way.send(records)
        assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)
        assert "not indexed yet" in sent.detail
        more = [*records, make_record(9)]
        assert desk.way.send(more).accepted == 3, "what came after it is for the next round"
    assert [request.path for request in stub.requests].count(EVENTS) == 1


def test_one_that_never_comes_ends_in_sending_again(tmp_path: Path) -> None:
    records = batch()
    with serving([taken(3), *[acked(3, False)] * 5, taken(4), acked(4, True)]) as stub:
        desk = Desk(tmp_path, stub)
        desk.way.send(records)
        desk.clock.forward(GIVE_UP_ASKING_S + 1)
        assert desk.way.send(records).accepted == 3
    assert [request.path for request in stub.requests].count(EVENTS) == 2


def test_other_records_than_those_asked_about_are_sent(tmp_path: Path) -> None:
    with serving([taken(3), *[acked(3, False)] * 5, GOOD]) as stub:
        desk = Desk(tmp_path, stub)
        desk.way.send(batch())
        assert desk.way.send(batch(2)).accepted == 2


def test_a_refused_question_gives_no_alert_up(tmp_path: Path) -> None:
    with serving([taken(3), refused(14)]) as stub:
        sent = Desk(tmp_path, stub).way.send(batch())
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)


@pytest.mark.parametrize("code", [7, 10, 11, 14, 16])
def test_a_wrong_setting_gives_no_alert_up(tmp_path: Path, code: int) -> None:
    with serving([refused(code)]) as stub:
        sent = Desk(tmp_path, stub).way.send(batch())
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (401, 2, DeliveryOutcome.AUTH_FAILED),
        (403, 4, DeliveryOutcome.AUTH_FAILED),
        (500, 8, DeliveryOutcome.RETRY),
        (503, 9, DeliveryOutcome.BACK_OFF),
    ],
)
def test_other_refusals(tmp_path: Path, status: int, code: int, outcome: DeliveryOutcome) -> None:
    with serving([refused(code, status)]) as stub:
        assert Desk(tmp_path, stub).way.send(batch()).outcome is outcome


@pytest.mark.parametrize(
    ("status", "outcome"), [(400, DeliveryOutcome.PERMANENT), (413, DeliveryOutcome.TOO_LARGE)]
)
def test_the_one_record_to_blame_is_found(tmp_path: Path, status: int, outcome: DeliveryOutcome) -> None:
    records = batch(20)
    blamed = records[13].alert.record_id.encode()

    def judge(handler: Handler) -> None:
        bad = blamed in handler.stub.requests[-1].body
        handler.answer(*(refused(6, status) if bad else GOOD))

    with serving([judge] * 40) as stub:
        sent = Desk(tmp_path, stub).way.send(records)
    assert (sent.accepted, sent.outcome) == (13, outcome)


def test_without_a_token_nothing_is_sent(tmp_path: Path) -> None:
    with serving() as stub:
        desk = Desk(tmp_path, stub)
        (tmp_path / "token").unlink()
        sent: Any = desk.way.send(batch())
        assert (sent.outcome, stub.requests) == (DeliveryOutcome.AUTH_FAILED, [])
        assert "splunk_token_file" in sent.detail


def test_the_way_can_be_checked_without_sending(tmp_path: Path) -> None:
    with serving() as stub:
        assert Desk(tmp_path, stub).way.send([]).outcome is DeliveryOutcome.OK
        assert stub.requests == []
