"""The transmitter against a receiver written from the specifications: what is said, refused, kept and never said."""

from __future__ import annotations

import errno
import json
import time
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.alert import Activity, Alert, AlertKind
from agent.alerts.api import DeliveryOutcome, Record
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.outbox.store import AlertStore
from agent.alerts.outbox_maintenance import Sender
from tests.agent.alerts.fakes import Clock, OneThread, make_record
from tests.agent.alerts.signals.ssf_receiver import Refusal
from tests.agent.alerts.signals.workbench import ALICE, AUDIENCE, NOW_S, Workbench, one_key
from tests.agent.alerts.transports.http_stub import Handler, hang, hang_up

TIME_S = 1_767_225_600
"""Of the alerts that `make_alert` makes."""
REASON = "The mouse of an unlocked session is moved unlike its owner"


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


def lock_record(number: int = 1, **detail: Any) -> Record:
    lock = {"lock": "locked", "verdict": "intruder", **detail}
    return make_record(number, kind=AlertKind.LOCK_RESULT, activity=Activity.UPDATE, detail=lock)


def status(code: int, headers: dict[str, str] | None = None, body: Any = b"") -> Any:
    def step(handler: Handler) -> None:
        handler.answer(code, headers or {}, body)

    return step


def test_a_suspicion_and_an_intruder_change_the_risk_level(bench: Workbench) -> None:
    suspicion, intruder = make_record(1, kind=AlertKind.SUSPICIOUS), make_record(2)
    with bench.receiver.listening() as stub:
        sent = bench.transmitter(stub.url("/push")).send([suspicion, intruder])
    assert (sent.accepted, sent.outcome, sent.detail) == (2, DeliveryOutcome.OK, "")
    assert bench.receiver.deliveries == [suspicion.alert.record_id, intruder.alert.record_id]
    claims = bench.receiver.tokens[suspicion.alert.record_id]
    assert claims == {
        "iss": "https://signals.example",
        "aud": "https://idp.example/signals",
        "jti": suspicion.alert.record_id,
        "iat": TIME_S,
        "txn": suspicion.alert.finding_id,
        "sub_id": {"format": "email", "email": "alice@example.com"},
        "events": {
            "https://schemas.openid.net/secevent/caep/event-type/risk-level-change": {
                "subject": {"format": "email", "email": "alice@example.com"},
                "principal": "USER",
                "current_level": "MEDIUM",
                "risk_reason": "MOUSE_DYNAMICS_UNLIKE_OWNER",
                "event_timestamp": TIME_S,
                "initiating_entity": "policy",
                "reason_admin": {"en": REASON},
            }
        },
    }
    assert [members["current_level"] for _, members, _ in bench.receiver.people_events()] == [
        "MEDIUM",
        "HIGH",
    ]


def test_no_way_of_moving_leaves_with_a_signal(bench: Workbench) -> None:
    with bench.receiver.listening() as stub:
        record = make_record(reasons=("strokes: slower than the owner's",), host="laptop-17")
        assert bench.transmitter(stub.url()).send([record]).accepted == 1
    token = json.dumps(bench.receiver.tokens)
    assert "strokes" not in token
    assert "laptop-17" not in token
    assert "046d" not in token


@pytest.mark.parametrize(
    ("revoke", "detail", "event"),
    [
        (False, {"estimated": False}, "assurance-level-change"),
        (True, {"estimated": True}, "assurance-level-change"),
        (True, {}, "assurance-level-change"),
        (True, {"estimated": 0}, "assurance-level-change"),
        (True, {"estimated": False}, "session-revoked"),
    ],
)
def test_a_lock_revokes_sessions_only_by_policy_and_on_observed_rates(
    bench: Workbench, revoke: bool, detail: dict[str, Any], event: str
) -> None:
    with bench.receiver.listening() as stub:
        way = bench.transmitter(stub.url(), ssf_revoke_sessions=revoke)
        assert way.send([lock_record(**detail)]).accepted == 1
    ((kind, members, subject),) = bench.receiver.people_events()
    assert (kind, subject) == (event, ALICE)
    assert members["reason_admin"]["en"] == f"{REASON}; the screen was locked"
    level = (members.get("namespace"), members.get("current_level"), members.get("change_direction"))
    assert level == (
        ("steadyhand", "unverified", "decrease") if event == "assurance-level-change" else (None,) * 3
    )


def test_a_lock_without_a_verdict_revokes_nothing_and_blames_nobodys_hand(bench: Workbench) -> None:
    record = make_record(kind=AlertKind.LOCK_RESULT, detail={"by": "relay", "estimated": False})
    with bench.receiver.listening() as stub:
        assert bench.transmitter(stub.url(), ssf_revoke_sessions=True).send([record]).accepted == 1
    ((kind, members, _),) = bench.receiver.people_events()
    assert kind == "assurance-level-change"
    assert "unlike" not in members["reason_admin"]["en"]


def test_what_is_none_of_the_receivers_business_is_passed_over(bench: Workbench) -> None:
    carried = {AlertKind.SUSPICIOUS, AlertKind.INTRUDER, AlertKind.LOCK_RESULT, AlertKind.TEST}
    records = [make_record(at, kind=kind) for at, kind in enumerate(AlertKind) if kind not in carried]
    records += [make_record(99, activity=activity) for activity in (Activity.UPDATE, Activity.CLOSE)]
    with bench.receiver.listening() as stub:
        assert bench.transmitter(stub.url()).send(records).accepted == len(records)
        assert stub.requests == []


def test_the_token_is_the_same_byte_by_byte_after_a_restart(bench: Workbench) -> None:
    record = make_record()
    bench.receiver.troubles = [hang_up]
    with bench.receiver.listening() as stub:
        first = bench.transmitter(stub.url()).send([record])
        bench.now_ns += 3_600_000_000_000
        assert bench.transmitter(stub.url()).send([record]).accepted == 1
        bodies = {request.body for request in stub.requests}
    assert (first.accepted, first.outcome) == (0, DeliveryOutcome.RETRY)
    assert len(stub.requests) >= 2
    assert len(bodies) == 1


def test_an_account_that_the_mapping_does_not_name_is_alerted_once_and_never_sent(bench: Workbench) -> None:
    bob = [make_record(at, user="bob") for at in range(3)]
    alice = make_record(9)
    with bench.receiver.listening() as stub:
        assert bench.transmitter(stub.url()).send([*bob, alice]).accepted == 4
        assert bench.transmitter(stub.url()).send([make_record(10, user="bob")]).accepted == 1
    assert bench.receiver.deliveries == [alice.alert.record_id]
    (missing,) = bench.raised
    assert (missing.kind, missing.user, int(missing.severity)) == (AlertKind.SUBJECT_MISSING, "bob", 3)
    assert "ssf_subjects_file" in missing.message


def test_an_account_that_was_added_and_taken_away_is_alerted_again(bench: Workbench) -> None:
    with bench.receiver.listening() as stub:
        way = bench.transmitter(stub.url())
        way.send([make_record(1, user="bob")])
        bench.subjects({"bob": {"format": "opaque", "id": "b-7"}})
        way.send([make_record(2, user="bob")])
        bench.subjects({})
        way.send([make_record(3, user="bob")])
    assert len(bench.raised) == 2
    assert [subject for *_, subject in bench.receiver.people_events()] == [{"format": "opaque", "id": "b-7"}]


def test_an_alert_about_a_missing_account_that_cannot_be_kept_is_raised_again(bench: Workbench) -> None:
    def full(_: Alert) -> None:
        raise OSError(errno.ENOSPC, "no space")

    bench.raise_alert = full
    record = make_record(user="bob")
    with bench.receiver.listening() as stub:
        way = bench.transmitter(stub.url())
        sent = way.send([record])
        bench.raise_alert = bench.raised.append
        assert way.send([record]).accepted == 1
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)
    assert len(bench.raised) == 1


def test_a_user_number_that_nobody_knows_is_never_taken_for_an_account(bench: Workbench) -> None:
    bench.subjects({"unknown user number": ALICE})
    record = make_record(user="unknown user number", detail={"peer_unknown": True})
    with bench.receiver.listening() as stub:
        assert bench.transmitter(stub.url()).send([record]).accepted == 1
    assert bench.receiver.tokens == {}
    assert len(bench.raised) == 1


@pytest.mark.parametrize("err", ["invalid_request", "access_denied", "invalid_key", "not_in_the_registry"])
def test_a_refused_token_becomes_a_dead_letter_with_its_reason_and_the_rest_goes_on(
    bench: Workbench, err: str
) -> None:
    records = [make_record(at) for at in range(1, 6)]
    refused = records[2].alert.record_id
    bench.receiver.unwanted = {refused: Refusal(err, "not\nthis \x1b[31mone")}
    outbox = open_outbox(None, 1_000_000, ["ssf"])[0]
    for record in records:
        outbox.put(record.alert)
    with bench.receiver.listening() as stub:
        _run(outbox, bench.transmitter(stub.url()))
    assert bench.receiver.deliveries[:2] == [record.alert.record_id for record in records[:2]]
    assert {record.alert.record_id for record in records} - set(bench.receiver.tokens) == {refused}
    (letter,) = outbox.dead_letters()
    assert (letter.destination, letter.record_id) == ("ssf", refused)
    assert letter.reason == f"ssf_receiver_url answers 400 {err}: not\\nthis \\u001b[31mone"
    assert outbox.depth() == 0


def _run(outbox: Any, transport: Any, steps: int = 40) -> OneThread:
    spare = open_outbox(None, 1_000_000, [transport.name])[0]
    clock = Clock()
    sender = Sender("relay", "desk-7", clock, time.time_ns)
    thread = OneThread(AlertStore(lambda: (outbox, ()), spare), [transport], sender, 3)
    for _ in range(steps):
        wait_s = thread.step()
        if wait_s is None:
            break
        clock.forward(wait_s)
    return thread


def test_a_receiver_that_does_not_have_the_new_key_yet_keeps_everything_waiting(bench: Workbench) -> None:
    rotated = one_key().with_new(NOW_S - 1)
    bench.keys(rotated)
    records = [make_record(at) for at in range(1, 4)]
    with bench.receiver.listening() as stub:
        way = bench.transmitter(stub.url())
        sent = way.send(records)
        assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
        assert "invalid_key: no such key in the key set; a verification event as well" in sent.detail
        bench.publish(rotated)
        bench.receiver.fetch()
        assert way.send(records).accepted == 3
    assert len(bench.receiver.tokens) == 3


def test_a_published_key_signs_when_its_time_has_come_and_the_old_one_still_verifies(
    bench: Workbench,
) -> None:
    rotated = one_key().with_new(NOW_S + 86_400)
    bench.keys(rotated)
    bench.publish(rotated)
    with bench.receiver.listening() as stub:
        way = bench.transmitter(stub.url())
        assert way.send([make_record(1)]).accepted == 1
        bench.receiver.fetch()
        bench.now_ns += 86_401 * 1_000_000_000
        assert way.send([make_record(2)]).accepted == 1
        kids = [json.loads(_decoded(request.body.split(b".")[0]))["kid"] for request in stub.requests]
    assert kids == [key.kid for key in rotated.keys]
    assert bench.receiver.refused == []


def _decoded(part: bytes) -> bytes:
    import base64

    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


@pytest.mark.parametrize("audience", ["https://idp.example/another", AUDIENCE])
def test_a_wrong_audience_is_the_streams_trouble_and_costs_no_record(bench: Workbench, audience: str) -> None:
    with bench.receiver.listening() as stub:
        sent = bench.transmitter(stub.url(), ssf_audience=audience).send([make_record()])
    wrong = audience != AUDIENCE
    assert sent.outcome is (DeliveryOutcome.AUTH_FAILED if wrong else DeliveryOutcome.OK)
    assert ("invalid_audience" in sent.detail) == wrong


def test_the_receivers_authorization_is_read_afresh_when_it_is_renewed(tmp_path: Path) -> None:
    bench = Workbench(tmp_path, authorization="Bearer first")
    records = [make_record(1), make_record(2)]
    with bench.receiver.listening() as stub:
        way = bench.transmitter(stub.url())
        assert way.send(records[:1]).accepted == 1
        bench.receiver.authorization = "Bearer second"
        refused = way.send(records[1:])
        bench.secret("authorization", "Bearer second")
        assert way.send(records[1:]).accepted == 1
    assert (refused.accepted, refused.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert "first" not in refused.detail


@pytest.mark.parametrize(
    ("trouble", "outcome", "wait_s"),
    [
        (status(401), DeliveryOutcome.AUTH_FAILED, None),
        (status(403), DeliveryOutcome.AUTH_FAILED, None),
        (status(404), DeliveryOutcome.AUTH_FAILED, None),
        (status(429, {"Retry-After": "30"}), DeliveryOutcome.BACK_OFF, 30.0),
        (status(503), DeliveryOutcome.BACK_OFF, None),
        (status(500), DeliveryOutcome.RETRY, None),
        (status(200, body=b"<html>sign in</html>"), DeliveryOutcome.AUTH_FAILED, None),
        (status(204), DeliveryOutcome.AUTH_FAILED, None),
        (status(413), DeliveryOutcome.TOO_LARGE, None),
        (hang, DeliveryOutcome.RETRY, None),
        (hang_up, DeliveryOutcome.RETRY, None),
        (status(400, body=b"nonsense"), DeliveryOutcome.PERMANENT, None),
        (status(400, body={"err": 7}), DeliveryOutcome.PERMANENT, None),
        (status(400, body={"err": "invalid_request", "description": ["x"]}), DeliveryOutcome.PERMANENT, None),
    ],
)
def test_what_each_answer_means(
    bench: Workbench, trouble: Any, outcome: DeliveryOutcome, wait_s: float | None
) -> None:
    records = [make_record(1), make_record(2)]
    bench.receiver.troubles = [None, trouble]
    if trouble is hang_up:
        bench.receiver.always = hang_up
    with bench.receiver.listening() as stub:
        sent = bench.transmitter(stub.url()).send(records)
        stub.released.set()
    assert (sent.accepted, sent.outcome, sent.retry_after_s) == (1, outcome, wait_s)
    assert sent.detail
    assert "\n" not in sent.detail


def test_while_the_probe_finds_no_answer_no_record_is_to_blame(bench: Workbench) -> None:
    record = make_record()
    bench.receiver.unwanted = {record.alert.record_id: Refusal("access_denied", "")}
    bench.receiver.troubles = [None, status(503)]
    with bench.receiver.listening() as stub:
        sent = bench.transmitter(stub.url()).send([record])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.BACK_OFF)


def test_a_test_alert_is_a_verification_event_of_the_stream(bench: Workbench) -> None:
    with bench.receiver.listening() as stub:
        assert bench.transmitter(stub.url()).send([make_record(kind=AlertKind.TEST)]).accepted == 1
    assert bench.receiver.stream_events() == [("verification", {})]
    (claims,) = bench.receiver.tokens.values()
    assert claims["sub_id"]["format"] == "opaque"
    assert "txn" not in claims


def test_a_paused_stream_says_so_once_and_keeps_signals_for_later(bench: Workbench) -> None:
    records = [make_record(1, kind=AlertKind.HEARTBEAT), make_record(2), make_record(3)]
    with bench.receiver.listening() as stub:
        paused = bench.transmitter(stub.url(), ssf_status="paused")
        sent = paused.send(records)
        assert (sent.accepted, sent.outcome) == (1, DeliveryOutcome.BACK_OFF)
        bench.transmitter(stub.url(), ssf_status="paused").send(records[1:])
        assert [members["status"] for _, members in bench.receiver.stream_events()] == ["paused"]
        assert bench.receiver.people_events() == []
        bench.now_ns += 60_000_000_000
        assert bench.transmitter(stub.url()).send(records[1:]).accepted == 2
    assert [members["status"] for _, members in bench.receiver.stream_events()] == ["paused", "enabled"]
    assert len(bench.receiver.people_events()) == 2


def test_a_disabled_stream_says_so_and_drops_signals(bench: Workbench) -> None:
    with bench.receiver.listening() as stub:
        way = bench.transmitter(stub.url(), ssf_status="disabled")
        assert way.send([make_record(1), make_record(2)]).accepted == 2
    assert [members["status"] for _, members in bench.receiver.stream_events()] == ["disabled"]
    assert bench.receiver.people_events() == []


def test_a_change_of_status_that_does_not_arrive_is_announced_again_as_the_same(bench: Workbench) -> None:
    bench.receiver.troubles = [status(500)]
    with bench.receiver.listening() as stub:
        first = bench.transmitter(stub.url(), ssf_status="disabled").send([make_record()])
        bench.now_ns += 1_000_000_000
        assert bench.transmitter(stub.url(), ssf_status="disabled").send([make_record()]).accepted == 1
        tokens = [json.loads(_decoded(request.body.split(b".")[1])) for request in stub.requests]
    assert (first.accepted, first.outcome) == (0, DeliveryOutcome.RETRY)
    assert tokens[0]["jti"] == tokens[1]["jti"]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda bench: (bench.folder / "keys.json").unlink(), "there is no such file"),
        (lambda bench: (bench.folder / "keys.json").chmod(0o644), "open to others"),
        (lambda bench: (bench.folder / "keys.json").write_text("{}"), "holds no signing keys"),
        (lambda bench: (bench.folder / "keys.json").write_text('{"keys": []}'), "holds no key"),
        (lambda bench: (bench.folder / "subjects.json").unlink(), "subjects.json"),
        (lambda bench: (bench.folder / "subjects.json").chmod(0o666), "can be written by others"),
        (lambda bench: bench.subjects("{"), "not JSON"),
        (lambda bench: bench.subjects({"bob": {"format": "email"}}), "account 'bob': email is missing"),
    ],
)
def test_files_that_cannot_be_used_keep_everything_waiting_and_are_named(
    bench: Workbench, spoil: Any, why: str
) -> None:
    spoil(bench)
    with bench.receiver.listening() as stub:
        sent = bench.transmitter(stub.url()).send([make_record()])
        assert stub.requests == []
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert why in sent.detail
    assert bench.raised == []


@pytest.mark.parametrize("key", ["ssf_issuer", "ssf_audience", "ssf_keys_file"])
def test_settings_that_are_missing_are_named(bench: Workbench, key: str) -> None:
    with bench.receiver.listening() as stub:
        sent = bench.transmitter(stub.url(), **{key: ""}).send([make_record()])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert key in sent.detail


def test_a_damaged_state_is_set_aside_and_sending_goes_on(bench: Workbench) -> None:
    with bench.receiver.listening() as stub:
        bench.transmitter(stub.url()).send([make_record(user="bob")])
        (state,) = bench.folder.glob("signals-*.json")
        state.write_text("{")
        assert bench.transmitter(stub.url()).send([make_record()]).accepted == 1
    assert list(bench.folder.glob("*.damaged*"))
