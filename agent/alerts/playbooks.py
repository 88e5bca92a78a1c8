"""Playbooks: which page of docs/playbooks says what to do about an alert."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from agent.alerts.alert import AlertKind, LaterKind

PLAYBOOKS: Final[Mapping[AlertKind, str]] = MappingProxyType(
    {
        AlertKind.INTRUDER: "intruder",
        AlertKind.SUSPICIOUS: "intruder",
        AlertKind.LOCK_RESULT: "intruder",
        AlertKind.LOCK_FAILED: "lock-failed",
        AlertKind.INPUT_WHILE_LOCKED: "lock-failed",
        AlertKind.LOCK_NOT_SEEN: "lock-failed",
        AlertKind.KILLED: "silence",
        AlertKind.SILENT: "silence",
        AlertKind.CAPTURE_DEAD: "tamper",
        AlertKind.STREAM_BROKEN: "tamper",
        AlertKind.SYNTHETIC_INPUT: "tamper",
        AlertKind.NO_EVIDENCE: "tamper",
        AlertKind.POLICY_REJECTED: "tamper",
        AlertKind.PROFILE_CHANGED: "tamper",
        AlertKind.PROFILE_REJECTED: "tamper",
        AlertKind.NEW_LOCAL_PROFILE: "tamper",
        AlertKind.ENROLMENT_DOUBTFUL: "tamper",
        AlertKind.ENROLMENT_POISONED: "tamper",
        AlertKind.RECORDINGS_ERASED: "tamper",
        AlertKind.CLOCK_STEPPED: "tamper",
        AlertKind.STATE_DAMAGED: "tamper",
        AlertKind.LOSS: "tamper",
        AlertKind.PROOF_REJECTED: "tamper",
        AlertKind.FOREIGN_ENVIRONMENT: "tamper",
        AlertKind.RELAY_ABUSED: "tamper",
        AlertKind.MOUSE_TAMPERING: "tamper",
        AlertKind.UNKNOWN_MOUSE: "tamper",
        AlertKind.SUBJECT_MISSING: "signals",
    }
)
"""The pages' names; what an analyst need not act on has none."""


def playbook(kind: AlertKind | LaterKind, folder: str) -> str:
    """The address of the page for `kind`; its name alone without a folder, empty without a page.

    Parameters
    ----------
    kind : AlertKind or LaterKind
    folder : str
        Where the security team keeps the pages.
    """
    name = PLAYBOOKS.get(kind, "") if isinstance(kind, AlertKind) else ""
    return f"{folder.rstrip('/')}/{name}.md" if folder and name else name


def playbook_detail(kind: AlertKind | LaterKind, folder: str) -> dict[str, str]:
    """The detail of an alert that names its page; empty where there is none."""
    page = playbook(kind, folder)
    return {"playbook": page} if page else {}
