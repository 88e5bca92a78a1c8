"""Exported alerts and heartbeats: the latest state of each account on each computer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from agent.alerts.alert import AlertKind
from agent.engine.errors import SteadyhandError
from agent.files.private import mendable
from agent.language.language import mark

_TIME: Final = ("time", "last_seen", "_time", "@timestamp", "TimeGenerated")
_HOST: Final = ("device.hostname", "host", "host_name")
_USER: Final = ("actor.user.name", "user", "user_name")
_DOMAIN: Final = ("actor.user.domain", "domain")
_KIND: Final = ("unmapped.kind", "kind", "metadata.event_code")
_MODE: Final = ("unmapped.mode", "mode")
_VERSION: Final = ("metadata.product.version", "version")
_ANSWER: Final = ("unmapped.answer", "answer")
_FALSE_ALARMS: Final = ("unmapped.false_alarms", "false_alarms")
_WOULD_LOCK: Final = ("unmapped.would_lock", "would_lock")
_FINDING: Final = ("finding_info.uid", "finding")
_WRAPPERS: Final = ("result", "_source")
_MS_FROM: Final = 1e11
_THAT_WAS_ME: Final = "that was me"
_BLANK: Final = re.compile(r"\s*")

# What an administrator has to do something about, and until which kind of event it holds.
WAITING: Final[Mapping[str, str]] = {
    AlertKind.UNKNOWN_MOUSE.value: mark("a mouse without a profile"),
    AlertKind.PROFILE_REJECTED.value: mark("a profile was refused"),
    AlertKind.POLICY_REJECTED.value: mark("a policy was refused"),
    AlertKind.ENROLMENT_DOUBTFUL.value: mark("enrolment may not be one person's"),
    AlertKind.ENROLMENT_POISONED.value: mark("enrolment may be somebody else's"),
    AlertKind.CAPTURE_DEAD.value: mark("the agent cannot see the mouse"),
    AlertKind.LOCK_FAILED.value: mark("the screen could not be locked"),
    AlertKind.STATE_DAMAGED.value: mark("a file of the agent was damaged"),
}
_SETTLES: Final[Mapping[str, frozenset[str]]] = {
    AlertKind.PROFILE_FETCHED.value: frozenset(
        (AlertKind.UNKNOWN_MOUSE.value, AlertKind.PROFILE_REJECTED.value)
    ),
    AlertKind.NEW_LOCAL_PROFILE.value: frozenset((AlertKind.UNKNOWN_MOUSE.value,)),
    AlertKind.POLICY_CHANGED.value: frozenset((AlertKind.POLICY_REJECTED.value,)),
}


@dataclass(slots=True)
class AgentState:
    """What one account's agent on one computer told last.

    Attributes
    ----------
    account, host : str
        The account with its domain, where it is of one.
    last_seen : datetime
        UTC.
    mode, version : str
        Empty where no event told it.
    false_alarms : int
        Findings that were answered with "that was me", or the number that a latest-state export has.
    waits : dict of str to datetime
        Kinds of `WAITING` with their last time.
    """

    account: str
    host: str
    last_seen: datetime
    mode: str = ""
    version: str = ""
    false_alarms: int = 0
    waits: dict[str, datetime] = field(default_factory=dict)
    _told_at: dict[str, datetime] = field(default_factory=dict)
    _answered: set[str] = field(default_factory=set)

    def take(self, event: Mapping[str, Any], at: datetime) -> None:
        """Take one event of this account and computer, in any order."""
        self.last_seen = max(self.last_seen, at)
        self._take_text("mode", _text(event, _MODE), at)
        self._take_text("version", _text(event, _VERSION), at)
        if _text(event, _ANSWER) == _THAT_WAS_ME:
            self._answered.add(_text(event, _FINDING) or at.isoformat())
            self.false_alarms = max(self.false_alarms, len(self._answered))
        elif isinstance(count := _field(event, _FALSE_ALARMS), int | float | str) and str(count).isdigit():
            self.false_alarms = max(self.false_alarms, int(count))
        kind = _text(event, _KIND)
        if kind in WAITING:
            self.waits[kind] = max(at, self.waits.get(kind, at))
        for settled in _SETTLES.get(kind, ()):
            self._told_at[settled] = max(at, self._told_at.get(settled, at))

    def waiting(self) -> tuple[str, ...]:
        """What waits for the administrator, in words."""
        open_kinds = (kind for kind, at in self.waits.items() if self._told_at.get(kind, at) <= at)
        return tuple(WAITING[kind] for kind in open_kinds)

    def _take_text(self, name: str, text: str, at: datetime) -> None:
        if text and self._told_at.get(name, at) <= at:
            setattr(self, name, text)
            self._told_at[name] = at


@dataclass(frozen=True, slots=True)
class ExportedEvent:
    """One event of one account on one computer.

    Attributes
    ----------
    account, host : str
    at : datetime
        UTC.
    fields : mapping
        The event as it was exported.
    """

    account: str
    host: str
    at: datetime
    fields: Mapping[str, Any]

    @property
    def agent(self) -> tuple[str, str]:
        """The account and computer in one case."""
        return self.account.casefold(), self.host.casefold()

    @property
    def finding(self) -> str:
        """Id of the finding; empty where none was exported."""
        return _text(self.fields, _FINDING)

    @property
    def would_lock(self) -> bool:
        """Whether the verdict asked for a lock."""
        return _field(self.fields, _WOULD_LOCK) in (True, "true", 1)

    @property
    def kind(self) -> str:
        """As `agent.alerts.alert.AlertKind` names it; empty where it was not exported."""
        return _text(self.fields, _KIND)

    def detail(self, name: str) -> Any:
        """What the event's own detail has under that name; None where it has nothing."""
        return _field(self.fields, (f"unmapped.{name}", name))

    @property
    def is_false_alarm(self) -> bool:
        """Whether the owner answered "that was me"."""
        return _text(self.fields, _ANSWER) == _THAT_WAS_ME


def read_states(files: Iterable[Path]) -> dict[tuple[str, str], AgentState]:
    """The latest state of each account on each computer, from JSON lines or arrays of a SIEM.

    Fields may be nested, or named with dots as queries name them; docs/overview.md has a query for each product.

    Raises
    ------
    SteadyhandError
        If a file cannot be read, or a line of it is no event of an agent.
    """
    states: dict[tuple[str, str], AgentState] = {}
    for event in exported_events(files):
        state = states.setdefault(event.agent, AgentState(event.account, event.host, event.at))
        state.take(event.fields, event.at)
    return states


def exported_events(files: Iterable[Path]) -> Iterator[ExportedEvent]:
    """The events of an export, in the order of the files.

    Raises
    ------
    SteadyhandError
        If a file cannot be read, or a line of it is no event of an agent.
    """
    for file in files:
        for number, fields in _events(file):
            host, user = _text(fields, _HOST), _text(fields, _USER)
            at = _moment(_field(fields, _TIME))
            if not host or not user or at is None:
                raise SteadyhandError(
                    f"{file}, line {number}: no event of an agent: it lacks time, computer or account",
                    "export device.hostname, actor.user.name and time, as docs/overview.md shows",
                )
            domain = _text(fields, _DOMAIN)
            account = f"{domain}\\{user}" if domain and "\\" not in user and "@" not in user else user
            yield ExportedEvent(account, host, at, fields)


def _events(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with mendable(file, "read"), file.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if _BLANK.fullmatch(line):
                continue
            for event in _parsed(file, number, line):
                yield number, event


def _parsed(file: Path, number: int, line: str) -> list[Mapping[str, Any]]:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SteadyhandError(f"{file}, line {number} is no JSON", "export one event a line") from error
    events = parsed if isinstance(parsed, list) else [parsed]
    unwrapped: list[Mapping[str, Any]] = []
    for event in events:
        for wrapper in _WRAPPERS:
            if isinstance(event, dict) and isinstance(event.get(wrapper), dict):
                event = event[wrapper]
        if not isinstance(event, dict):
            raise SteadyhandError(f"{file}, line {number} is no event", "export one event a line")
        unwrapped.append(event)
    return unwrapped


def _field(event: Mapping[str, Any], names: Iterable[str]) -> Any:
    for name in names:
        if name in event:
            return event[name]
        inner: Any = event
        for part in name.split("."):
            inner = inner.get(part) if isinstance(inner, dict) else None
        if inner is not None:
            return inner
    return None


def _text(event: Mapping[str, Any], names: Iterable[str]) -> str:
    content = _field(event, names)
    return content if isinstance(content, str) else ""


def _moment(stamp: Any) -> datetime | None:
    try:
        if isinstance(stamp, str) and not stamp.replace(".", "", 1).isdigit():
            at = datetime.fromisoformat(stamp)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = float(stamp)
        return datetime.fromtimestamp(seconds / 1000.0 if seconds > _MS_FROM else seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
