"""Movements as a picture: direction is hue, speed is brightness, acceleration is saturation, clicks are circles.

The colour code is in docs/picture.md. The `image` detector looks at small ones, people at large ones; both are drawn
here, from sketches (`agent.engine.sketch`), which hold no position: every movement is drawn to end in the middle,
unless it is told where on the screen it ended.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.sketch import STEP_S, STEPS, Column, Sketches, steps_of

FASTEST_PX_S: Final = 3_000.0
SLOWEST_PX_S: Final = 30.0
# How much of white a movement takes on where it brakes hardest.
PALEST: Final = 0.65
FULL_CHANGE: Final = 1.0

_DARKEST: Final = 0.35
_LEFT, _RIGHT = 1, 3
_CLICK_COLOURS: Final = {_LEFT: (0.1, 1.0, 0.25), _RIGHT: (1.0, 0.1, 0.1)}
_ROUND: Final = 48

Image = NDArray[np.float32]
Floats = NDArray[np.float64]


def layers(
    sketches: Sketches, size: int, reach_px: float, *, ends_px: Floats | None = None, brush: int = 1
) -> Image:
    """Each movement on a black picture of its own; the brighter value wins where it crosses itself.

    Parameters
    ----------
    sketches : ndarray of float32, shape (n, WIDTH)
    size : int
        Pixels a side.
    reach_px : float
        How far from the middle the picture reaches, px of the screen; what lies beyond is not seen.
    ends_px : ndarray of float64, shape (n, 2), optional
        Where each movement ended, px from the picture's middle; in the middle itself where None.
    brush : int
        Width of lines, pixels.

    Returns
    -------
    ndarray of float32, shape (n, size, size, 3)
        Red, green, blue, 0 to 1.
    """
    out = np.zeros((len(sketches), size, size, 3), np.float32)
    if not len(sketches):
        return out
    dx, dy, there = steps_of(np.nan_to_num(sketches))
    x, y = _places(sketches, ends_px)
    scale = size / (2.0 * reach_px)
    number, step = np.nonzero(there & (np.hypot(dx, dy) > 0.0))
    # So many of each step as it is long: what is drawn of a movement does not hang on what is drawn beside it.
    length = np.hypot(dx, dy)[number, step] * scale
    count = np.clip(np.ceil(np.nan_to_num(length, posinf=2.0 * size)), 1, 2 * size).astype(np.intp)
    begins = np.repeat(np.cumsum(count) - count, count)
    share = (np.arange(len(begins)) - begins + 0.5) / np.repeat(count, count)
    number, step = np.repeat(number, count), np.repeat(step, count)
    across, down = (
        (p[number, step] + (p[number, step + 1] - p[number, step]) * share + reach_px) * scale for p in (x, y)
    )
    _dab(out, number, across, down, colours_of(dx, dy)[number, step], brush)
    _circles(out, sketches, x + reach_px, y + reach_px, scale, brush)
    return out


def picture(
    sketches: Sketches, size: int = 480, reach_px: float = 600.0, *, ends_px: Floats | None = None
) -> NDArray[np.uint8]:
    """All movements on one picture for people, drawn twice as large and made smooth, shape (size, size, 3).

    Clicks come last: where all movements end, their rings would drown.
    """
    whole = np.zeros((2 * size, 2 * size, 3), np.float32)
    rings = whole.copy()
    for i in range(len(sketches)):
        part = None if ends_px is None else ends_px[i : i + 1]
        drawn = layers(sketches[i : i + 1], 2 * size, reach_px, ends_px=part, brush=4)
        np.maximum(whole, drawn[0], out=whole)
        x, y = (p + reach_px for p in _places(sketches[i : i + 1], part))
        _circles(rings[None], sketches[i : i + 1], x, y, size / reach_px, 4)
    whole = np.where(rings.any(axis=2, keepdims=True), rings, whole)
    smooth = whole.reshape(size, 2, size, 2, 3).mean(axis=(1, 3))
    return np.asarray(np.round(smooth * 255.0), np.uint8)


def colours_of(dx: Sketches, dy: Sketches) -> Image:
    """The colour of each step, shape (n, STEPS, 3).

    Hue runs once round the circle from red (right) over yellow-green (down), cyan (left) and violet (up). Brightness
    is 0.35 at 30 px/s and 1 at 3,000 px/s, by the logarithm. A step that is slower than the one before is paler.
    """
    speed = np.hypot(dx, dy) / STEP_S
    bright = np.log(np.maximum(speed, SLOWEST_PX_S) / SLOWEST_PX_S) / np.log(FASTEST_PX_S / SLOWEST_PX_S)
    brightness = _DARKEST + (1.0 - _DARKEST) * np.clip(bright, 0.0, 1.0)
    log = np.log(np.maximum(speed, SLOWEST_PX_S))
    change = np.diff(log, axis=1, prepend=log[:, :1])
    saturation = 1.0 - PALEST * np.clip(-change / FULL_CHANGE, 0.0, 1.0)
    hue = (np.arctan2(dy, dx) / (2.0 * np.pi)) % 1.0
    thirds = np.stack(
        [np.abs((hue - turn + 0.5) % 1.0 - 0.5) for turn in (0.0, 1.0 / 3.0, 2.0 / 3.0)], axis=-1
    )
    pure = np.clip(2.0 - 6.0 * thirds, 0.0, 1.0)
    colours: Image = (brightness[..., None] * (1.0 - saturation[..., None] * (1.0 - pure))).astype(np.float32)
    return colours


def _places(sketches: Sketches, ends_px: Floats | None) -> tuple[Floats, Floats]:
    """Where each movement was before and after every step, px from the picture's middle, each (n, STEPS + 1)."""
    dx, dy, _ = steps_of(np.nan_to_num(sketches))
    ends = np.zeros((len(sketches), 2)) if ends_px is None else ends_px
    return _back_from_end(dx, ends[:, 0]), _back_from_end(dy, ends[:, 1])


def _back_from_end(steps: Sketches, end: Floats) -> Floats:
    """Places before and after every step, so that the last one is at the end, shape (n, STEPS + 1)."""
    total = np.cumsum(np.pad(steps.astype(np.float64), ((0, 0), (1, 0))), axis=1)
    places: Floats = total - total[:, -1:] + end[:, None]
    return places


def _dab(out: Image, number: NDArray[np.intp], x: Floats, y: Floats, colours: Image, brush: int) -> None:
    """Lay a square of `brush` pixels on each place."""
    size = out.shape[1]
    left, top = (np.floor(p - (brush - 1) / 2.0).astype(np.int64) for p in (x, y))
    flat = out.reshape(-1, 3)
    for down in range(brush):
        for right in range(brush):
            column, row = left + right, top + down
            seen = (column >= 0) & (column < size) & (row >= 0) & (row < size)
            at = (number[seen] * size + row[seen]) * size + column[seen]
            for light in range(3):
                np.maximum.at(flat[:, light], at, colours[seen, light])


def _circles(out: Image, sketches: Sketches, x: Floats, y: Floats, scale: float, brush: int) -> None:
    """A ring where the button was pressed: green for the left one, red for the right one."""
    count = np.clip(np.nan_to_num(sketches[:, Column.COUNT]), 0, STEPS).astype(np.int64)
    back = np.clip(np.nan_to_num(sketches[:, Column.PRESS_STEP]), 0, count).astype(np.int64)
    radius, turn = max(1.5, out.shape[1] / 60.0), np.linspace(0.0, 2.0 * np.pi, _ROUND, endpoint=False)
    for button, colour in _CLICK_COLOURS.items():
        which = np.flatnonzero(sketches[:, Column.BUTTON] == button)
        at = np.maximum(count[which] - back[which], 0)
        across = (x[which, at] * scale)[:, None] + radius * np.cos(turn)
        down = (y[which, at] * scale)[:, None] + radius * np.sin(turn)
        number = np.broadcast_to(which[:, None], across.shape)
        colours = np.broadcast_to(np.array(colour, np.float32), (*across.shape, 3))
        flat = (number.ravel(), across.ravel(), down.ravel(), colours.reshape(-1, 3))
        _dab(out, *flat, max(1, brush - 1))
