"""The tray's menu and tooltip as plain values: from a status to rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from agent.config.schema import Settings
from agent.runtime.status.snapshot import Command, State, Status

NO_REAUTHENTICATION = "this computer has no way to ask for your password"
BY_POLICY = "not allowed by policy"


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
        State.STARTING: "Starting",
        State.LEARNING: "Learning how you move the mouse",
        State.PROTECTING: "Protecting this session",
        State.SUSPICIOUS: "Unusual mouse movement",
        State.LOCKED: "Screen locked",
        State.PAUSED: "Paused: not protecting",
        State.AWAY: "Another user's screen is shown: not watching",
        State.UNKNOWN_MOUSE: "Unknown mouse",
        State.CANNOT_SEE: "Cannot see the mouse: not protecting",
        State.NO_EVIDENCE: "Not enough to judge",
    }
)


# Trust is no number here: nothing is judged.
_BLIND = frozenset((State.CANNOT_SEE, State.PAUSED, State.LOCKED, State.AWAY))


def headline(status: Status) -> str:
    """What the agent is doing, in a few words; with the share while it learns, and the seconds until a lock."""
    if status.countdown_s is not None:
        return countdown(status.countdown_s)
    if status.state is State.LEARNING and status.enrolled_share is not None:
        return f"{HEADLINES[status.state]}: {percent(status.enrolled_share)} done"
    return HEADLINES[status.state]


def countdown(seconds: float) -> str:
    """The last seconds before a lock, in words."""
    return f"The screen locks in {seconds:.0f} second{'' if seconds == 1 else 's'}"


def hours_line(status: Status) -> str:
    """How long learning will still take, in words; empty where nobody can say."""
    if status.state is not State.LEARNING or status.hours_left is None:
        return ""
    minutes = status.hours_left * 60
    if minutes < 5:
        return "A few minutes of mouse use are left"
    if minutes < 90:
        return f"About {round(minutes / 5) * 5} minutes of mouse use are left"
    return f"About {status.hours_left:.0f} hours of mouse use are left"


def sufficiency_line(status: Status) -> str:
    """Learning in figures: how far it is, and the error to expect; empty until that was reckoned."""
    if status.state is not State.LEARNING or status.sufficiency is None:
        return ""
    return f"Learning: {status.sufficiency.line()}"


def percent(share: float) -> str:
    """A share of 0-1 as whole per cent, cut off and not rounded: 100 % only when it is done."""
    return f"{int(max(0.0, min(1.0, share)) * 100 + 1e-9)} %"


def trust_line(status: Status) -> str:
    """Trust in words. Never a number while the agent cannot see or does not judge."""
    if status.trust is None or status.state in _BLIND:
        return "Trust: nothing to judge by at the moment"
    return f"Trust: {status.trust} of 100"


def tooltip(status: Status) -> str:
    """One line for the icon; also its name for screen readers."""
    known = status.trust is not None and status.state in (State.PROTECTING, State.SUSPICIOUS)
    left = hours_line(status)
    more = f" (trust {status.trust})" if known else f" ({left[0].lower()}{left[1:]})" if left else ""
    return f"Steadyhand: {headline(status)[0].lower()}{headline(status)[1:]}{more}"


def rows(status: Status, allowed: Allowed) -> tuple[Row, ...]:
    """The menu under `status`.

    Parameters
    ----------
    status : Status
    allowed : Allowed
        What is forbidden stays in the menu, disabled and with the reason: nobody has to guess.

    Returns
    -------
    tuple of Row
        From top to bottom, separators included.
    """
    return (*_status_rows(status), SEPARATOR, *_asked(status, allowed), SEPARATOR, *_pages(allowed))


def _status_rows(status: Status) -> tuple[Row, ...]:
    mode = (
        "Mode: shadow, alerts but never locks"
        if status.mode == "shadow"
        else "Mode: enforce, alerts and locks"
    )
    return (
        Row(headline(status), Page.STATUS, enabled=True, default=True),
        Row(sufficiency_line(status) or hours_line(status) or trust_line(status)),
        Row(f"Mouse: {status.mouse or 'none seen yet'}"),
        Row(mode),
    )


def _asked(status: Status, allowed: Allowed) -> tuple[Row, ...]:
    doubted = status.state is State.SUSPICIOUS or status.doubted_unix_s is not None
    minutes = f"{allowed.pause_min:g} minute{'' if allowed.pause_min == 1 else 's'}"
    return (
        *((_request("That was me", Command.IT_WAS_ME, allowed.it_was_me),) if doubted else ()),
        _request("Resume protection", Command.RESUME, "")
        if status.state is State.PAUSED
        else _request(f"Pause for {minutes}", Command.PAUSE, allowed.pause),
        _request("Enrol this mouse", Command.ENROL, _no_enrolment(status, allowed)),
    )


def _no_enrolment(status: Status, allowed: Allowed) -> str:
    if status.state is State.LEARNING:
        return "already under way"
    if status.state is State.CANNOT_SEE:
        return "the mouse cannot be seen"
    return allowed.enrol


def _pages(allowed: Allowed) -> tuple[Row, ...]:
    return (
        Row("Status page", Page.STATUS, enabled=True),
        Row("What is recorded", Page.RECORDED, enabled=True),
        SEPARATOR,
        _request("Quit Steadyhand", Command.QUIT, allowed.quit),
    )


def _request(text: str, command: Command, forbidden: str) -> Row:
    return Row(f"{text} ({forbidden})" if forbidden else text, command, enabled=not forbidden)
