"""What an alert says: plain values, one finding id for a Create record and its Update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any


class Severity(IntEnum):
    """OCSF's severity_id."""

    INFORMATIONAL = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5


class Activity(IntEnum):
    """OCSF's activity_id of a finding: its first record, and what became of it."""

    CREATE = 1
    UPDATE = 2
    CLOSE = 3


class AlertKind(Enum):
    """What happened."""

    SUSPICIOUS = "suspicious"
    INTRUDER = "intruder"
    LOCK_RESULT = "lock result"
    LOCK_FAILED = "lock failed"
    INPUT_WHILE_LOCKED = "input while locked"
    LOCK_NOT_SEEN = "lock not seen"
    CAPTURE_DEAD = "capture dead"
    STREAM_BROKEN = "stream broken"
    NO_EVIDENCE = "no evidence"
    UNKNOWN_MOUSE = "unknown mouse"
    SYNTHETIC_INPUT = "synthetic input"
    PROFILE_REJECTED = "profile rejected"
    NEW_LOCAL_PROFILE = "new local profile"
    POLICY_REJECTED = "policy rejected"
    PAUSED = "paused"
    QUIT = "quit"
    STARTED = "started"
    UPGRADED = "upgraded"
    LOSS = "alerts dropped"
    HEARTBEAT = "heartbeat"
    KILLED = "killed and restarted"
    STOPPED = "stopped"
    ASLEEP = "asleep"
    AWAKE = "awake"
    CONFIRMED = "confirmed by the owner"
    BASELINE_TAKEN = "baseline taken"
    PROOF_REJECTED = "proof rejected"
    FOREIGN_ENVIRONMENT = "foreign environment"
    CLOCK_STEPPED = "clock stepped"
    POLICY_CHANGED = "policy changed"
    PROFILE_CHANGED = "profile changed"
    PROFILE_FETCHED = "profile fetched"
    ENROLMENT_DOUBTFUL = "enrolment doubtful"
    ENROLMENT_POISONED = "enrolment poisoned"
    RECORDINGS_ERASED = "recordings erased"
    OVER_BUDGET = "over budget"
    DRILL = "drill"
    TEST = "test"
    SILENT = "agent silent"
    STATE_DAMAGED = "file damaged"
    RELAY_ABUSED = "relay abused"
    SUBJECT_MISSING = "subject missing"
    MOUSE_TAMPERING = "mouse tampering"


@dataclass(frozen=True, slots=True)
class LaterKind:
    """A kind that only a later version knows, of an alert that still waits after a downgrade: it is sent all the same.

    Attributes
    ----------
    word : str
    """

    word: str

    @property
    def value(self) -> str:
        """As `AlertKind` of that version has it."""
        return self.word


@dataclass(frozen=True, slots=True)
class Alert:
    """One record. Two records of one finding share `finding_id` and differ in `record_id`.

    Attributes
    ----------
    finding_id, record_id : str
        UUIDs; `record_id` is what a receiver removes duplicates by.
    kind : AlertKind or LaterKind
    activity : Activity
    severity : Severity
    time_unix_ns : int
        Wall clock when it was raised: for people, never for durations.
    user, host : str
    message : str
        One sentence for the person who reads it.
    reasons : tuple of str
        Why, in words: the dynamics that departed most. No trajectories.
    detail : mapping
        Plain JSON values: verdict, trust, evidence_llr, actions, seconds, profile_id, mouse, lock …
    """

    finding_id: str
    record_id: str
    kind: AlertKind | LaterKind
    activity: Activity
    severity: Severity
    time_unix_ns: int
    user: str
    host: str
    message: str
    reasons: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)
