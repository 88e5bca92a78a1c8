"""Titles of alerts: one for each kind, as people and SIEMs are shown it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from agent.alerts.alert import AlertKind, LaterKind

TITLES: Final[Mapping[AlertKind, str]] = MappingProxyType(
    {
        AlertKind.SUSPICIOUS: "The mouse is not moved as its owner moves it",
        AlertKind.INTRUDER: "Somebody else is using the session",
        AlertKind.LOCK_RESULT: "The screen was locked",
        AlertKind.LOCK_FAILED: "The screen could not be locked",
        AlertKind.INPUT_WHILE_LOCKED: "Input went on outside the locker while the screen was locked",
        AlertKind.LOCK_NOT_SEEN: "Somebody says that the screen is locked, and it is not seen to be",
        AlertKind.CAPTURE_DEAD: "Mouse capture has stopped",
        AlertKind.STREAM_BROKEN: "Mouse events were lost or out of order",
        AlertKind.NO_EVIDENCE: "The mouse is in use but nothing can be judged",
        AlertKind.UNKNOWN_MOUSE: "A mouse without a profile is in use",
        AlertKind.SYNTHETIC_INPUT: "A program is moving the mouse",
        AlertKind.PROFILE_REJECTED: "A profile was refused",
        AlertKind.NEW_LOCAL_PROFILE: "A profile was made on this computer",
        AlertKind.POLICY_REJECTED: "A policy was refused",
        AlertKind.PAUSED: "Protection was paused",
        AlertKind.QUIT: "The agent was ended",
        AlertKind.STARTED: "The agent has started",
        AlertKind.UPGRADED: "Another version of the agent runs",
        AlertKind.LOSS: "Alerts were lost",
        AlertKind.HEARTBEAT: "The agent is alive",
        AlertKind.KILLED: "The agent ended without a word and has started again",
        AlertKind.STOPPED: "The agent was ended by the system or a signal",
        AlertKind.ASLEEP: "The computer fell asleep",
        AlertKind.AWAKE: "The computer woke up",
        AlertKind.CONFIRMED: "The owner proved who they are",
        AlertKind.BASELINE_TAKEN: "A baseline of the owner's day was taken",
        AlertKind.PROOF_REJECTED: "A proof of identity was refused",
        AlertKind.FOREIGN_ENVIRONMENT: "The agent was started for another session",
        AlertKind.CLOCK_STEPPED: "The clock was set",
        AlertKind.POLICY_CHANGED: "The policy has changed",
        AlertKind.PROFILE_CHANGED: "A profile has changed",
        AlertKind.PROFILE_FETCHED: "A profile was fetched",
        AlertKind.ENROLMENT_DOUBTFUL: "What was learnt may not be one person's",
        AlertKind.ENROLMENT_POISONED: "What was learnt may be somebody else's",
        AlertKind.RECORDINGS_ERASED: "What was recorded for enrolment was erased",
        AlertKind.SILENT: "An agent has fallen silent",
        AlertKind.STATE_DAMAGED: "A file of the agent was damaged",
        AlertKind.RELAY_ABUSED: "A program sends the relay what it does not take",
        AlertKind.SUBJECT_MISSING: "The identity provider could not be told who it is",
        AlertKind.MOUSE_TAMPERING: "Another program takes the mouse's movement, or the agent does not judge it",
        AlertKind.OVER_BUDGET: "The agent uses more of the computer than it may",
        AlertKind.DRILL: "A drill with a colleague",
        AlertKind.TEST: "A test of this destination",
    }
)

LATER_TITLE: Final = "An alert of a later version of the agent"


def title_of(kind: AlertKind | LaterKind) -> str:
    """The title; of a kind that only a later version knows, one that says so."""
    return TITLES[kind] if isinstance(kind, AlertKind) else LATER_TITLE
