"""The tray's menu and tooltip as plain values: from a status to rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from agent.config.schema import Settings
from agent.language.language import ENGLISH, Language, mark
from agent.runtime.status.snapshot import Command, State, Status

NO_REAUTHENTICATION = mark("this computer has no way to ask for your password")
BY_POLICY = mark("not allowed by policy")


class Page(Enum):
    """What the tray itself can open; the worker has no part in it."""

    STATUS = "status"
    RECORDED = "what is recorded"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Why something cannot be asked for; an empty reason means that it can.

    Attributes
    ----------
    pause, enrol, quit, it_was_me : str
        The reason, as the end of a sentence, or empty.
    pause_min : float
        Minutes that the menu's pause lasts.
    """

    pause: str = ""
    enrol: str = ""
    quit: str = ""
    it_was_me: str = ""
    pause_min: float = 15.0

    @classmethod
    def under(cls, settings: Settings, *, reauthentication: bool) -> Allowed:
        """What `settings` allow on a computer that can, or cannot, ask for the password again."""
        unproven = "" if reauthentication else NO_REAUTHENTICATION
        return cls(
            pause=unproven if settings.response.pause_allowed else BY_POLICY,
            enrol=unproven if settings.enrolment.local else BY_POLICY,
            quit=unproven,
            it_was_me=unproven,
            pause_min=settings.response.pause_min,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the menu.

    Attributes
    ----------
    text : str
        Empty for a separator.
    action : Command, Page or None
        What a click asks for; None for a row that only tells.
    enabled : bool
    default : bool
        True for the one row that a click on the icon stands for.
    """

    text: str
    action: Command | Page | None = None
    enabled: bool = False
    default: bool = False


SEPARATOR = Row("")

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
    }
)


# Trust is no number here: nothing is judged.
_BLIND = frozenset((State.CANNOT_SEE, State.PAUSED, State.LOCKED, State.AWAY))


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


def rows(status: Status, allowed: Allowed, language: Language = ENGLISH) -> tuple[Row, ...]:
    """The menu under `status`.

    Parameters
    ----------
    status : Status
    allowed : Allowed
        What is forbidden stays in the menu, disabled and with the reason: nobody has to guess.
    language : Language

    Returns
    -------
    tuple of Row
        From top to bottom, separators included.
    """
    return (
        *_status_rows(status, language),
        SEPARATOR,
        *_requests(status, allowed, language),
        SEPARATOR,
        *_pages(allowed, language),
    )


def _status_rows(status: Status, language: Language) -> tuple[Row, ...]:
    shadow = status.mode == "shadow"
    mode = (
        language.text("Mode: shadow, alerts but never locks")
        if shadow
        else language.text("Mode: enforce, alerts and locks")
    )
    progress = (
        sufficiency_line(status, language) or hours_line(status, language) or trust_line(status, language)
    )
    mouse = status.mouse or language.text("none seen yet")
    return (
        Row(headline(status, language), Page.STATUS, enabled=True, default=True),
        Row(progress),
        Row(language.text("Mouse: {mouse}", mouse=mouse)),
        Row(mode),
    )


def _requests(status: Status, allowed: Allowed, language: Language) -> tuple[Row, ...]:
    doubted = status.state is State.SUSPICIOUS or status.doubted_unix_s is not None
    was_me = (
        (_request(mark("That was me"), Command.IT_WAS_ME, allowed.it_was_me, language),) if doubted else ()
    )
    if status.state is State.PAUSED:
        pause = _request(mark("Resume protection"), Command.RESUME, "", language)
    else:
        minutes = language.plural(
            "Pause for {minutes} minute",
            "Pause for {minutes} minutes",
            allowed.pause_min,
            minutes=language.number(allowed.pause_min, 0 if float(allowed.pause_min).is_integer() else 1),
        )
        pause = _request(minutes, Command.PAUSE, allowed.pause, language)
    return (
        *was_me,
        pause,
        _request(mark("Enrol this mouse"), Command.ENROL, _no_enrolment(status, allowed), language),
    )


def _no_enrolment(status: Status, allowed: Allowed) -> str:
    if status.state is State.LEARNING:
        return mark("already under way")
    if status.state is State.CANNOT_SEE:
        return mark("the mouse cannot be seen")
    return allowed.enrol


def _pages(allowed: Allowed, language: Language) -> tuple[Row, ...]:
    return (
        Row(language.text("Status page"), Page.STATUS, enabled=True),
        Row(language.text("What is recorded"), Page.RECORDED, enabled=True),
        SEPARATOR,
        _request(mark("Quit Steadyhand"), Command.QUIT, allowed.quit, language),
    )


def _request(label: str, command: Command, forbidden: str, language: Language) -> Row:
    words = language.text(label)
    return Row(
        f"{words} ({language.text(forbidden)})" if forbidden else words, command, enabled=not forbidden
    )
