"""Pictures of rates: false locks realised and intruders caught, over what was asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from enroll.report import plot
from enroll.report.charts import SHARES
from enroll.report.markup import Markup
from enroll.report.plot import Axis, Plot
from enroll.report.results import CurvePoint, StreamResult
from enroll.report.words import percent, short, written


def asked_and_realised(stream: StreamResult, bounds: Sequence[tuple[float, float]]) -> Markup:
    """Realised false locks over those asked for, with 95 % intervals; on the diagonal is what was asked."""
    curve = stream.curve
    high = 1.5 * max(p.asked_per_40h for p in curve)
    top = 1.5 * max(high, *(b[1] for b in bounds))
    low = 0.5 * min(*(p.asked_per_40h for p in curve), *(p.false_locks_per_40h or 1.0 for p in curve))
    chart = Plot(
        Axis(written("asked: false locks per 40 active hours"), low, high, _decades(low, high), math.log10),
        Axis(written("realised"), low, top, _decades(low, top), math.log10),
    )
    marks = [plot.rule(chart, (low, low), (high, high), "guide")]
    marks.append(plot.note(chart, high, high / 2.6, written("as asked") + " ", kind="quiet", anchor="end"))
    for point, (least, most) in zip(curve, bounds, strict=True):
        marks.append(plot.rule(chart, (point.asked_per_40h, least), (point.asked_per_40h, most), "whisker"))
        description = _asked(point.asked_per_40h, point.false_locks_per_40h)
        marks.append(
            plot.dot(chart, point.asked_per_40h, point.false_locks_per_40h, "plain", "circle", description)
        )
        if not point.false_locks_per_40h:
            marks.append(plot.note(chart, point.asked_per_40h, low * 1.2, written("none"), anchor="middle"))
    points = "; ".join(_asked(p.asked_per_40h, p.false_locks_per_40h) for p in curve)
    description = written("Realised over asked false locks per 40 active hours: {points}.", points=points)
    return plot.drawing(chart, description, *marks)


def _asked(asked: float, realised: float | None) -> str:
    return written("asked {asked}, realised {realised}", asked=short(asked), realised=short(realised))


def caught_by_rate(curve: Sequence[CurvePoint]) -> Markup:
    """Share of matched intrusions caught within 300 actions, over the asked rate."""
    shares = [(p.asked_per_40h, p.matched_caught_share) for p in curve]
    points = [(x, y) for x, y in shares if y is not None]
    low, high = 0.5 * min(x for x, _ in points), 2.0 * max(x for x, _ in points)
    chart = Plot(
        Axis(
            written("asked: false locks per 40 active hours"),
            low,
            high,
            _decades(low, high),
            math.log10,
        ),
        Axis(written("matched intrusions caught"), 0.0, 1.0, SHARES),
    )
    marks = [plot.line(chart, points, "matched")]
    for x, y in points:
        marks.append(plot.dot(chart, x, y, "matched", "diamond", _caught(x, y)))
        marks.append(plot.note(chart, x, y + 0.06, percent(y, 0), anchor="middle"))
    caught = "; ".join(_caught(x, y) for x, y in points)
    description = written("Matched intrusions caught within 300 actions: {points}.", points=caught)
    return plot.drawing(chart, description, *marks)


def _caught(asked: float, share: float) -> str:
    return written("asked {asked}: {share} caught", asked=short(asked), share=percent(share))


def _decades(low: float, high: float) -> list[plot.Tick]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [m * 10.0**p for p in powers for m in (1.0, 2.0, 5.0)]
    return [(tick, short(tick)) for tick in ticks if low <= tick <= high]
