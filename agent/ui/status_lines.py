"""What the status says in a line: the words that menu, tooltip, notifications and pages share."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agent.language.language import ENGLISH, Language, mark
from agent.runtime.status.snapshot import State, Status

HEADLINES: Mapping[State, str] = MappingProxyType(
    {
        State.STARTING: mark("Starting"),
        State.LEARNING: mark("Learning how you move the mouse"),
        State.PROTECTING: mark("Protecting this session"),
        State.SUSPICIOUS: mark("Unusual mouse movement"),
        State.LOCKED: mark("Screen locked"),
        State.PAUSED: mark("Paused: not protecting"),
        State.AWAY: mark("Another user's screen is shown: not watching"),
        State.UNKNOWN_MOUSE: mark("Unknown mouse"),
        State.CANNOT_SEE: mark("Cannot see the mouse: not protecting"),
        State.NO_EVIDENCE: mark("Not enough movement to judge"),
        State.FAILED: mark("Failed: not protecting"),
    }
)


# Trust is no number here: nothing is judged.
_BLIND = frozenset((State.CANNOT_SEE, State.PAUSED, State.LOCKED, State.AWAY, State.FAILED))


def headline(status: Status, language: Language = ENGLISH) -> str:
    """What the agent is doing, in a few words; with the share while it learns, and the seconds until a lock."""
    if status.countdown_s is not None:
        return countdown(status, language)
    words = language.text(HEADLINES[status.state])
    if status.state is State.LEARNING and status.enrolled_share is not None:
        return language.text("{learning}: {share} done", learning=words, share=percent(status.enrolled_share))
    return words


def countdown(status: Status, language: Language = ENGLISH) -> str:
    """The last seconds before a lock, in words; or that they stand still while the owner is asked."""
    seconds = status.countdown_s or 0.0
    if status.countdown_held:
        return language.text("The countdown waits while you confirm that it is you")
    return language.plural(
        "The screen locks in {seconds} second",
        "The screen locks in {seconds} seconds",
        seconds,
        seconds=language.number(seconds),
    )


def hours_line(status: Status, language: Language = ENGLISH) -> str:
    """How long learning will still take, in words; empty where nobody can say."""
    if status.state is not State.LEARNING or status.hours_left is None:
        return ""
    minutes = status.hours_left * 60
    if minutes < 5:
        return language.text("A few minutes of mouse use are left")
    if minutes < 90:
        rounded = language.number(round(minutes / 5) * 5)
        return language.text("About {minutes} minutes of mouse use are left", minutes=rounded)
    hours = language.number(status.hours_left)
    return language.text("About {hours} hours of mouse use are left", hours=hours)


def sufficiency_line(status: Status, language: Language = ENGLISH) -> str:
    """Learning in figures: how far it is, and the error to expect; empty until that was reckoned."""
    learnt = status.sufficiency
    if status.state is not State.LEARNING or learnt is None:
        return ""
    error = language.text("expected error {error}", error=language.percent(learnt.error))
    hours = language.number(learnt.hours, 1)
    if learnt.enough:
        return language.text("Learning: {hours} h, which is enough; {error}", hours=hours, error=error)
    if learnt.enough_hours:
        hours = language.text(
            "{hours} of about {all} h", hours=hours, all=language.number(learnt.enough_hours, 1)
        )
    else:
        hours = language.text("{hours} h", hours=hours)
    return language.text(
        "Learning: {hours}; {error}, about {later} with one more hour",
        hours=hours,
        error=error,
        later=language.percent(learnt.error_next_hour),
    )


def program_line(status: Status, language: Language = ENGLISH) -> str:
    """That a program moves the mouse, in a few words; empty where none does."""
    return (
        language.text("A program moves the mouse: nothing is learnt or judged")
        if status.moved_by_program
        else ""
    )


def percent(share: float) -> str:
    """A share of 0-1 as whole per cent, cut off and not rounded: 100 % only when it is done."""
    return f"{int(max(0.0, min(1.0, share)) * 100 + 1e-9)} %"


def is_judged(status: Status) -> bool:
    """True if trust is a number now: never while the agent cannot see or does not judge."""
    return status.trust is not None and status.state not in _BLIND


def trust_line(status: Status, language: Language = ENGLISH) -> str:
    """Trust in words. Never a number while the agent cannot see or does not judge."""
    if not is_judged(status):
        return language.text("Trust: no movement to judge at the moment")
    return language.text("Trust: {trust} of 100", trust=status.trust)


def tooltip(status: Status, language: Language = ENGLISH) -> str:
    """One line for the icon; also its name for screen readers."""
    line = f"Steadyhand: {headline(status, language)}"
    if status.trust is not None and status.state in (State.PROTECTING, State.SUSPICIOUS):
        return f"{line}. {trust_line(status, language)}"
    left = hours_line(status, language)
    return f"{line}. {left}" if left else line
