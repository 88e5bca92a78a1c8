"""Verifies exported alerts (OCSF events, one a line): completeness, order, content. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from agent.alerts.alert import AlertKind
from agent.alerts.hash_chain import BEGINNING, CHAIN, link_hash
from agent.files.decode import Fields, decode_json

_ADDED: Final = frozenset((CHAIN, "kind", "stream"))
_MOST_LINE_BYTES: Final = 1 << 20
_MOST_EVIDENCES: Final = 1024


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
    chain: str
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
            event = Fields.of(decode_json(line, _MOST_LINE_BYTES))
            if event.nested("unmapped").document.get(CHAIN) is None:
                unlinked += 1
                continue
            linked = _linked(event)
        except ValueError as error:
            problems.append(f"line {at} is not an alert: {error}")
            continue
        members = chains.setdefault(linked.chain, {})
        seen += 1
        members.setdefault(f"{linked.number} {linked.hash} {linked.is_whole}", linked)
    for chain, members in chains.items():
        problems += _broken(chain[:8], sorted(members.values(), key=lambda linked_alert: linked_alert.number))
    total = sum(map(len, chains.values()))
    silences = [line for members in chains.values() for line in _silences(members.values(), silence_s)]
    return Report(total, len(chains), seen - total, unlinked, tuple(silences), tuple(problems))


def _linked(event: Fields) -> _Linked:
    """One event's link, and whether its content has the hash that the link says."""
    unmapped = event.nested("unmapped")
    link = unmapped.nested(CHAIN)
    kind, time_ms = unmapped.text("kind"), event.integer("time")
    content = {
        "record": event.nested("metadata").text("uid"),
        "finding": event.nested("finding_info").text("uid"),
        "kind": kind,
        "time_ms": time_ms,
        "severity": event.integer("severity_id"),
        "user": event.nested("actor").nested("user").text("name"),
        "host": event.nested("device").text("hostname"),
        "message": event.text("message"),
        "reasons": _reasons(event),
        "detail": {key: entry for key, entry in unmapped.document.items() if key not in _ADDED},
    }
    chain, number, previous = link.text("id"), link.integer("number", 1), link.text("previous")
    is_whole = link_hash(content, chain, number, previous) == link.text("hash")
    return _Linked(chain, number, previous, link.text("hash"), time_ms, kind, is_whole)


def _reasons(event: Fields) -> list[str]:
    evidences = event.listed("evidences", _MOST_EVIDENCES) if "evidences" in event.document else []
    if not evidences:
        return []
    return list(Fields.of(evidences[0]).nested("data").texts("reasons", _MOST_EVIDENCES))


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
