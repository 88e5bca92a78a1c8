"""Silences in a chain: where an agent said nothing for too long, and what explains it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from agent.alerts.alert import AlertKind

_ANNOUNCED: Final = frozenset((AlertKind.STOPPED.value, AlertKind.QUIT.value, AlertKind.ASLEEP.value))
_AWAKE: Final = AlertKind.AWAKE.value
_LATE_WORD_S: Final = 60.0
_STEP_TOLERANCE_S: Final = 90.0
KILLED: Final = "the agent was killed while the computer ran on"
WENT_DOWN: Final = "the computer went down without ending the agent: a power cut, or a kill and then one"
UNEXPLAINED: Final = "unexplained"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One alert, as far as silences are concerned.

    Attributes
    ----------
    number : int
        Of the chain.
    user : str
        Whose agent; empty for the relay.
    kind : str
    time_ms : int
    computer_restarted : bool or None
        Of an alert about a kill.
    step_s : float
        Of an alert about a clock that was set; 0 otherwise.
    """

    number: int
    user: str
    kind: str
    time_ms: int
    computer_restarted: bool | None = None
    step_s: float = 0.0


def silences(spoken: Iterable[Spoken], silence_s: float) -> Iterator[str]:
    """A line for each silence of an agent that neither an announcement, nor waking, nor a clock that was set explains.

    The relay passes on several agents' alerts and has a heartbeat of its own, which says nothing about theirs.
    """
    ordered = sorted((alert for alert in spoken if alert.user), key=lambda alert: (alert.user, alert.number))
    for _, group in groupby(ordered, key=lambda alert: alert.user):
        alerts = list(group)
        for place, (before, after) in enumerate(pairwise(alerts)):
            seconds = _seconds(before, after)
            following = alerts[place + 2] if place + 2 < len(alerts) else None
            if seconds > silence_s and not _is_explained(before, after, following, seconds):
                yield f"silent for {seconds:.0f} s before alert {after.number} ({after.kind}): {_state(after)}"


def _is_explained(before: Spoken, after: Spoken, following: Spoken | None, seconds: float) -> bool:
    if before.kind in _ANNOUNCED or after.kind == _AWAKE:
        return True
    if after.kind == AlertKind.CLOCK_STEPPED.value:
        # By the clock that nobody can set no time has passed: the wall clock was behind, as after a machine was paused.
        return abs(seconds - after.step_s) < _STEP_TOLERANCE_S
    if after.kind != AlertKind.ASLEEP.value or following is None:
        return False
    # The computer was asleep before the agent could say so: it says both when it wakes.
    return following.kind == _AWAKE and _seconds(after, following) < _LATE_WORD_S


def _state(after: Spoken) -> str:
    if after.kind != AlertKind.KILLED.value or after.computer_restarted is None:
        return UNEXPLAINED
    return WENT_DOWN if after.computer_restarted else KILLED


def _seconds(before: Spoken, after: Spoken) -> float:
    return (after.time_ms - before.time_ms) / 1000
