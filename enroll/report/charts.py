"""The report's pictures. Each says in words what is to be seen, for those who cannot see it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from enroll.report import plot
from enroll.report.curves import BandedCurve, Floats, histogram
from enroll.report.markup import Markup, element
from enroll.report.plot import Axis, Plot, probit
from enroll.report.results import CurvePoint, StreamResult
from enroll.report.trace import Trace, thinned
from enroll.report.words import lasting, percent, short

SHARES = [(v / 100, f"{v} %") for v in (0, 20, 40, 60, 80, 100)]
DET_SHARES = [(v / 100, f"{v:g} %") for v in (0.1, 1, 5, 20, 50, 80, 99)]
Named = Sequence[tuple[str, BandedCurve]]
KINDS = ("plain", "matched")


def figure(drawn: Markup, caption: str, *legend: tuple[str, str]) -> Markup:
    """A picture with its caption and legend; a legend's entry is (kind of mark, text)."""
    entries = [element("span", element("i", class_=f"key {kind}"), text) for kind, text in legend]
    above = (element("div", *entries, class_="legend"),) if entries else ()
    return element("figure", *above, drawn, element("figcaption", caption))


def roc(curves: Named) -> Markup:
    """Owners accepted over intruders accepted."""
    chart = Plot(
        Axis("intruders' sessions accepted (FAR)", 0.0, 1.0, SHARES),
        Axis("owners' sessions accepted", 0.0, 1.0, SHARES),
    )
    marks = [plot.rule(chart, (0, 0), (1, 1), "guide")]
    for kind, (_, curve) in zip(KINDS, curves, strict=False):
        fars = [0.0, *curve.far.tolist(), 1.0]
        low = [0.0, *(1.0 - curve.high).tolist(), 1.0]
        high = [float(1.0 - curve.low[0]), *(1.0 - curve.low).tolist(), 1.0]
        if kind == "plain":
            marks.insert(0, plot.band(chart, fars, low, high, kind))
        accepted = [0.0, *(1.0 - curve.frr).tolist(), 1.0]
        marks.append(plot.line(chart, list(zip(fars, accepted, strict=True)), kind))
    marks.append(plot.note(chart, 0.97, 0.9, "guessing", kind="quiet", anchor="end"))
    return plot.drawing(chart, "ROC curve. " + _told(curves), *marks)


def det(curves: Named) -> Markup:
    """FRR over FAR on normal deviate axes."""
    chart = Plot(
        Axis("intruders' sessions accepted (FAR)", 0.0005, 0.999, DET_SHARES, probit),
        Axis("owners' sessions refused (FRR)", 0.0005, 0.999, DET_SHARES, probit),
    )
    marks: list[Markup] = []
    for kind, (_, curve) in zip(KINDS, curves, strict=False):
        seen = curve.far * curve.impostors >= 1.0
        fars = curve.far[seen].tolist()
        if kind == "plain":
            low, high = curve.low[seen].tolist(), curve.high[seen].tolist()
            marks.insert(0, plot.band(chart, fars, low, high, kind))
            unseen = 3.0 / curve.impostors
            marks.append(plot.rule(chart, (unseen, 0.0005), (unseen, 0.999), "limit"))
            marks.append(plot.note(chart, unseen, 0.995, " \u25c2 not known: under 3/n", kind="quiet"))
        marks.append(plot.line(chart, list(zip(fars, curve.frr[seen].tolist(), strict=True)), kind))
    return plot.drawing(chart, "DET curve, both axes as normal deviates. " + _told(curves), *marks)


def score_histogram(impostor: Floats, genuine: Floats, threshold: float | None) -> Markup:
    """Both classes back to back: owners above the line, intruders below it."""
    edges, bad, good = histogram(impostor, genuine)
    top = max(*bad, *good) * 1.3
    step = [(abs(v), f"{100 * v:.0f} %") for v, _ in plot.ticks(0.0, top, 3)]
    both = [(-v, text) for v, text in step[:0:-1]] + step
    chart = Plot(
        Axis("score of a session (higher = more like the owner)", *_ends(edges), plot.ticks(*_ends(edges))),
        Axis("share of sessions", -top, top, both),
        width=960.0,
        height=300.0,
    )
    marks = [
        _column(chart, edges[i], edges[i + 1], share, kind)
        for shares, kind, sign in ((good, "genuine", 1.0), (bad, "impostor", -1.0))
        for i, share in enumerate(sign * np.array(shares))
        if share != 0.0
    ]
    marks.append(plot.rule(chart, (edges[0], 0.0), (edges[-1], 0.0), "axis"))
    if threshold is not None:
        marks.append(plot.rule(chart, (threshold, -top), (threshold, top), "limit"))
        left = chart.x.share(threshold) > 0.6
        text, anchor = ("FAR 1 % ", "end") if left else (" FAR 1 %", "start")
        marks.append(plot.note(chart, threshold, 0.93 * top, text, kind="quiet", anchor=anchor))
    description = (
        f"Score histograms: {len(genuine)} owners' sessions above, {len(impostor)} intruders' below."
    )
    return plot.drawing(chart, description, *marks)


def people(rows: Sequence[tuple[str, float, float | None]]) -> Markup:
    """AUC of each person, worst first: a disc for all sessions, a diamond for the matched ones."""
    areas = [v for _, plain, matched in rows for v in (plain, matched) if v is not None]
    low = min(0.9, math.floor(min(areas) * 20.0) / 20.0)
    n = len(rows)
    names = [(float(n - i), name) for i, (name, _, _) in enumerate(rows)] if n <= 40 else []
    chart = Plot(
        Axis("AUC (0.5 = guessing, 1 = no error)", low, 1.0, plot.ticks(low, 1.0)),
        Axis("", 0.4, n + 0.6, names),
        height=64.0 + (24.0 * n if names else 7.0 * n),
        left=96.0,
        width=960.0,
    )
    marks: list[Markup] = []
    for i, (name, plain, matched) in enumerate(rows):
        y = float(n - i)
        if matched is not None:
            marks.append(plot.rule(chart, (plain, y), (matched, y), "between"))
            marks.append(plot.dot(chart, matched, y, "matched", "diamond", f"{name}: matched {matched:.3f}"))
        marks.append(plot.dot(chart, plain, y, "plain", "circle", f"{name}: {plain:.3f}"))
    description = (
        f"AUC of {n} people, from {rows[0][1]:.3f} ({rows[0][0]}) to {rows[-1][1]:.3f} ({rows[-1][0]})."
    )
    return plot.drawing(chart, description, *marks)


def asked_and_realised(stream: StreamResult, bounds: Sequence[tuple[float, float]]) -> Markup:
    """Realised false locks over those asked for, with 95 % intervals; on the diagonal is what was asked."""
    curve = stream.curve
    high = 1.5 * max(p.asked_per_40h for p in curve)
    top = 1.5 * max(high, *(b[1] for b in bounds))
    low = 0.5 * min(*(p.asked_per_40h for p in curve), *(p.false_locks_per_40h or 1.0 for p in curve))
    chart = Plot(
        Axis("asked: false locks per 40 active hours", low, high, _decades(low, high), math.log10),
        Axis("realised", low, top, _decades(low, top), math.log10),
    )
    marks = [plot.rule(chart, (low, low), (high, high), "guide")]
    marks.append(plot.note(chart, high, high / 2.6, "as asked ", kind="quiet", anchor="end"))
    for point, (least, most) in zip(curve, bounds, strict=True):
        marks.append(plot.rule(chart, (point.asked_per_40h, least), (point.asked_per_40h, most), "whisker"))
        description = f"asked {short(point.asked_per_40h)}, realised {short(point.false_locks_per_40h)}"
        marks.append(
            plot.dot(chart, point.asked_per_40h, point.false_locks_per_40h, "plain", "circle", description)
        )
        if not point.false_locks_per_40h:
            marks.append(plot.note(chart, point.asked_per_40h, low * 1.2, "none", anchor="middle"))
    description = "; ".join(
        f"{short(p.asked_per_40h)} asked, {short(p.false_locks_per_40h)} realised" for p in curve
    )
    return plot.drawing(chart, f"Realised over asked false locks per 40 active hours: {description}.", *marks)


def caught_by_rate(curve: Sequence[CurvePoint]) -> Markup:
    """Share of matched intrusions caught within 300 actions, over the asked rate."""
    shares = [(p.asked_per_40h, p.matched_caught_share) for p in curve]
    points = [(x, y) for x, y in shares if y is not None]
    low, high = 0.5 * min(x for x, _ in points), 2.0 * max(x for x, _ in points)
    chart = Plot(
        Axis(
            "asked: false locks per 40 active hours",
            low,
            high,
            _decades(low, high),
            math.log10,
        ),
        Axis("matched intrusions caught", 0.0, 1.0, SHARES),
    )
    marks = [plot.line(chart, points, "matched")]
    for x, y in points:
        marks.append(plot.dot(chart, x, y, "matched", "diamond", f"asked {short(x)}: {percent(y)} caught"))
        marks.append(plot.note(chart, x, y + 0.06, percent(y, 0), anchor="middle"))
    description = "; ".join(f"{percent(y, 0)} at {short(x)} asked" for x, y in points)
    return plot.drawing(chart, f"Matched intrusions caught within 300 actions: {description}.", *marks)


def trust(trace: Trace) -> Markup:
    """Trust over time: an owner's to the end, an intruder's to the first lock."""
    shown = trace.moments if trace.is_owner else trace.until_lock
    end_s = shown[-1].t_s
    unit, name = (60.0, "minutes") if end_s >= 180.0 else (1.0, "seconds")
    high = max(end_s / unit, 1e-3)
    chart = Plot(
        Axis(f"{name} since the recording began", 0.0, high, plot.ticks(0.0, high)),
        Axis("trust", 0.0, 100.0, [(v, f"{v:.0f}") for v in (0.0, 25.0, 50.0, 75.0, 100.0)]),
        height=250.0,
    )
    kind = "genuine" if trace.is_owner else "impostor"
    marks = [plot.line(chart, [(t / unit, v) for t, v in thinned(shown, end_s)], kind)]
    locks = [m for m in shown if m.locks]
    marks += [plot.dot(chart, m.t_s / unit, m.trust, "lock", "cross", "locked") for m in locks]
    if locks:
        text = f"first lock after {lasting(locks[0].t_s)} "
        marks.append(plot.note(chart, high, 88.0, text, anchor="end"))
    who = "The owner" if trace.is_owner else "An intruder"
    end = f"first lock after {lasting(locks[0].t_s)}" if locks else f"no lock in {lasting(end_s)}"
    return plot.drawing(
        chart, f"{who}: trust over time, {end}, lowest {min(m.trust for m in shown):.0f}.", *marks
    )


def hatching() -> Markup:
    """The pattern of intruders' columns: they are told apart without colour as well."""
    stripe = element("rect", width="3", height="6", class_="stripe")
    pattern = element(
        "pattern",
        element("rect", width="6", height="6", class_="ground"),
        stripe,
        id="hatch",
        width="6",
        height="6",
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    return element("svg", element("defs", pattern), width="0", height="0", class_="defs", aria_hidden="true")


def _column(chart: Plot, low: float, high: float, share: float, kind: str) -> Markup:
    (x0, foot), (x1, top) = chart.at(low, 0.0), chart.at(high, share)
    y, tall = min(foot, top), abs(foot - top)
    return element("rect", x=x0 + 0.5, y=y, width=max(0.5, x1 - x0 - 1.0), height=tall, class_=f"bar {kind}")


def _ends(edges: Floats) -> tuple[float, float]:
    return float(edges[0]), float(edges[-1])


def _decades(low: float, high: float) -> list[plot.Tick]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [m * 10.0**p for p in powers for m in (1.0, 2.0, 5.0)]
    return [(tick, short(tick)) for tick in ticks if low <= tick <= high]


def _told(curves: Named) -> str:
    parts = []
    for name, curve in curves:
        at = [f"{percent(frr)} at FAR {percent(far, 0)}" for far, frr in _some(curve)]
        parts.append(f"{name}: FRR " + ", ".join(at))
    return "; ".join(parts) + "."


def _some(curve: BandedCurve) -> list[tuple[float, float]]:
    return [(f, float(np.interp(f, curve.far, curve.frr))) for f in (0.01, 0.1, 0.2)]
