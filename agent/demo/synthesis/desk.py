"""Simulated desk: screens, targets, tasks, and the mouse's reporting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np


class Doing(Enum):
    """One kind of thing to do."""

    MOVE = "move"
    CLICK = "click"
    DOUBLE_CLICK = "double click"
    RIGHT_CLICK = "right click"
    DRAG = "drag"
    SCROLL = "scroll"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Screen:
    """One monitor in px; `left` and `top` are negative left of and above the first one."""

    left: int
    top: int
    width: int
    height: int

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of this monitor that is nearest to (x, y)."""
        return (
            min(max(x, self.left), self.left + self.width - 1),
            min(max(y, self.top), self.top + self.height - 1),
        )


@dataclass(frozen=True, slots=True)
class Target:
    """A rectangle that things are done to, in px, with what can be done there."""

    left: float
    top: float
    width: float
    height: float
    doings: tuple[Doing, ...]

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle, px."""
        return self.left + self.width / 2, self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class Desk:
    """A mouse configuration with something to do. Two people at one desk differ in their hands alone.

    Attributes
    ----------
    screens : tuple of Screen
    targets : tuple of Target
    habits : tuple of (Doing, float)
        What is asked how often; weights need not add up to 1.
    report_ms : float
        The mouse reports at most this often: 8 ms is 125 Hz. It says nothing while it rests.
    jitter_ms : float
        Standard deviation of how late a report is stamped; stamps are cut to whole milliseconds.
    pace : float
        Factor on pauses between one thing and the next: 1 an ordinary day, 0.2 work in a hurry.
    """

    screens: tuple[Screen, ...]
    targets: tuple[Target, ...]
    habits: tuple[tuple[Doing, float], ...] = (
        (Doing.CLICK, 0.52),
        (Doing.MOVE, 0.14),
        (Doing.SCROLL, 0.12),
        (Doing.DRAG, 0.1),
        (Doing.DOUBLE_CLICK, 0.09),
        (Doing.IDLE, 0.03),
    )
    report_ms: float = 8.0
    jitter_ms: float = 0.1
    pace: float = 1.0

    def clamp(self, x: float, y: float) -> tuple[float, float]:
        """The visible point nearest to (x, y)."""
        near = (screen.nearest(x, y) for screen in self.screens)
        return min(near, key=lambda p: (p[0] - x) ** 2 + (p[1] - y) ** 2)

    def choose(self, rng: np.random.Generator) -> Doing:
        """What is asked next."""
        weights = np.array([weight for _, weight in self.habits])
        return self.habits[int(rng.choice(len(weights), p=weights / weights.sum()))][0]

    def target(self, doing: Doing, rng: np.random.Generator, but: Target | None = None) -> Target:
        """A target for it, another than `but` where there is one.

        Raises
        ------
        ValueError
            If this desk has none.
        """
        able = [target for target in self.targets if doing in target.doings]
        fit = [target for target in able if target is not but] or able
        if not fit:
            raise ValueError(f"the desk has no target to {doing.value}")
        return fit[int(rng.integers(len(fit)))]


def office(*screens: Screen, pace: float = 1.0) -> Desk:
    """An ordinary desk: on each screen a menu, a tool bar, a list of documents and a page of text.

    Raises
    ------
    ValueError
        If no screen is given.
    """
    if not screens:
        raise ValueError("a desk needs a screen")
    targets = [target for screen in screens for target in _furnish(screen)]
    return Desk(screens, tuple(targets), pace=pace)


def _furnish(screen: Screen) -> list[Target]:
    """Targets of ordinary sizes, 16 to 500 px wide, all over one screen."""
    w, h = screen.width, screen.height
    point = (Doing.CLICK, Doing.MOVE)
    file_doings = (Doing.CLICK, Doing.DOUBLE_CLICK, Doing.DRAG, Doing.MOVE)
    page = (Doing.CLICK, Doing.DOUBLE_CLICK, Doing.DRAG, Doing.SCROLL, Doing.MOVE)
    shapes: list[tuple[float, float, float, float, tuple[Doing, ...]]]
    shapes = [(0.02 + 0.07 * i, 0.03, 60.0, 22.0, point) for i in range(6)]
    shapes += [(0.5 + 0.035 * i, 0.09, 26.0, 26.0, point) for i in range(8)]
    shapes += [(0.03, 0.18 + 0.07 * i, 0.2 * w, 26.0, file_doings) for i in range(9)]
    shapes += [(0.34, 0.2 + 0.09 * i, 0.38 * w, 20.0, page) for i in range(7)]
    shapes += [(0.82, 0.25 + 0.12 * i, 90.0, 30.0, point) for i in range(5)]
    shapes += [
        (0.97, 0.2, 16.0, 0.5 * h, (Doing.DRAG, Doing.MOVE)),
        (0.3, 0.2, 0.45 * w, 0.6 * h, (Doing.SCROLL,)),
    ]
    return [
        Target(screen.left + fx * w, screen.top + fy * h, min(tw, 0.99 * w * (1 - fx)), th, doings)
        for fx, fy, tw, th, doings in shapes
    ]
