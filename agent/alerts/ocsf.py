"""Alerts as OCSF 1.8.0 Detection Findings (class 2004), which SIEMs read without a parser of their own.

References
----------
Open Cybersecurity Schema Framework 1.8.0, class ``detection_finding``, profile ``host``.
MITRE ATT&CK T1078, Valid Accounts: somebody else works in the session of a valid account.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.api import Record
from agent.alerts.titles import title_of
from agent.alerts.wire import plain

VERSION = "1.8.0"
CLASS_UID = 2004
_MS_NS = 1_000_000
_ACTIVITIES = {Activity.CREATE: ("Create", 1), Activity.UPDATE: ("Update", 2), Activity.CLOSE: ("Close", 4)}
_STATUSES = {1: "New", 2: "In Progress", 4: "Resolved"}
_SEVERITIES = {severity: severity.name.capitalize() for severity in Severity}
_OS_TYPES = {"Linux": 200, "Windows": 100, "Darwin": 300}
_OS_NAMES = {"Darwin": "macOS"}
_BEHAVIOUR = frozenset({AlertKind.SUSPICIOUS, AlertKind.INTRUDER})
_LOCKED = frozenset({AlertKind.LOCK_RESULT, AlertKind.LOCK_FAILED})
_SURE, _LIKELY = 0.8, 0.2
"""Posterior from which confidence is high, and from which it is medium."""
_LEVELS = {1: "Low", 2: "Medium", 3: "High"}
JUDGEMENT_FIELDS = (
    "activity_id",
    "activity_name",
    "category_uid",
    "category_name",
    "class_uid",
    "class_name",
    "type_uid",
    "type_name",
    "status",
    "status_id",
    "severity",
    "severity_id",
    "is_alert",
    "message",
    "finding_info",
    "device",
    "actor",
    "evidences",
    "anomaly_analyses",
    "remediation",
    "confidence",
    "confidence_id",
    "confidence_score",
    "risk_level",
    "risk_level_id",
    "risk_score",
)
"""Fields of an event that follow from its alert alone: `agent.alerts.verify` derives them again."""


@dataclass(frozen=True, slots=True)
class Product:
    """What raises the alerts, and on which system.

    Attributes
    ----------
    version : str
        The agent's.
    system : str
        As `platform.system` names it.
    """

    version: str
    system: str


def this_product(version: str) -> Product:
    """The product on this computer."""
    return Product(version, platform.system())


def product_of(event: Mapping[str, Any]) -> Product:
    """The product that an event names."""
    name = str(event["device"]["os"]["name"])
    systems = {shown: system for system, shown in _OS_NAMES.items()}
    return Product(
        str(event["metadata"]["product"]["version"]), systems.get(name, "" if name == "unknown" else name)
    )


def to_ocsf(record: Record, product: Product) -> dict[str, Any]:
    """A record as a Detection Finding: a dict that `json.dumps` takes.

    ``finding_info.uid`` is the finding's id, ``metadata.uid`` the record's (remove duplicates by it),
    ``metadata.sequence`` its place in the stream ``unmapped.stream``. What OCSF has no field for, the
    alert's detail, is in ``unmapped``; the reasons are in ``finding_info.desc`` and ``evidences``.
    """
    alert = record.alert
    # First what a person needs who reads the raw line.
    event = {
        "time": alert.time_unix_ns // _MS_NS,
        "severity": _SEVERITIES[alert.severity],
        "message": alert.message,
        **_activity(alert),
        "severity_id": int(alert.severity),
        "is_alert": alert.severity > Severity.INFORMATIONAL,
        "finding_info": _finding_info(alert),
        "metadata": _metadata(record, product),
        "device": _device(alert, product),
        "actor": _actor(alert),
        "unmapped": {**alert.detail, "kind": alert.kind.value, "stream": record.stream},
    }
    if alert.reasons:
        event["evidences"] = [{"data": {"reasons": list(alert.reasons)}, "name": "reasons"}]
    if page := alert.detail.get("playbook"):
        is_address = str(page).startswith("http")
        event["remediation"] = {"desc": f"Playbook: {page}", **({"references": [page]} if is_address else {})}
    if _is_behaviour(alert):
        event |= _weight(alert)
        if alert.reasons:
            event["anomaly_analyses"] = [_anomalies(alert)]
    clean: dict[str, Any] = plain(event)
    return clean


def _activity(alert: Alert) -> dict[str, Any]:
    """Class and activity, each as number and name."""
    activity_name, status_id = _ACTIVITIES[alert.activity]
    return {
        "activity_id": int(alert.activity),
        "activity_name": activity_name,
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS_UID,
        "class_name": "Detection Finding",
        "type_uid": CLASS_UID * 100 + int(alert.activity),
        "type_name": f"Detection Finding: {activity_name}",
        "status_id": status_id,
        "status": _STATUSES[status_id],
    }


def _anomalies(alert: Alert) -> dict[str, Any]:
    """The reasons as what was observed beside the owner's way of moving."""
    parts = [reason.partition(": ") for reason in alert.reasons]
    return {
        "analysis_targets": [{"name": alert.user, "type": "user"}],
        "anomalies": [
            {"observation_parameter": subject, "observations": [{"value": seen or subject}]}
            for subject, _, seen in parts
        ],
    }


def _finding_info(alert: Alert) -> dict[str, Any]:
    when = "created_time" if alert.activity is Activity.CREATE else "modified_time"
    finding_info: dict[str, Any] = {
        "uid": alert.finding_id,
        "title": title_of(alert.kind),
        "types": [alert.kind.value],
        when: alert.time_unix_ns // _MS_NS,
    }
    if alert.reasons:
        finding_info["desc"] = "; ".join(reason.removesuffix(".") for reason in alert.reasons)
    if _is_behaviour(alert):
        finding_info["analytic"] = {"name": "mouse dynamics", "type_id": 4, "type": "Learning (ML/DL)"}
        finding_info["attacks"] = [
            {
                "tactic": {"uid": "TA0001", "name": "Initial Access"},
                "technique": {"uid": "T1078", "name": "Valid Accounts"},
            }
        ]
    return finding_info


def _metadata(record: Record, product: Product) -> dict[str, Any]:
    return {
        "version": VERSION,
        "product": {"name": "Steadyhand", "vendor_name": "Steadyhand", "version": product.version},
        "uid": record.alert.record_id,
        "sequence": record.sequence,
        "event_code": record.alert.kind.value,
        "profiles": ["host"],
    }


def _device(alert: Alert, product: Product) -> dict[str, Any]:
    system = {
        "name": _OS_NAMES.get(product.system, product.system) or "unknown",
        "type_id": _OS_TYPES.get(product.system, 0),
    }
    origin = _origin(alert)
    device = {
        "hostname": alert.host,
        "type_id": 0,
        "os": system,
        "name": origin.get("fqdn"),
        "ip": origin.get("ip"),
    }
    return {name: fact for name, fact in device.items() if fact is not None}


def _actor(alert: Alert) -> dict[str, Any]:
    """Whose session it is, and whether the person sits at this computer."""
    origin = _origin(alert)
    user = {"name": alert.user, "uid": origin.get("uid"), "domain": origin.get("domain")}
    place = " ".join(str(origin[name]) for name in ("seat", "display") if origin.get(name))
    session = {"uid": origin.get("session"), "is_remote": origin.get("remote"), "terminal": place or None}
    actor = {"user": {name: fact for name, fact in user.items() if fact is not None}}
    known = {name: fact for name, fact in session.items() if fact is not None}
    return actor | ({"session": known} if known else {})


def _origin(alert: Alert) -> Mapping[str, Any]:
    origin = alert.detail.get("origin")
    return origin if isinstance(origin, Mapping) else {}


def _is_behaviour(alert: Alert) -> bool:
    """Whether it speaks of who moves the mouse: a verdict, or what became of the lock after one."""
    return alert.kind in _BEHAVIOUR or (alert.kind in _LOCKED and "verdict" in alert.detail)


def _weight(alert: Alert) -> dict[str, Any]:
    """How probable it is, and how much is at stake.

    The confidence is the posterior probability that somebody else is there, and is left out where none can be stated.
    The risk is high for an intruder and medium for a suspicion; its score is what trust has lost.
    """
    detail = alert.detail
    intruder = alert.kind is AlertKind.INTRUDER or detail.get("verdict") == "intruder"
    risk = 3 if intruder else 2
    weights: dict[str, Any] = {"risk_level_id": risk, "risk_level": _LEVELS[risk]}
    posterior, trust = detail.get("posterior"), detail.get("trust")
    if isinstance(posterior, (int, float)):
        confidence = 3 if posterior >= _SURE else 2 if posterior >= _LIKELY else 1
        score = round(100 * min(max(posterior, 0.0), 1.0))
        weights |= {"confidence_id": confidence, "confidence": _LEVELS[confidence], "confidence_score": score}
    if isinstance(trust, (int, float)):
        weights["risk_score"] = round(100 - min(max(trust, 0), 100))
    return weights
