"""What was noticed today and why, in words: the status page tells the person what the security team is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from agent.alerts.alert_history import Noticed
from agent.engine.reasons import own_line
from agent.language.language import ENGLISH, Language, mark
from agent.ui.chart import Mark
from agent.ui.day import Day
from agent.ui.page import bullets, button_link, paragraph, plain, section

MOST: Final = 20
_SIGNS: Final = {
    "suspicious": "suspicious",
    "intruder": "suspicious",
    "lock result": "lock",
    "paused": "pause",
}

# Kinds that have a section of their own.
_ELSEWHERE: Final = ("paused", "baseline taken")

# What each kind of record is called on the person's own page.
_TITLES: Final = {
    "suspicious": mark("The mouse moved differently from how you usually move it"),
    "intruder": mark("The mouse moved very differently from how you move it"),
    "lock result": mark("The screen was locked"),
    "lock failed": mark("The screen could not be locked"),
}


def marks(day: Day) -> tuple[Mark, ...]:
    """What stands above the chart: of each finding the first record of a shape."""
    mark_of: dict[tuple[str, str], Mark] = {}
    for noticed in day.noticed:
        if sign := _SIGNS.get(noticed.kind, ""):
            mark_of.setdefault((noticed.finding, sign), (noticed.t_unix_s, sign, noticed.title))
    return tuple(mark_of.values())


def noticed_section(
    day: Day, false_alarms: int, language: Language = ENGLISH, *, can_answer: bool = True
) -> str:
    """Findings of the day, the newest first, each with its reasons and what became of it.

    Parameters
    ----------
    day : Day
    false_alarms : int
        How many the person has reported since the agent started.
    language : Language
    can_answer : bool
        True where a finding waits for an answer, and this computer can ask for a password.
    """
    title = language.text("What was noticed")
    findings = list(_findings([n for n in day.noticed if n.kind not in _ELSEWHERE]))
    if not findings:
        return section(title, paragraph(language.text("Nothing in the last 24 hours.")))
    rows = "".join(_finding_row(day, records, language) for records in findings[:MOST])
    parts = [f"<ol>{rows}</ol>"]
    if (earlier := len(findings) - MOST) > 0:
        parts.append(
            paragraph(language.plural("And {n} earlier one.", "And {n} earlier ones.", earlier, n=earlier))
        )
    if false_alarms:
        reported = language.plural(
            "You have reported {n} false alarm since Steadyhand started.",
            "You have reported {n} false alarms since Steadyhand started.",
            false_alarms,
            n=false_alarms,
        )
        parts.append(paragraph(reported))
    return section(title, *parts, *(_answer(day.was_me_link, language) if can_answer else ()))


def _answer(link: str, language: Language) -> tuple[str, ...]:
    """How to say that it was oneself."""
    text = language.text
    after = text("Trust then starts afresh, and the security team reads that it was a false alarm.")
    if link:
        asked = text("Was it you? Choose “That was me” and enter your password.")
        return paragraph(f"{asked} {after}"), button_link(text("That was me"), link)
    asked = text(
        "Was it you? Choose “That was me” in the tray's menu, or type `steadyhand was-me` in a terminal, and enter "
        "your password."
    )
    return (paragraph(f"{asked} {after}"),)


def pauses_section(day: Day, language: Language = ENGLISH) -> str:
    """When protection was paused."""
    title = language.text("Pauses")
    lines = tuple(
        f"{day.clock(n.t_unix_s)}: {language.text(n.title)}" for n in day.noticed if n.kind == "paused"
    )
    if not lines:
        return section(title, paragraph(language.text("None in the last 24 hours.")))
    return section(title, bullets(lines))


def _findings(noticed: Sequence[Noticed]) -> Iterator[list[Noticed]]:
    """Records by finding, the newest finding first."""
    by_finding: dict[str, list[Noticed]] = {}
    for record in noticed:
        by_finding.setdefault(record.finding, []).append(record)
    yield from sorted(by_finding.values(), key=lambda records: -records[0].t_unix_s)


def _finding_row(day: Day, records: Sequence[Noticed], language: Language) -> str:
    """One finding; its records are English, as the security team has them, where no kind names them."""
    first = records[0]
    title = language.text(_TITLES.get(first.kind, first.title))
    reasons = "".join(f"<li>{plain(language.text(own_line(reason)))}</li>" for reason in first.reasons)
    after = "".join(
        f"<br>{plain(day.clock(r.t_unix_s))}: {plain(_followed(r, language))}" for r in records[1:]
    )
    message = "" if first.kind in _TITLES else f"<br>{_message(first, language)}"
    return (
        f"<li><strong>{plain(day.clock(first.t_unix_s))} {plain(title)}</strong>"
        f"{message}{after}{f'<ul>{reasons}</ul>' if reasons else ''}</li>"
    )


def _message(record: Noticed, language: Language) -> str:
    """What the security team reads, as HTML; English beside another language."""
    if language.code == "en":
        return plain(record.message)
    team = plain(language.text("The security team reads, in English:"))
    return f'{team} <span lang="en">{plain(record.message)}</span>'


def _followed(record: Noticed, language: Language) -> str:
    """What came after a finding: the lock's result, or the owner's own word."""
    if record.kind in ("suspicious", "intruder"):
        return language.text("You confirmed that it was you")
    return language.text(_TITLES.get(record.kind, record.title))
