"""The events against the OCSF 1.8.0 schema, for every kind, activity and severity."""

from __future__ import annotations

import itertools
import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from ocsf_json_schema.embedded import OcsfJsonSchemaEmbedded

from agent.alerts.alert import Activity, AlertKind, Severity
from agent.alerts.ocsf import Product, to_ocsf
from tests.agent.alerts.fakes import STREAM, make_record

PRODUCT = Product("0.1.0", "Linux")
ORIGIN = {
    "uid": "1000",
    "domain": "office.example",
    "fqdn": "laptop-17.office.example",
    "ip": "192.0.2.7",
    "session": "c2",
    "seat": "seat0",
    "display": ":0",
    "remote": False,
}


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    """OCSF 1.8.0's own definition of a Detection Finding on a host; it takes no name that it does not know."""
    file = files("ocsf_json_schema") / "ocsf" / "1.8.0.json"
    whole = OcsfJsonSchemaEmbedded(json.loads(file.read_text(encoding="utf-8")))
    validator: jsonschema.Draft202012Validator = jsonschema.Draft202012Validator(
        whole.get_class_schema("detection_finding", ["host"])
    )
    return validator


def complaints(schema: jsonschema.Draft202012Validator, event: dict[str, Any]) -> list[str]:
    plain = json.loads(json.dumps(event, allow_nan=False))
    return [f"{list(error.path)}: {error.message}" for error in schema.iter_errors(plain)]


@pytest.mark.parametrize("kind", AlertKind)
def test_every_record_is_a_valid_detection_finding(
    kind: AlertKind, schema: jsonschema.Draft202012Validator
) -> None:
    for activity, severity, system in itertools.product(
        Activity, Severity, ("Linux", "Windows", "Darwin", "")
    ):
        detail = {
            "posterior": 0.031,
            "trust": 3,
            "origin": ORIGIN,
            "playbook": "https://wiki.example/intruder.md",
        }
        record = make_record(kind=kind, activity=activity, severity=severity, detail=detail)
        event = to_ocsf(record, Product("0.1.0", system))
        assert complaints(schema, event) == []
        assert event["metadata"]["version"] == "1.8.0"
        assert event["metadata"]["profiles"] == ["host"]


def test_the_schema_would_notice_a_name_that_it_does_not_know(
    schema: jsonschema.Draft202012Validator,
) -> None:
    event = to_ocsf(make_record(), PRODUCT)
    event["device"]["made_up"] = 1
    assert "made_up" in complaints(schema, event)[0]
    del event["finding_info"]
    assert any("finding_info" in complaint for complaint in complaints(schema, event))


def test_who_where_and_by_which_screen_stand_at_the_top() -> None:
    event = to_ocsf(make_record(detail={"origin": ORIGIN}), PRODUCT)
    assert event["actor"] == {
        "user": {"name": "alice", "uid": "1000", "domain": "office.example"},
        "session": {"uid": "c2", "is_remote": False, "terminal": "seat0 :0"},
    }
    assert event["device"]["name"] == "laptop-17.office.example"
    assert event["device"]["ip"] == "192.0.2.7"
    assert event["unmapped"]["origin"] == ORIGIN


def test_an_origin_that_is_none_is_passed_over() -> None:
    event = to_ocsf(make_record(detail={"origin": "forged"}), PRODUCT)
    assert event["actor"] == {"user": {"name": "alice"}}


def test_the_page_that_says_what_to_do_is_linked() -> None:
    page = "https://wiki.example/intruder.md"
    event = to_ocsf(make_record(detail={"playbook": page}), PRODUCT)
    assert event["remediation"] == {"desc": f"Playbook: {page}", "references": [page]}
    event = to_ocsf(make_record(detail={"playbook": "intruder"}), PRODUCT)
    assert event["remediation"] == {"desc": "Playbook: intruder"}


def test_what_was_seen_is_an_anomaly_beside_the_owners_way() -> None:
    reason = "speed: much higher than the owner's (v_mean +1.1 sd over 41 actions)"
    (analysis,) = to_ocsf(make_record(reasons=(reason,)), PRODUCT)["anomaly_analyses"]
    assert analysis["analysis_targets"] == [{"name": "alice", "type": "user"}]
    (anomaly,) = analysis["anomalies"]
    assert anomaly["observation_parameter"] == "speed"
    assert anomaly["observations"] == [
        {"value": "much higher than the owner's (v_mean +1.1 sd over 41 actions)"}
    ]
    assert "anomaly_analyses" not in to_ocsf(make_record(kind=AlertKind.PAUSED), PRODUCT)


def test_names_agree_with_numbers() -> None:
    event = to_ocsf(make_record(activity=Activity.UPDATE, severity=Severity.CRITICAL), PRODUCT)
    assert (event["type_uid"], event["type_name"]) == (200402, "Detection Finding: Update")
    assert (event["severity_id"], event["severity"]) == (5, "Critical")
    assert (event["status_id"], event["status"]) == (2, "In Progress")
    assert event["device"]["os"] == {"name": "Linux", "type_id": 200}


def test_ids_and_times_are_where_receivers_look_for_them() -> None:
    record = make_record(42)
    event = to_ocsf(record, PRODUCT)
    assert event["finding_info"]["uid"] == record.alert.finding_id
    assert event["metadata"]["uid"] == record.alert.record_id
    assert event["metadata"]["sequence"] == 42
    assert event["unmapped"]["stream"] == STREAM
    assert event["time"] == event["finding_info"]["created_time"] == 1_767_225_600_123
    assert event["actor"]["user"]["name"] == "alice"
    assert event["device"]["hostname"] == "laptop-17"


def test_an_update_does_not_claim_to_be_the_beginning() -> None:
    info = to_ocsf(make_record(activity=Activity.UPDATE), PRODUCT)["finding_info"]
    assert "created_time" not in info
    assert info["modified_time"] == 1_767_225_600_123


@pytest.mark.parametrize("kind", AlertKind)
def test_only_behaviour_is_called_valid_accounts(kind: AlertKind) -> None:
    event = to_ocsf(make_record(kind=kind), PRODUCT)
    behaviour = kind in (AlertKind.SUSPICIOUS, AlertKind.INTRUDER)
    assert ("attacks" in event["finding_info"]) is behaviour
    assert ("risk_level_id" in event) is behaviour
    if behaviour:
        assert event["finding_info"]["attacks"][0]["technique"]["uid"] == "T1078"


@pytest.mark.parametrize(
    ("posterior", "level", "score"),
    [
        (0.0, "Low", 0),
        (0.0204, "Low", 2),
        (0.199, "Low", 20),
        (0.2, "Medium", 20),
        (0.8, "High", 80),
        (1.0, "High", 100),
    ],
)
def test_confidence_is_the_posterior(posterior: float, level: str, score: int) -> None:
    event = to_ocsf(make_record(detail={"posterior": posterior, "statistic": 40.0}), PRODUCT)
    assert (event["confidence"], event["confidence_score"]) == (level, score)


def test_without_a_posterior_no_confidence_is_stated() -> None:
    event = to_ocsf(make_record(detail={"statistic": 40.0, "estimated": True}), PRODUCT)
    assert not {name for name in event if name.startswith("confidence")}


def test_reasons_are_in_words_and_detail_is_unmapped() -> None:
    event = to_ocsf(make_record(reasons=("Slow.", "Jagged.")), PRODUCT)
    assert event["finding_info"]["desc"] == "Slow; Jagged"
    assert event["evidences"][0]["data"] == {"reasons": ["Slow.", "Jagged."]}
    assert event["unmapped"]["evidence_llr"] == -8.25


def test_detail_cannot_forge_what_the_event_says_of_itself() -> None:
    event = to_ocsf(make_record(detail={"kind": "started", "stream": "x", "class_uid": 1}), PRODUCT)
    assert (event["unmapped"]["kind"], event["unmapped"]["stream"]) == ("intruder", STREAM)
    assert event["class_uid"] == 2004


def test_without_reasons_there_is_no_empty_evidence() -> None:
    event = to_ocsf(make_record(reasons=()), PRODUCT)
    assert "evidences" not in event
    assert "desc" not in event["finding_info"]


def test_a_start_is_no_alert() -> None:
    quiet = make_record(kind=AlertKind.STARTED, severity=Severity.INFORMATIONAL)
    assert to_ocsf(quiet, PRODUCT)["is_alert"] is False
    assert to_ocsf(make_record(), PRODUCT)["is_alert"] is True


def test_what_became_of_the_lock_bears_the_weight_of_its_verdict() -> None:
    detail = {"verdict": "intruder", "trust": 0, "posterior": 0.04, "lock": "locked"}
    record = make_record(kind=AlertKind.LOCK_RESULT, activity=Activity.UPDATE, detail=detail)
    event = to_ocsf(record, PRODUCT)
    assert event["finding_info"]["attacks"][0]["technique"]["uid"] == "T1078"
    assert (event["confidence_score"], event["risk_level"]) == (4, "High")
    assert event["risk_score"] == 100
    assert event["unmapped"]["lock"] == "locked"


@pytest.mark.parametrize(
    ("detail", "score"),
    [({"trust": 100}, 0), ({"trust": 40}, 60), ({"trust": -3}, 100), ({"trust": "low"}, None), ({}, None)],
)
def test_the_risk_is_from_0_to_100_and_only_where_known(detail: dict[str, Any], score: int | None) -> None:
    event = to_ocsf(make_record(kind=AlertKind.SUSPICIOUS, detail=detail), PRODUCT)
    assert event.get("risk_score") == score
    assert (event["risk_level_id"], event["risk_level"]) == (2, "Medium")
