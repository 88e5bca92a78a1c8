"""The report's pictures. Each says in words what is to be seen, for those who cannot see it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from agent.language.language import mark
from enroll.report import plot
from enroll.report.curves import BandedCurve, Floats, histogram
from enroll.report.markup import Markup, element
from enroll.report.plot import Axis, Plot, probit
from enroll.report.trace import Trace, thinned
from enroll.report.words import lasting, number, percent, separated, written

SHARES = [(v / 100, f"{v} %") for v in (0, 20, 40, 60, 80, 100)]
_DET_SHARES = (0.1, 1, 5, 20, 50, 80, 99)
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
        Axis(written("intruders' sessions accepted (FAR)"), 0.0, 1.0, SHARES),
        Axis(written("owners' sessions accepted"), 0.0, 1.0, SHARES),
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
    marks.append(plot.note(chart, 0.97, 0.9, written("guessing"), kind="quiet", anchor="end"))
    return plot.drawing(chart, written("ROC curve. {points}", points=_told(curves)), *marks)


def det(curves: Named) -> Markup:
    """FRR over FAR on normal deviate axes."""
    chart = Plot(
        Axis(written("intruders' sessions accepted (FAR)"), 0.0005, 0.999, _det_shares(), probit),
        Axis(written("owners' sessions refused (FRR)"), 0.0005, 0.999, _det_shares(), probit),
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
            marks.append(
                plot.note(chart, unseen, 0.995, " \u25c2 " + written("not known: under 3/n"), kind="quiet")
            )
        marks.append(plot.line(chart, list(zip(fars, curve.frr[seen].tolist(), strict=True)), kind))
    return plot.drawing(
        chart, written("DET curve, both axes as normal deviates. {points}", points=_told(curves)), *marks
    )


def score_histogram(impostor: Floats, genuine: Floats, threshold: float | None) -> Markup:
    """Both classes back to back: owners above the line, intruders below it."""
    edges, bad, good = histogram(impostor, genuine)
    top = max(*bad, *good) * 1.3
    step = [(abs(v), f"{100 * v:.0f} %") for v, _ in plot.ticks(0.0, top, 3)]
    both = [(-v, text) for v, text in step[:0:-1]] + step
    chart = Plot(
        Axis(_score_label(), *_ends(edges), plot.ticks(*_ends(edges))),
        Axis(written("share of sessions"), -top, top, both),
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
    return plot.drawing(chart, _histogram_description(len(genuine), len(impostor)), *marks)


def _score_label() -> str:
    return written("score of a session (higher = more like the owner)")


def _histogram_description(owners: int, intruders: int) -> str:
    return written(
        "Score histograms: {owners} owners' sessions above, {intruders} intruders' below.",
        owners=owners,
        intruders=intruders,
    )


def people(rows: Sequence[tuple[str, float, float | None]]) -> Markup:
    """AUC of each person, worst first: a disc for all sessions, a diamond for the matched ones."""
    areas = [v for _, plain, matched in rows for v in (plain, matched) if v is not None]
    low = min(0.9, math.floor(min(areas) * 20.0) / 20.0)
    n = len(rows)
    names = [(float(n - i), name) for i, (name, _, _) in enumerate(rows)] if n <= 40 else []
    chart = Plot(
        Axis(written("AUC (0.5 = guessing, 1 = no error)"), low, 1.0, plot.ticks(low, 1.0)),
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
            words = written("{name}: matched {auc}", name=name, auc=number(matched))
            marks.append(plot.dot(chart, matched, y, "matched", "diamond", words))
        marks.append(plot.dot(chart, plain, y, "plain", "circle", f"{name}: {number(plain)}"))
    least, most = (f"{number(area)} ({name})" for name, area, _ in (rows[0], rows[-1]))
    description = written("AUC of {n} people, from {low} to {high}.", n=n, low=least, high=most)
    return plot.drawing(chart, description, *marks)


def trust(trace: Trace) -> Markup:
    """Trust over time: an owner's to the end, an intruder's to the first lock."""
    shown = trace.moments if trace.is_owner else trace.until_lock
    end_s = shown[-1].t_s
    unit, name = (
        (60.0, written("minutes since the recording began"))
        if end_s >= 180.0
        else (1.0, written("seconds since the recording began"))
    )
    high = max(end_s / unit, 1e-3)
    chart = Plot(
        Axis(name, 0.0, high, plot.ticks(0.0, high)),
        Axis(written("trust"), 0.0, 100.0, [(v, f"{v:.0f}") for v in (0.0, 25.0, 50.0, 75.0, 100.0)]),
        height=250.0,
    )
    kind = "genuine" if trace.is_owner else "impostor"
    marks = [plot.line(chart, [(t / unit, v) for t, v in thinned(shown, end_s)], kind)]
    locks = [m for m in shown if m.locks]
    marks += [plot.dot(chart, m.t_s / unit, m.trust, "lock", "cross", written("locked")) for m in locks]
    end = written("no lock in {time}", time=lasting(end_s))
    if locks:
        end = written("first lock after {time}", time=lasting(locks[0].t_s))
        marks.append(plot.note(chart, high, 88.0, end + " ", anchor="end"))
    template = (
        mark("The owner: trust over time, {end}, lowest {lowest}.")
        if trace.is_owner
        else mark("An intruder: trust over time, {end}, lowest {lowest}.")
    )
    description = written(template, end=end, lowest=number(min(m.trust for m in shown), 0))
    return plot.drawing(chart, description, *marks)


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


def _det_shares() -> list[plot.Tick]:
    return [(share / 100, separated(f"{share:g} %")) for share in _DET_SHARES]


def _ends(edges: Floats) -> tuple[float, float]:
    return float(edges[0]), float(edges[-1])


def _told(curves: Named) -> str:
    parts = []
    for name, curve in curves:
        at = [
            written("{frr} at FAR {far}", frr=percent(frr), far=percent(far, 0)) for far, frr in _some(curve)
        ]
        parts.append(f"{name}: FRR " + ", ".join(at))
    return "; ".join(parts) + "."


def _some(curve: BandedCurve) -> list[tuple[float, float]]:
    return [(f, float(np.interp(f, curve.far, curve.frr))) for f in (0.01, 0.1, 0.2)]
