"""The geometry of a plot and the marks on it: values in, SVG elements out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

from enroll.report.markup import Markup, element, join
from enroll.report.words import separated

Tick = tuple[float, str]


def linear(x: float) -> float:
    """The value itself."""
    return x


def probit(share: float) -> float:
    """The normal deviate of a share: a DET curve's axis, on which normal scores give a straight line."""
    return NormalDist().inv_cdf(share)


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis.

    Attributes
    ----------
    label : str
        What is measured, and its unit.
    low, high : float
        Values at both ends; what lies outside is drawn at the end.
    ticks : sequence of (value, text)
    warp : callable
        Values are spaced evenly after it: `linear`, `math.log10`, `probit`.
    """

    label: str
    low: float
    high: float
    ticks: Sequence[Tick]
    warp: Callable[[float], float] = field(default=linear)

    def share(self, position: float) -> float:
        """Where a value lies between the ends, 0 to 1."""
        inside = min(max(position, self.low), self.high)
        low, high = self.warp(self.low), self.warp(self.high)
        return (self.warp(inside) - low) / (high - low)


@dataclass(frozen=True, slots=True)
class Plot:
    """Two axes on a drawing of `width` by `height` px."""

    x: Axis
    y: Axis
    width: float = 480.0
    height: float = 330.0
    left: float = 68.0
    right: float = 24.0
    top: float = 14.0
    bottom: float = 50.0

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Place of a value pair, px from the top left."""
        wide, high = self.width - self.left - self.right, self.height - self.top - self.bottom
        return self.left + self.x.share(x) * wide, self.top + (1.0 - self.y.share(y)) * high


def ticks(low: float, high: float, most: int = 6) -> list[Tick]:
    """Round values between two ends: steps of 1, 2 or 5 times a power of ten, at most `most` + 1 of them."""
    if not high > low:
        raise ValueError(f"an axis from {low} to {high}")
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * next(m for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw * 0.999999)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(i * step, separated(f"{i * step:,.{decimals}f}")) for i in range(first, last + 1)]


def drawing(plot: Plot, description: str, *marks: str) -> Markup:
    """The plot's grid and axes with marks on them; `description` says to a screen reader what is to be seen."""
    view = f"0 0 {plot.width:g} {plot.height:g}"
    return element("svg", _grid(plot), *marks, viewBox=view, role="img", aria_label=description)


def line(plot: Plot, points: Sequence[tuple[float, float]], kind: str) -> Markup:
    """Points joined by straight lines."""
    return element("polyline", points=_places(plot, points), class_=f"line {kind}")


def band(plot: Plot, xs: Sequence[float], lows: Sequence[float], highs: Sequence[float], kind: str) -> Markup:
    """The area between two curves."""
    there = list(zip(xs, lows, strict=True))
    back = list(zip(xs, highs, strict=True))[::-1]
    return element("polygon", points=_places(plot, there + back), class_=f"band {kind}")


def bar(plot: Plot, low: float, high: float, height: float, kind: str) -> Markup:
    """A column from the foot of the plot, between two values of x."""
    (x0, y1), (x1, _) = plot.at(low, height), plot.at(high, height)
    foot = plot.at(low, plot.y.low)[1]
    return element(
        "rect", x=x0 + 0.5, y=y1, width=max(0.5, x1 - x0 - 1.0), height=foot - y1, class_=f"bar {kind}"
    )


def rule(plot: Plot, start: tuple[float, float], end: tuple[float, float], kind: str) -> Markup:
    """One straight line."""
    (x1, y1), (x2, y2) = plot.at(*start), plot.at(*end)
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def dot(plot: Plot, x: float, y: float, kind: str, shape: str = "circle", description: str = "") -> Markup:
    """A mark at a value: ``circle``, ``diamond``, ``triangle`` or ``cross``."""
    at_x, at_y = plot.at(x, y)
    return mark(at_x, at_y, kind, shape, description)


def mark(x: float, y: float, kind: str, shape: str, description: str = "") -> Markup:
    """A mark at a place, px."""
    paths = {
        "diamond": f"M{x:.1f} {y - 5.5:.1f}l5.5 5.5l-5.5 5.5l-5.5 -5.5z",
        "triangle": f"M{x:.1f} {y - 5.5:.1f}l5.5 10h-11z",
        "cross": f"M{x - 4.5:.1f} {y - 4.5:.1f}l9 9m0 -9l-9 9",
    }
    note = (element("title", description),) if description else ()
    if shape == "circle":
        return element("circle", *note, cx=x, cy=y, r=4.5, class_=f"mark {kind}")
    return element("path", *note, d=paths[shape], class_=f"mark {kind}")


def note(plot: Plot, x: float, y: float, text: str, *, kind: str = "", anchor: str = "start") -> Markup:
    """Words at a value."""
    at_x, at_y = plot.at(x, y)
    return element("text", text, x=at_x, y=at_y, class_=f"note {kind}".strip(), text_anchor=anchor)


def _grid(plot: Plot) -> Markup:
    x, y = plot.x, plot.y
    parts = [rule(plot, (v, y.low), (v, y.high), "grid") for v, _ in x.ticks]
    parts += [rule(plot, (x.low, v), (x.high, v), "grid") for v, _ in y.ticks]
    parts += [rule(plot, (x.low, y.low), (x.high, y.low), "axis")]
    foot, side = plot.at(x.low, y.low)[1] + 18.0, plot.left - 8.0
    for position, text in x.ticks:
        parts.append(element("text", text, x=plot.at(position, y.low)[0], y=foot, text_anchor="middle"))
    for position, text in y.ticks:
        parts.append(element("text", text, x=side, y=plot.at(x.low, position)[1] + 4.0, text_anchor="end"))
    middle_x = (plot.left + plot.width - plot.right) / 2.0
    middle_y = (plot.top + plot.height - plot.bottom) / 2.0
    parts.append(
        element("text", x.label, x=middle_x, y=plot.height - 10.0, text_anchor="middle", class_="label")
    )
    turned = f"translate(14 {middle_y:g}) rotate(-90)"
    parts.append(element("text", y.label, transform=turned, text_anchor="middle", class_="label"))
    return join(parts)


def _places(plot: Plot, points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in (plot.at(*point) for point in points))
