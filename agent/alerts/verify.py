"""Verifies exported alerts (OCSF events, one a line): completeness, order, content. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from agent.alerts.alert import AlertKind
from agent.alerts.hash_chain import BEGINNING, CHAIN, link_hash

_ADDED: Final = frozenset((CHAIN, "kind", "stream"))


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
        Heartbeats that are more than five minutes apart, a line each.
    problems : tuple of str
        Missing, edited and forged alerts, a line each.
    """

    alerts: int
    chains: int
    repeated: int
    unlinked: int
    silences: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Linked:
    number: int
    previous: str
    hash: str
    time_ms: int
    kind: str
    is_whole: bool


def verify(lines: Iterable[str], silence_s: float = 300.0) -> Report:
    """Check exported alerts, in any order.

    Parameters
    ----------
    lines : iterable of str
        OCSF events as JSON; empty lines are passed over.
    silence_s : float
        Heartbeats further apart than this are told.
    """
    problems: list[str] = []
    chains: dict[str, dict[str, _Linked]] = {}
    seen = unlinked = 0
    for at, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
            link = event["unmapped"].get(CHAIN)
            if link is None:
                unlinked += 1
                continue
            linked = _linked(event, link)
            members = chains.setdefault(str(link["id"]), {})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            problems.append(f"line {at} is not an alert: {error!r}")
            continue
        seen += 1
        members.setdefault(f"{linked.number} {linked.hash} {linked.is_whole}", linked)
    for chain, members in chains.items():
        problems += _broken(chain[:8], sorted(members.values(), key=lambda linked_alert: linked_alert.number))
    total = sum(map(len, chains.values()))
    silences = [line for members in chains.values() for line in _silences(members.values(), silence_s)]
    return Report(total, len(chains), seen - total, unlinked, tuple(silences), tuple(problems))


def _linked(event: dict[str, Any], link: dict[str, Any]) -> _Linked:
    """One event's link, and whether its content has the hash that the link says."""
    finding, unmapped = event["finding_info"], event["unmapped"]
    evidences = event.get("evidences", [])
    content = {
        "record": event["metadata"]["uid"],
        "finding": finding["uid"],
        "kind": unmapped["kind"],
        "time_ms": event["time"],
        "severity": event["severity_id"],
        "user": event["actor"]["user"]["name"],
        "host": event["device"]["hostname"],
        "message": event["message"],
        "reasons": evidences[0]["data"]["reasons"] if evidences else [],
        "detail": {name: field_value for name, field_value in unmapped.items() if name not in _ADDED},
    }
    number, previous = int(link["number"]), str(link["previous"])
    is_whole = link_hash(content, str(link["id"]), number, previous) == link["hash"]
    return _Linked(number, previous, str(link["hash"]), int(event["time"]), str(unmapped["kind"]), is_whole)


def _broken(chain: str, members: list[_Linked]) -> Iterable[str]:
    """What is wrong with one chain, in the order of its numbers."""
    for member in members:
        if not member.is_whole:
            yield f"chain {chain}: alert {member.number} ({member.kind}) was changed after it was sent"
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


def _silences(members: Iterable[_Linked], silence_s: float) -> Iterable[str]:
    """Where the agent said nothing for too long, though it had not said that it ends."""
    ends = (AlertKind.STOPPED.value, AlertKind.QUIT.value)
    ordered = sorted(members, key=lambda member: member.number)
    for before, after in pairwise(ordered):
        seconds = (after.time_ms - before.time_ms) / 1000
        if seconds > silence_s and before.kind not in ends:
            yield f"silent for {seconds:.0f} s before alert {after.number} ({after.kind})"
