"""The tray icon of every state: a mouse that is also a shield, with a sign on it.

States differ in the sign as well as in the colour, so that nobody has to tell colours apart. Every colour
has a relative luminance near 0.2: at least 3:1 against a light panel, a dark panel and the white sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from PIL import Image

from agent.runtime.status.snapshot import State
from agent.ui.drawing import Draw, ImageDraw

Colour = tuple[int, int, int, int]
Point = tuple[float, float]

WHITE: Colour = (255, 255, 255, 255)
CLEAR: Colour = (0, 0, 0, 0)
OVERSAMPLING = 8
LEAST_PX, MOST_PX = 16, 512


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws on a square whose sides have the length 1, whatever the number of pixels."""

    draw: ImageDraw
    side_px: int

    def line(self, points: list[Point], width: float, colour: Colour = WHITE) -> None:
        """A polyline with round ends and corners."""
        scaled = [(x * self.side_px, y * self.side_px) for x, y in points]
        self.draw.line(scaled, fill=colour, width=round(width * self.side_px))
        for x, y in points:
            self.dot(x, y, width / 2, colour)

    def dot(self, x: float, y: float, radius: float, colour: Colour = WHITE) -> None:
        """A disc around (x, y)."""
        box = [(v * self.side_px) for v in (x - radius, y - radius, x + radius, y + radius)]
        self.draw.ellipse(box, fill=colour)

    def shape(self, points: list[Point], colour: Colour) -> None:
        """A filled polygon."""
        self.draw.polygon([(x * self.side_px, y * self.side_px) for x, y in points], fill=colour)

    def bar(
        self, left: float, top: float, right: float, bottom: float, radius: float, colour: Colour = WHITE
    ) -> None:
        """A filled rectangle with round corners."""
        box = [(v * self.side_px) for v in (left, top, right, bottom)]
        self.draw.rounded_rectangle(box, radius=radius * self.side_px, fill=colour)


def _curve(start: Point, control1: Point, control2: Point, end: Point, steps: int = 24) -> list[Point]:
    """Points of a cubic Bézier curve."""
    knots = (start, control1, control2, end)
    points = []
    for t in (i / steps for i in range(steps + 1)):
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        x, y = (sum(w * knot[axis] for w, knot in zip(weights, knots, strict=True)) for axis in (0, 1))
        points.append((x, y))
    return points


def _outline() -> list[Point]:
    """The silhouette: round like a mouse at the top, pointed like a shield at the bottom."""
    right = [
        *_curve((0.50, 0.02), (0.80, 0.02), (0.91, 0.17), (0.91, 0.36)),
        *_curve((0.91, 0.36), (0.91, 0.80), (0.80, 0.86), (0.50, 0.99)),
    ]
    return [*right, *((1 - x, y) for x, y in reversed(right))]


def _check(pen: Pen, body: Colour) -> None:
    pen.line([(0.29, 0.57), (0.44, 0.72), (0.72, 0.41)], 0.12)


def _dots(pen: Pen, body: Colour) -> None:
    for x in (0.27, 0.50, 0.73):
        pen.dot(x, 0.56, 0.085)


def _exclamation(pen: Pen, body: Colour) -> None:
    pen.line([(0.50, 0.36), (0.50, 0.58)], 0.14)
    pen.dot(0.50, 0.78, 0.085)


def _pause(pen: Pen, body: Colour) -> None:
    for left in (0.30, 0.56):
        pen.bar(left, 0.37, left + 0.14, 0.75, 0.03)


def _question(pen: Pen, body: Colour) -> None:
    hook = [
        *_curve((0.34, 0.46), (0.34, 0.29), (0.66, 0.29), (0.66, 0.46)),
        *_curve((0.66, 0.46), (0.66, 0.56), (0.50, 0.55), (0.50, 0.66)),
    ]
    pen.line(hook, 0.115)
    pen.dot(0.50, 0.83, 0.075)


def _crossed_eye(pen: Pen, body: Colour) -> None:
    lid = _curve((0.14, 0.56), (0.32, 0.25), (0.68, 0.25), (0.86, 0.56))
    pen.shape([*lid, *((x, 1.12 - y) for x, y in reversed(lid))], WHITE)
    pen.dot(0.50, 0.56, 0.15, body)
    pen.dot(0.50, 0.56, 0.07)
    pen.line([(0.31, 0.31), (0.69, 0.74)], 0.20, body)
    pen.line([(0.28, 0.33), (0.69, 0.79)], 0.085)


def _padlock(pen: Pen, body: Colour) -> None:
    pen.line(
        [(0.38, 0.55), *_curve((0.38, 0.45), (0.38, 0.26), (0.62, 0.26), (0.62, 0.45)), (0.62, 0.55)], 0.085
    )
    pen.bar(0.28, 0.50, 0.72, 0.80, 0.05)


def _dash(pen: Pen, body: Colour) -> None:
    pen.line([(0.32, 0.56), (0.68, 0.56)], 0.13)


def _cross(pen: Pen, body: Colour) -> None:
    pen.line([(0.32, 0.38), (0.68, 0.74)], 0.13)
    pen.line([(0.68, 0.38), (0.32, 0.74)], 0.13)


def _wheel(pen: Pen, body: Colour) -> None:
    pen.line([(0.50, 0.24), (0.50, 0.40)], 0.12)


def _away(pen: Pen, body: Colour) -> None:
    pen.line([(0.26, 0.56), (0.72, 0.56)], 0.12)
    pen.line([(0.54, 0.38), (0.74, 0.56), (0.54, 0.74)], 0.12)


Sign = Callable[[Pen, Colour], None]

LOOKS: Mapping[State, tuple[Colour, Sign]] = MappingProxyType(
    {
        State.STARTING: ((110, 119, 129, 255), _wheel),
        State.LEARNING: ((36, 121, 218, 255), _dots),
        State.PROTECTING: ((26, 138, 72, 255), _check),
        State.SUSPICIOUS: ((201, 101, 0, 255), _exclamation),
        State.LOCKED: ((219, 58, 58, 255), _padlock),
        State.PAUSED: ((103, 120, 156, 255), _pause),
        State.AWAY: ((103, 120, 156, 255), _away),
        State.UNKNOWN_MOUSE: ((147, 90, 222, 255), _question),
        State.CANNOT_SEE: ((207, 69, 110, 255), _crossed_eye),
        State.NO_EVIDENCE: ((110, 119, 129, 255), _dash),
        State.FAILED: ((207, 69, 110, 255), _cross),
    }
)


def icon(state: State, side_px: int = 64) -> Image.Image:
    """The icon of `state`, drawn for one size.

    Parameters
    ----------
    state : State
    side_px : int
        Width and height, 16-512 px.

    Returns
    -------
    Image
        RGBA, transparent around the silhouette.

    Raises
    ------
    ValueError
        If the size is out of bounds.
    """
    if not LEAST_PX <= side_px <= MOST_PX:
        raise ValueError(f"icon of {side_px} px: draw it at {LEAST_PX}-{MOST_PX} px")
    large_px = side_px * OVERSAMPLING
    body, sign = LOOKS[state]
    picture = Image.new("RGBA", (large_px, large_px), (*body[:3], 0))
    pen = Pen(Draw(picture), large_px)
    pen.shape(_outline(), body)
    pen.line([(0.50, 0.00), (0.50, 0.19)], 0.06, (*body[:3], 0))
    sign(pen, body)
    return picture.resize((side_px, side_px), Image.Resampling.BOX)
