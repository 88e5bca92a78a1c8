"""The events against the OCSF 1.5.0 models, for every kind, activity and severity."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from ocsf_emitter._models import DetectionFinding
from ocsf_emitter.validate import validate

from agent.alerts.alert import Activity, AlertKind, Severity
from agent.alerts.ocsf import Product, to_ocsf
from tests.agent.alerts.fakes import STREAM, make_record

PRODUCT = Product("0.1.0", "Linux")


def known_fields_only(model: Any, where: str = "") -> list[str]:
    """Names that the schema does not have: the models take them without a word."""
    extra = [f"{where}{name}" for name in (model.model_extra or {})]
    for name in model.model_fields_set:
        value = getattr(model, name, None)
        for item in value if isinstance(value, list) else [value]:
            if hasattr(item, "model_extra") and name != "unmapped":
                extra += known_fields_only(item, f"{where}{name}.")
    return extra


@pytest.mark.parametrize("kind", AlertKind)
def test_every_record_is_a_valid_detection_finding(kind: AlertKind) -> None:
    for activity, severity, system in itertools.product(
        Activity, Severity, ("Linux", "Windows", "Darwin", "")
    ):
        record = make_record(kind=kind, activity=activity, severity=severity)
        event = json.loads(json.dumps(to_ocsf(record, Product("0.1.0", system)), allow_nan=False))
        finding = DetectionFinding.model_validate(event)
        validate(finding)
        # `actor` comes with the profile `host`, which the event names; the models know base classes only.
        assert known_fields_only(finding) == ["actor"]
        assert event["metadata"]["profiles"] == ["host"]


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
    assert ("confidence_id" in event) is behaviour
    if behaviour:
        assert event["finding_info"]["attacks"][0]["technique"]["uid"] == "T1078"


def test_confidence_is_lower_while_error_rates_are_estimated() -> None:
    assert to_ocsf(make_record(), PRODUCT)["confidence"] == "High"
    assert to_ocsf(make_record(detail={"estimated": True}), PRODUCT)["confidence"] == "Medium"
    suspicious = make_record(kind=AlertKind.SUSPICIOUS, detail={"estimated": True})
    assert to_ocsf(suspicious, PRODUCT)["confidence"] == "Low"


def test_reasons_are_in_words_and_detail_is_unmapped() -> None:
    event = to_ocsf(make_record(reasons=("Slow.", "Jagged.")), PRODUCT)
    assert event["finding_info"]["desc"] == "Slow. Jagged."
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
    detail = {"verdict": "intruder", "trust": 0, "statistic": 9.9, "lock": "locked"}
    record = make_record(kind=AlertKind.LOCK_RESULT, activity=Activity.UPDATE, detail=detail)
    event = to_ocsf(record, PRODUCT)
    assert event["finding_info"]["attacks"][0]["technique"]["uid"] == "T1078"
    assert (event["confidence"], event["risk_level"]) == ("High", "High")
    assert (event["confidence_score"], event["risk_score"]) == (100, 100)
    assert event["unmapped"]["lock"] == "locked"


@pytest.mark.parametrize(
    ("detail", "scores"),
    [
        ({"statistic": 0.0, "trust": 100}, (50, 0)),
        ({"statistic": 2.2, "trust": 40}, (90, 60)),
        ({"statistic": 1e9, "trust": -3}, (100, 100)),
        ({"statistic": -1e9, "trust": 300}, (0, 0)),
        ({"statistic": None, "trust": "low"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_scores_are_from_0_to_100_and_only_where_known(
    detail: dict[str, Any], scores: tuple[int | None, int | None]
) -> None:
    event = to_ocsf(make_record(kind=AlertKind.SUSPICIOUS, detail=detail), PRODUCT)
    assert (event.get("confidence_score"), event.get("risk_score")) == scores
    assert (event["risk_level_id"], event["risk_level"]) == (2, "Medium")
    validate(DetectionFinding.model_validate(event))
