"""Boundary alerts: which alert a boundary of the stream raises. One cause, one alert; most causes raise none."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from agent.alerts.alert import AlertKind
from agent.engine.events import Boundary, Cause
from agent.runtime.pipeline.health_alerts import HealthAlerts

SLEEP_BEGINS: Final = "begins"

ALERT_OF_CAUSE: Final[Mapping[Cause, AlertKind | None]] = MappingProxyType(
    {
        Cause.GAP: None,
        Cause.OVERFLOW: AlertKind.STREAM_BROKEN,
        Cause.CAPTURE_RESTARTED: AlertKind.STREAM_BROKEN,
        Cause.CLOCK_STEP: AlertKind.STREAM_BROKEN,
        # Reported as synthetic input when the events that it stands for come in.
        Cause.SYNTHETIC: None,
        Cause.SCREEN_LOCKED: None,
        Cause.SCREEN_UNLOCKED: None,
        # At its end; at its beginning the computer falls asleep.
        Cause.SLEEP: AlertKind.AWAKE,
        Cause.USER_SWITCH: None,
        Cause.USER_BACK: None,
        # The finding and what became of the lock are alerts of their own.
        Cause.LOCKED_BY_VERDICT: None,
        # An unknown mouse is reported when it is looked up.
        Cause.MOUSE_CHANGED: None,
        # Reported with the proof of identity.
        Cause.PAUSED: None,
        Cause.RESUMED: None,
        # Reported as confirmed by the owner.
        Cause.PROVEN: None,
        # Reported by whoever notices the change.
        Cause.RULES_CHANGED: None,
    }
)


def report_boundary(health: HealthAlerts, boundary: Boundary, now_ns: int) -> None:
    """Raise the alert of a boundary, if it has one, unless the same cause was reported a short while ago."""
    if raised := alert_of(boundary):
        kind, message = raised
        # Sleep is never held back: without its beginning the silence that follows is unexplained.
        subject = now_ns if boundary.cause is Cause.SLEEP else boundary.cause
        health.report(kind, message, now_ns, subject=subject)


def alert_of(boundary: Boundary) -> tuple[AlertKind, str] | None:
    """The kind of alert that a boundary raises, with its message; None for most."""
    if boundary.cause is Cause.SLEEP:
        if boundary.detail == SLEEP_BEGINS:
            return AlertKind.ASLEEP, "The computer falls asleep: no heartbeat comes until it wakes"
        return AlertKind.AWAKE, "The computer woke up"
    kind = ALERT_OF_CAUSE.get(boundary.cause)
    if kind is None:
        return None
    return kind, f"The stream of mouse events broke: {boundary.cause.label}, {boundary.detail}"
