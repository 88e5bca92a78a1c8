"""Rows of the overview: a person under a mouse configuration, with what waits for the administrator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from agent.config.schema import EnrolmentSettings
from agent.engine.sentence import Sentence, sentence
from agent.language.language import mark
from enroll.overview.events import AgentState
from enroll.sufficiency import Weighed, expected

ENOUGH_ERROR: Final = EnrolmentSettings().enough_error
SOON: Final = timedelta(days=30)
SILENT: Final = timedelta(days=7)
LEAST_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """What is known of one person under one mouse configuration.

    Attributes
    ----------
    mouse, mouse_name : str
        Key and name of the configuration.
    version : str
        Empty where there is no profile.
    state : str
        ``valid``, ``transferred``, ``expired``, ``revoked``, or ``none``.
    expires : str
        ISO 8601, UTC; empty without a profile.
    figures : mapping
        What training wrote beside the profile.
    recordings : int
        How many there are.
    is_due : bool
        Whether there are recordings that no profile was trained from yet.
    limits_differ : str
        Where the profile's limits are not those that policy asks for: both, in words.
    """

    mouse: str
    mouse_name: str
    version: str = ""
    state: str = "none"
    expires: str = ""
    figures: Mapping[str, Any] | None = None
    recordings: int = 0
    is_due: bool = False
    limits_differ: str = ""


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One line of the table; days are ISO 8601 dates in UTC, and empty where nothing is known.

    Attributes
    ----------
    person, name, group : str
    mouse : str
    learnt_hours : float or None
    enough_hours : float or None
        Active hours after which there usually is enough.
    learnt_actions : int or None
    recordings : int
    expected_error : float or None
        Share of judgements of 50 actions that err.
    is_usual_error : bool
        Whether that is what is usual after so many hours, and was not measured on this person.
    false_lock_bound_per_40h : float or None
        What the hours that were seen bound the rate at, 95 %.
    is_estimate : bool
    version, state, ends : str
    drift_sd : float or None
        How far sessions lie apart.
    last_sign_of_life : str
    false_alarms : int
    mode, agent_version : str
    waits : tuple of str
        What waits for the administrator.
    """

    person: str
    name: str
    group: str
    mouse: str
    learnt_hours: float | None
    enough_hours: float | None
    learnt_actions: int | None
    recordings: int
    expected_error: float | None
    is_usual_error: bool
    false_lock_bound_per_40h: float | None
    is_estimate: bool
    version: str
    state: str
    ends: str
    drift_sd: float | None
    last_sign_of_life: str
    false_alarms: int
    mode: str
    agent_version: str
    waits: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"waits": list(self.waits)}


def person_rows(
    person: str,
    name: str,
    group: str,
    profiles: Sequence[ProfileFacts],
    agents: Sequence[AgentState],
    now: datetime,
    *,
    agents_are_known: bool,
) -> list[OverviewRow]:
    """The rows of one person, by mouse; one without a mouse where nothing was recorded yet.

    Parameters
    ----------
    person, name, group : str
    profiles : sequence of ProfileFacts
    agents : sequence of AgentState
        On every computer of the person.
    now : datetime
        UTC.
    agents_are_known : bool
        Whether any export was read: without one nobody is silent.
    """
    shared = _person_waits(agents, now, agents_are_known=agents_are_known)
    last = max((state.last_seen for state in agents), default=None)
    known = {
        "last_sign_of_life": last.date().isoformat() if last else "",
        "false_alarms": sum(state.false_alarms for state in agents),
        "mode": _joined(state.mode for state in agents),
        "agent_version": _joined(state.version for state in agents),
    }
    every = list(profiles) or [ProfileFacts("", "")]
    return [_row(person, name, group, profile, known, shared, now) for profile in every]


def _row(
    person: str,
    name: str,
    group: str,
    profile: ProfileFacts,
    known: Mapping[str, Any],
    shared: Sequence[str],
    now: datetime,
) -> OverviewRow:
    figures = profile.figures or {}
    hours, measured = _number(figures, "hours"), _number(figures, "expected_error")
    usual = None if hours is None else expected(Weighed(60.0 * hours, (), ()), ENOUGH_ERROR)
    return OverviewRow(
        person=person,
        name=name,
        group=group,
        mouse=profile.mouse_name or profile.mouse,
        learnt_hours=hours,
        enough_hours=usual.enough_hours if usual else None,
        learnt_actions=_whole(figures, "actions"),
        recordings=profile.recordings,
        expected_error=measured if measured is not None or usual is None else usual.error,
        is_usual_error=measured is None and usual is not None,
        false_lock_bound_per_40h=_number(figures, "rate_bound_per_40h"),
        is_estimate=bool(figures.get("rates_are_estimated", False)),
        version=profile.version,
        state=profile.state,
        ends=profile.expires[:10],
        drift_sd=_number(figures, "session_drift"),
        waits=(*_profile_waits(profile, now), *shared),
        **known,
    )


def _profile_waits(profile: ProfileFacts, now: datetime) -> list[str]:
    waits: list[str] = []
    if profile.state == "none":
        waits.append(mark("no profile yet"))
    elif profile.state == "expired":
        waits.append(mark("its profile has ended"))
    elif (
        profile.expires
        and datetime.fromisoformat(profile.expires) - now < SOON
        and profile.state != "revoked"
    ):
        waits.append(_ends_on(profile.expires[:10]))
    if profile.state == "transferred":
        waits.append(mark("the new mouse is not enrolled: it watches and never locks"))
    if profile.is_due:
        waits.append(mark("recordings that no profile was trained from"))
    if profile.limits_differ:
        waits.append(profile.limits_differ)
    return waits


def _ends_on(day: str) -> Sentence:
    """When a profile ends: ISO 8601 for machines, and as the reader's country writes it on a page."""
    ends = date.fromisoformat(day)
    return Sentence(f"its profile ends on {day}", mark("its profile ends on {day}"), {"day": ends})


def _person_waits(agents: Sequence[AgentState], now: datetime, *, agents_are_known: bool) -> tuple[str, ...]:
    if not agents:
        return (mark("no sign of life in the export"),) if agents_are_known else ()
    waits = [words for state in agents for words in state.waiting()]
    if all(now - state.last_seen > SILENT for state in agents):
        waits.append(sentence("silent for more than {days} days", days=SILENT.days))
    return tuple(dict.fromkeys(waits))


def _joined(words: Iterable[str]) -> str:
    return ", ".join(sorted(filter(None, set(words))))


def _number(figures: Mapping[str, Any], name: str) -> float | None:
    figure = figures.get(name)
    return float(figure) if isinstance(figure, int | float) and not isinstance(figure, bool) else None


def _whole(figures: Mapping[str, Any], name: str) -> int | None:
    figure = _number(figures, name)
    return None if figure is None else round(figure)
