"""Reliability of the posterior that alerts state: read from results, drawn, and as a table."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from enroll.protocols.reliability import LockCounts, reliability
from enroll.report import plot
from enroll.report.blocks import table
from enroll.report.fields import ReportFields
from enroll.report.markup import Markup, element
from enroll.report.plot import Axis, Plot
from enroll.report.words import separated, short, written


@dataclass(frozen=True, slots=True)
class ReliabilityPoint:
    """What one asked rate states and what was observed; None where too little was."""

    asked_per_40h: float
    stated: float
    observed: float | None
    observed_ci95: tuple[float, float] | None
    false_locks: int
    active_hours: float
    caught: int
    intrusions: int


def reliability_points(fields: ReportFields) -> tuple[ReliabilityPoint, ...]:
    """The points of a stream result; none in one from before it was measured."""
    rows = fields.rows("reliability") if "reliability" in fields.members else ()
    return tuple(
        ReliabilityPoint(
            asked_per_40h=row.number("asked_per_40h"),
            stated=row.number("stated", 1.0),
            observed=row.maybe("observed", 1.0),
            observed_ci95=row.pair("observed_ci95"),
            false_locks=row.whole("false_locks"),
            active_hours=row.number("active_hours"),
            caught=row.whole("caught"),
            intrusions=row.whole("intrusions"),
        )
        for row in rows
    )


def pooled(streams: Sequence[Sequence[ReliabilityPoint]]) -> tuple[ReliabilityPoint, ...]:
    """The points of several results together, by their counts: one data set alone seldom has twenty false locks.

    Only rates that all results have, under one prior: which the stated probability shows.
    """
    by_rate = [{(p.asked_per_40h, p.stated): p for p in points} for points in streams]
    common = sorted(set.intersection(*(set(points) for points in by_rate))) if by_rate else []
    counts = {
        key[0]: LockCounts(
            false_locks=sum(points[key].false_locks for points in by_rate),
            active_h=sum(points[key].active_hours for points in by_rate),
            caught=sum(points[key].caught for points in by_rate),
            intrusions=sum(points[key].intrusions for points in by_rate),
        )
        for key in common
    }
    document = json.dumps({"reliability": reliability(counts)})
    points = reliability_points(ReportFields.parse(document, "the results together", "make them anew"))
    stated_by_rate = dict(common)
    return tuple(
        point
        for point in points
        if math.isclose(point.stated, stated_by_rate[point.asked_per_40h], rel_tol=0.01)
    )


def reliability_diagram(points: Sequence[ReliabilityPoint]) -> Markup:
    """Observed over stated posteriors with 95 % intervals; on the diagonal they agree.

    Points without a figure are left out; there must be at least one with.
    """
    drawn = [
        (p.stated, p.observed, p.observed_ci95) for p in points if p.observed is not None and p.observed_ci95
    ]
    ends = [stated for stated, _, _ in drawn] + [end for _, _, interval in drawn for end in interval]
    low, high = min(ends) / 2.0, min(1.0, max(ends) * 2.0)
    axis_ticks = [
        (step * 10.0**n, separated(f"{step * 10.0 ** (n + 2):g} %"))
        for n in range(math.floor(math.log10(low)), 1)
        for step in (1.0, 2.0, 5.0)
        if low <= step * 10.0**n <= high
    ]
    chart = Plot(
        Axis(written("stated probability of a lock"), low, high, axis_ticks, math.log10),
        Axis(written("observed"), low, high, axis_ticks, math.log10),
    )
    marks = [plot.rule(chart, (low, low), (high, high), "guide")]
    for stated, observed, (least, most) in drawn:
        marks.append(plot.rule(chart, (stated, least), (stated, most), "whisker"))
        marks.append(plot.dot(chart, stated, observed, "plain", "circle", _words(stated, observed)))
    described = "; ".join(_words(stated, observed) for stated, observed, _ in drawn)
    return plot.drawing(
        chart,
        written("Observed over stated probability that a lock is an intrusion: {points}.", points=described),
        *marks,
    )


def reliability_table(points: Sequence[ReliabilityPoint]) -> Markup:
    """The same with its counts."""
    head = (
        *(written("asked per 40 h"), written("stated"), written("observed"), written("95 % interval")),
        *(written("false locks"), written("intrusions locked")),
    )
    rows = [
        (
            short(p.asked_per_40h),
            _share(p.stated),
            _share(p.observed),
            _interval(p.observed_ci95),
            str(p.false_locks),
            written("{part} of {whole}", part=p.caught, whole=p.intrusions),
        )
        for p in points
    ]
    caption = written(
        "How probable a lock says it is, and how probable it was; under 20 events of a kind there is no figure"
    )
    return element("div", table(caption, head, rows))


def _interval(ends: tuple[float, float] | None) -> str:
    if ends is None:
        return "-"
    low, high = map(_share, ends)
    return written("{low} to {high}", low=low, high=high)


def _words(stated: float, observed: float | None) -> str:
    return written("stated {stated}, observed {observed}", stated=_share(stated), observed=_share(observed))


def _share(share: float | None) -> str:
    return "-" if share is None else separated(f"{100.0 * share:.2g} %")
