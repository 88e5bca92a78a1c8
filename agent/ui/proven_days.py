"""The status page's sections on proofs of identity, on drift since the enrolment, and on drills."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agent.engine.day_baseline import Proof
from agent.files.baseline_log import BaselineRecord
from agent.language.language import Language, mark
from agent.runtime.status.drill_report import LEAST_ACTIONS, DrillReport
from agent.ui.day import Day
from agent.ui.page import bullets, details, grid, paragraph, section

MOST_DAYS: Final = 14
DAY_S: Final = 86_400

_OPENED_BY: Final = {
    Proof.LOGIN.value: mark("{time}: from {n} movements after you logged in ({authority})"),
    Proof.UNLOCK.value: mark("{time}: from {n} movements after you unlocked the screen ({authority})"),
    Proof.CONFIRMED.value: mark("{time}: from {n} movements that you confirmed as yours ({authority})"),
}
_HOW: Final = mark(
    "After a proof of identity Steadyhand notes how you move today. Until the next lock it compares the movement with "
    "that, too; what you did is still judged in full."
)
_DRIFT: Final = mark(
    "How your movement on days with a proof of identity compares with what was learnt: 0 is as learnt; -1 is less "
    "like it, by one standard deviation of single movements. If it stays far below 0 for weeks, let Steadyhand learn "
    "anew."
)


def proofs_section(day: Day, language: Language) -> tuple[str, ...]:
    """What was added to the judgement today, and by what proof; nothing on days without one."""
    today = [baseline for baseline in day.baselines if baseline.t_unix_s >= day.now_unix_s - DAY_S]
    if not today:
        return ()
    lines = tuple(_opened(day, baseline, language) for baseline in reversed(today))
    text = language.text
    return (section(text("Your day, from a proof of identity on"), paragraph(text(_HOW)), bullets(lines)),)


def drift_section(day: Day, language: Language) -> tuple[str, ...]:
    """Distance of the owner's days from the enrolment, the newest first; nothing before the first proven day."""
    rows = _by_day(day, language)
    if not rows:
        return ()
    text = language.text
    head = (text("day"), text("movements"), text("distance from what was learnt"))
    shown = grid(head, rows[:7])
    earlier = details(text("Earlier days"), grid(head, rows[7:MOST_DAYS])) if rows[7:] else ""
    return (section(text("Your movement over the days"), paragraph(text(_DRIFT)), shown, earlier),)


def drills_section(day: Day, language: Language) -> tuple[str, ...]:
    """What all drills on this computer add up to; nothing before the first."""
    if not day.drills:
        return ()
    report, text = DrillReport.of(day.drills), language.text
    lines = (
        *_share_found(report, language),
        *_time_to_find(report, language),
        *_not_counted(report, language),
    )
    return (section(text("Drills on this computer"), bullets(lines)),)


def _opened(day: Day, baseline: BaselineRecord, language: Language) -> str:
    words = _OPENED_BY.get(baseline.proof, mark("{time}: from {n} movements ({authority})"))
    actions = language.number(baseline.actions)
    return language.text(words, time=day.clock(baseline.t_unix_s), n=actions, authority=baseline.authority)


def _by_day(day: Day, language: Language) -> tuple[tuple[str, str, str], ...]:
    """Day, movements and their mean distance; what was confirmed after a finding never counts."""
    sums: dict[str, tuple[int, float]] = {}
    for baseline in day.baselines:
        if baseline.proof == Proof.CONFIRMED.value:
            continue
        date = language.date(datetime.fromtimestamp(baseline.t_unix_s, day.zone).astimezone(day.zone))
        actions, total = sums.get(date, (0, 0.0))
        sums[date] = (actions + baseline.actions, total + baseline.actions * baseline.departure_sd)
    return tuple(
        (date, language.number(actions), language.number(total / actions, 2))
        for date, (actions, total) in reversed(sums.items())
        if actions
    )


def _share_found(report: DrillReport, language: Language) -> tuple[str, ...]:
    if not report.drills:
        return (language.text("No drill counts yet."),)
    return (
        language.text(
            "The colleague was found in {found} of {n} drills: {share} (95 % interval: {low} to {high})",
            found=report.noticed,
            n=report.drills,
            share=language.percent(report.noticed / report.drills),
            low=language.percent(report.share_low),
            high=language.percent(report.share_high),
        ),
    )


def _time_to_find(report: DrillReport, language: Language) -> tuple[str, ...]:
    if report.median_s is None or report.median_actions is None:
        return ()
    return (
        language.text(
            "Found after {seconds} s and {actions} movements (medians)",
            seconds=language.number(report.median_s),
            actions=language.number(report.median_actions),
        ),
    )


def _not_counted(report: DrillReport, language: Language) -> tuple[str, ...]:
    if not report.not_counted:
        return ()
    return (
        language.plural(
            "{n} drill is not counted: nothing was found and fewer than {least} movements were judged",
            "{n} drills are not counted: nothing was found and fewer than {least} movements were judged",
            report.not_counted,
            n=report.not_counted,
            least=LEAST_ACTIONS,
        ),
    )
