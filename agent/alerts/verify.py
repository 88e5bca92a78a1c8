"""Verifies exported alerts, one a line in whatever form a receiver writes: completeness, order, content. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.api import Record
from agent.alerts.export_forms import events_of
from agent.alerts.hash_chain import BEGINNING, CHAIN, FORM, link_hash, sealed_content
from agent.alerts.ocsf import JUDGEMENT_FIELDS, Product, product_of, to_ocsf
from agent.alerts.silences import Spoken, silences
from agent.alerts.table_exports import entries_of
from agent.alerts.titles import LATER_TITLE
from agent.engine.sentence import quantity

_ADDED: Final = frozenset((CHAIN, "kind", "stream"))
_SEALED_METADATA: Final = ("event_code", "profiles", "version")
_WRITTEN: Final = frozenset((*JUDGEMENT_FIELDS, "time", "metadata", "unmapped"))
_MOST_LINES: Final = 20
_MS_NS: Final = 1_000_000
_MOST_TIME_MS: Final = 253_402_300_799_999
_UNSEALED: Final = (
    "sequence numbers, stream ids and the product's version are given after sealing: they are not checked"
)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one file.

    Attributes
    ----------
    alerts : int
        Different alerts that bear a link.
    chains : int
    repeated : int
        Alerts that arrived more than once: that is what at-least-once means.
    unlinked : int
        Alerts without a link: announcements of lost alerts, or somebody else's.
    silences : tuple of str
        Where an agent was silent for more than five minutes without an explanation, a line each with what it may be.
    problems : tuple of str
        Missing, edited and forged alerts, a line each.
    unchecked : tuple of str
        What could not be checked and why, a line each.
    """

    alerts: int
    chains: int
    repeated: int
    unlinked: int
    silences: tuple[str, ...]
    problems: tuple[str, ...]
    unchecked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Linked:
    number: int
    previous: str
    hash: str
    kind: str
    spoken: Spoken
    form: int
    is_whole: bool
    changed: tuple[str, ...]
    added: frozenset[str]


def verify(lines: Iterable[str], silence_s: float = 300.0) -> Report:
    """Check exported alerts, in any order.

    Parameters
    ----------
    lines : iterable of str
        In any of the forms of `agent.alerts.export_forms`; empty lines are passed over.
    silence_s : float
        Heartbeats further apart than this are reported.

    Raises
    ------
    SteadyhandError
        If it is a CSV file without whole events.
    """
    strange: list[str] = []
    chains: dict[str, dict[str, _Linked]] = {}
    seen = unlinked = 0
    for at, entry in entries_of(lines):
        try:
            for event in events_of(entry):
                link = event["unmapped"].get(CHAIN)
                if link is None:
                    unlinked += 1
                    continue
                linked = _linked(event, link)
                members = chains.setdefault(str(link["id"]), {})
                members.setdefault(
                    f"{linked.number} {linked.hash} {linked.is_whole} {linked.changed}", linked
                )
                seen += 1
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            strange.append(f"line {at} is not an alert: {_words(error):.200}")
    problems = _shortened(strange)
    for chain, members in chains.items():
        problems += _broken(chain[:8], sorted(members.values(), key=lambda member: member.number))
    total = sum(map(len, chains.values()))
    silent = _silent(chains, silence_s)
    unchecked = tuple(
        _unchecked([linked for members in chains.values() for linked in members.values()], unlinked)
    )
    return Report(total, len(chains), seen - total, unlinked, silent, tuple(problems), unchecked)


def _linked(event: dict[str, Any], link: dict[str, Any]) -> _Linked:
    """One event's link, whether its content has the hash that the link says, and which other fields do not follow."""
    alert = _alert_of(event)
    number, previous, form = int(link["number"]), str(link["previous"]), int(link.get("form", 1))
    content = sealed_content(alert)
    if form == 1:
        del content["activity"]
    else:
        content["form"] = form
    return _Linked(
        number=number,
        previous=previous,
        hash=str(link["hash"]),
        kind=alert.kind.value,
        spoken=_spoken(event, number, alert),
        form=form,
        is_whole=link_hash(content, str(link["id"]), number, previous) == link["hash"],
        changed=tuple(_changed(event, alert)) if form == FORM else (),
        added=frozenset(event) - _WRITTEN,
    )


def _words(error: Exception) -> str:
    """Why a line is no alert, for people."""
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]}"
    return str(error) if type(error) is ValueError else f"a field is of another form ({error})"


def _shortened(lines: list[str]) -> list[str]:
    """The first of many like lines, and how many more there are."""
    rest = len(lines) - _MOST_LINES
    return lines if rest <= 0 else [*lines[:_MOST_LINES], f"and {rest} more lines are no alerts"]


def _alert_of(event: Mapping[str, Any]) -> Alert:
    """The alert that an event was made from, but for its link."""
    unmapped = event["unmapped"]
    evidences = event.get("evidences") or []
    return Alert(
        finding_id=event["finding_info"]["uid"],
        record_id=event["metadata"]["uid"],
        kind=AlertKind(unmapped["kind"]),
        activity=Activity(event["activity_id"]),
        severity=Severity(event["severity_id"]),
        time_unix_ns=int(event["time"]) * _MS_NS,
        user=event["actor"]["user"]["name"],
        host=event["device"]["hostname"],
        message=event["message"],
        reasons=tuple(evidences[0]["data"]["reasons"]) if evidences else (),
        detail={name: entry for name, entry in unmapped.items() if name not in _ADDED},
    )


def _changed(event: Mapping[str, Any], alert: Alert) -> Iterator[str]:
    """Fields that are not what follows from the sealed content."""
    product: Product = product_of(event)
    expected = json.loads(json.dumps(to_ocsf(Record("", 0, alert), product)))
    # An agent that was downgraded sends on what it has no title for.
    later = expected | {"finding_info": expected["finding_info"] | {"title": LATER_TITLE}}
    for name in JUDGEMENT_FIELDS:
        if event.get(name) not in (expected.get(name), later.get(name)):
            yield name
    for name in _SEALED_METADATA:
        if event["metadata"].get(name) != expected["metadata"].get(name):
            yield f"metadata.{name}"


def _broken(chain: str, members: list[_Linked]) -> Iterator[str]:
    """What is wrong with one chain, in the order of its numbers."""
    for member in members:
        if member.form > FORM:
            yield f"chain {chain}: alert {member.number} is sealed in form {member.form}: update Steadyhand to check it"
        elif not member.is_whole:
            yield f"chain {chain}: alert {member.number} ({member.kind}) was changed after it was sent"
        elif member.changed:
            fields = ", ".join(member.changed)
            yield f"chain {chain}: alert {member.number} ({member.kind}) was changed after it was sent: {fields}"
    before: _Linked | None = None
    for member in members:
        if before is None:
            if member.number == 1 and member.previous != BEGINNING:
                yield f"chain {chain}: its first alert names one before it"
            elif member.number > 1:
                yield f"chain {chain}: alerts 1 to {member.number - 1} are missing"
        elif member.number == before.number:
            yield f"chain {chain}: there are two alerts {member.number}"
        elif member.number > before.number + 1:
            yield f"chain {chain}: {_numbers(before.number + 1, member.number - 1)} missing"
        elif member.previous != before.hash:
            yield f"chain {chain}: alert {member.number} does not follow from alert {before.number}"
        before = member


def _numbers(first: int, last: int) -> str:
    return f"alert {first} is" if first == last else f"alerts {first} to {last} are"


def _silent(chains: Mapping[str, Mapping[str, _Linked]], silence_s: float) -> tuple[str, ...]:
    """Where the agents of all chains were silent."""
    spoken = ((member.spoken for member in members.values()) for members in chains.values())
    return tuple(line for alerts in spoken for line in silences(alerts, silence_s))


def _spoken(event: Mapping[str, Any], number: int, alert: Alert) -> Spoken:
    restarted, step_s = alert.detail.get("computer_restarted"), alert.detail.get("step_s")
    time_ms = int(event["time"])
    if not 0 <= time_ms <= _MOST_TIME_MS:
        raise ValueError("time is no moment before the year 10000")
    return Spoken(
        number,
        str(alert.user),
        alert.kind.value,
        time_ms,
        restarted if isinstance(restarted, bool) else None,
        float(step_s) if isinstance(step_s, (int, float)) and abs(step_s) <= _MOST_TIME_MS else 0.0,
    )


def _unchecked(members: list[_Linked], unlinked: int) -> Iterator[str]:
    if members:
        yield _UNSEALED
    if older := sum(member.form < FORM for member in members):
        yield (
            f"{quantity(older, 'alert is', 'alerts are')} of an older "
            "version: activity, confidence and descriptions are not sealed"
        )
    if added := sorted(frozenset[str]().union(*(member.added for member in members))):
        named = ", ".join(added[:_MOST_LINES])
        yield f"fields that the agent did not write, and no seal covers, whatever they say: {named}"
    if unlinked:
        yield f"{quantity(unlinked, 'alert bears', 'alerts bear')} no link: nothing of that can be checked"
