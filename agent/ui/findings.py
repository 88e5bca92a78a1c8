"""What was noticed today and why, in words: the status page tells the person what the security team is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from agent.alerts.alert_history import Noticed
from agent.ui.chart import Mark
from agent.ui.day import Day
from agent.ui.page import bullets, paragraph, section

MOST: Final = 20
_SIGNS: Final = {
    "suspicious": "suspicious",
    "intruder": "suspicious",
    "lock result": "lock",
    "paused": "pause",
}


def marks(day: Day) -> tuple[Mark, ...]:
    """What stands above the chart: of each finding the first record of a shape."""
    mark_of: dict[tuple[str, str], Mark] = {}
    for noticed in day.noticed:
        if sign := _SIGNS.get(noticed.kind, ""):
            mark_of.setdefault((noticed.finding, sign), (noticed.t_unix_s, sign, noticed.title))
    return tuple(mark_of.values())


def noticed_section(day: Day, false_alarms: int) -> str:
    """Findings of the day, the newest first, each with its reasons and what became of it.

    Parameters
    ----------
    day : Day
    false_alarms : int
        How many the person has reported since the agent started.
    """
    findings = list(_findings([n for n in day.noticed if n.kind != "paused"]))
    answered = (
        (paragraph(f"You have reported {false_alarms} of them as a false alarm since Steadyhand started."),)
        if false_alarms
        else ()
    )
    if not findings:
        return section("What was noticed", paragraph("Nothing in the last 24 hours."))
    more = (paragraph(f"And {len(findings) - MOST} earlier ones."),) if len(findings) > MOST else ()
    how = paragraph(
        "Was it you? Choose “That was me” in the tray's menu and type your password: trust starts afresh, and "
        "the security team reads that it was a false alarm."
    )
    rows = "".join(_finding_row(day, records) for records in findings[:MOST])
    return section("What was noticed", f"<ol>{rows}</ol>", *more, *answered, how)


def pauses_section(day: Day) -> str:
    """When the watch was paused."""
    lines = tuple(f"{day.clock(n.t_unix_s)}: {n.message}" for n in day.noticed if n.kind == "paused")
    return section("Pauses", bullets(lines) if lines else paragraph("None in the last 24 hours."))


def _findings(noticed: Sequence[Noticed]) -> Iterator[list[Noticed]]:
    """Records by finding, the newest finding first."""
    by_finding: dict[str, list[Noticed]] = {}
    for record in noticed:
        by_finding.setdefault(record.finding, []).append(record)
    yield from sorted(by_finding.values(), key=lambda records: -records[0].t_unix_s)


def _finding_row(day: Day, records: Sequence[Noticed]) -> str:
    first = records[0]
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in first.reasons)
    after = "".join(f"<br>{escape(day.clock(r.t_unix_s))}: {escape(r.message)}" for r in records[1:])
    return (
        f"<li><strong>{escape(day.clock(first.t_unix_s))} {escape(first.title)}</strong>"
        f"<br>{escape(first.message)}{after}{f'<ul>{reasons}</ul>' if reasons else ''}</li>"
    )
