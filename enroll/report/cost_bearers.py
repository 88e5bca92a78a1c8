"""Who bears the false locks, and how many locks would be right."""

from __future__ import annotations

from enroll.report import rates
from enroll.report.blocks import paragraph, table
from enroll.report.markup import Markup
from enroll.report.results import StreamResult
from enroll.report.words import (
    counted,
    not_measured,
    one_in,
    percent,
    short,
    written,
)

PREVALENCES = (0.1, 1.0, 10.0)


def bearers(stream: StreamResult) -> list[Markup]:
    """False locks by person, worst first."""
    counts = sorted(
        ((name, n) for name, n in stream.false_locks_per_user.items() if n is not None),
        key=lambda pair: (-pair[1], pair[0]),
    )
    if not counts:
        return [paragraph(written("No figures for single people were given."), "quiet")]
    total = sum(n for _, n in counts)
    rows = [(name, short(n), percent(n / total, 0) if total else "-") for name, n in counts]
    parts = (
        *_worst(counts, stream),
        written("Where none was seen, a rate is bounded, not zero: over H hours by 3/H."),
    )
    head = (written("person"), written("false locks"), written("share of all"))
    caption = written("False locks by person, worst first")
    return [
        paragraph(" ".join(filter(None, parts))),
        table(caption, head, rows, worst_first=total > 0),
    ]


def _worst(counts: list[tuple[str, float]], stream: StreamResult) -> tuple[str, ...]:
    people = counted("{n} person", "{n} people", len(counts))
    free = sum(1 for _, n in counts if n == 0)
    if free == len(counts):
        return (written("None of {people} had one.", people=people),)
    name, most = counts[0]
    share = percent(free / len(counts), 0)
    words = written(
        "{free} of {people} ({share}) had none; {name} had the most, {most}.",
        free=free,
        people=people,
        share=share,
        name=name,
        most=short(most),
    )
    return words, _session(stream)


def _session(stream: StreamResult) -> str:
    worst = stream.false_locks_worst_session
    if worst is None:
        return ""
    return written(
        "The worst single session had {locks}.",
        locks=counted("{n} false lock", "{n} false locks", worst),
    )


def locks_that_are_right(stream: StreamResult) -> list[Markup]:
    """Precision of locks at assumed prevalences."""
    # Where no false lock was seen, the most that so many hours cannot exclude: no lock is certain to be right.
    seen = stream.false_locks > 0
    bound = rates.most_per_40h(stream.false_locks, stream.active_hours)
    weekly = rates.per_week(stream.false_locks_per_40h if seen else bound)
    rows = []
    for intrusions in PREVALENCES:
        plain, matched = (
            rates.precision(d.share, intrusions, weekly) for d in (stream.every, stream.matched)
        )
        name = counted("{n} intrusion", "{n} intrusions", intrusions)
        rows.append((name, _right(plain, seen=seen), _right(matched, seen=seen)))
    sentence = written(
        "Of all locks, the share that hits an intruder depends on how often anybody takes over an unlocked computer. "
        "Nobody knows that for your house, so here are three assumptions."
    )
    head = (
        written("assumed per 1,000 people and week"),
        written("locks that are right, all"),
        written("matched"),
    )
    return [
        paragraph(sentence),
        table(written("Precision of locks at a stated prevalence"), head, rows),
    ]


def _right(share: float | None, *, seen: bool) -> str:
    if share is None:
        return not_measured()
    words = percent(share) if share >= 0.1 else one_in(share)
    return words if seen else written("{share} or more (95 %)", share=words)
