"""The tray's menu and tooltip as plain values: from a status to rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from agent.config.schema import Settings
from agent.engine.visible_text import visible
from agent.language.language import ENGLISH, Language, mark
from agent.runtime.status.snapshot import Command, State, Status
from agent.ui.status_lines import headline, hours_line, program_line, sufficiency_line, trust_line

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
        program_line(status, language)
        or sufficiency_line(status, language)
        or hours_line(status, language)
        or trust_line(status, language)
    )
    mouse = visible(status.mouse) or language.text("none seen yet")
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
        _request(mark("Enrol me anew"), Command.ENROL_ANEW, _no_enrolment(status, allowed), language),
    )


def _no_enrolment(status: Status, allowed: Allowed) -> str:
    if status.state is State.LEARNING:
        return mark("already under way")
    if status.state is State.FAILED:
        return mark("the agent has failed")
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
