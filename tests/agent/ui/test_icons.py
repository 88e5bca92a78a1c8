"""The icons: told apart without colour, and readable on every panel."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from agent.runtime.status.snapshot import State
from agent.ui.icons import LOOKS, icon

PANELS = {"light": (240, 240, 240), "dark": (43, 43, 43), "sign": (255, 255, 255)}


def luminance(colour: tuple[int, ...]) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [c / 255 for c in colour[:3]]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def without_colour(state: State, side_px: int) -> np.ndarray:
    """How far from its body's colour each pixel is, 0 (body) to 1 (white), and -1 outside."""
    picture = np.asarray(icon(state, side_px), dtype=float)
    body = np.array(LOOKS[state][0][:3], dtype=float)
    sign = np.abs(picture[..., :3] - body).sum(axis=2) / np.abs(255 - body).sum()
    return np.where(picture[..., 3] > 127, sign, -1.0)


def test_every_state_has_a_look() -> None:
    assert set(LOOKS) == set(State)


@pytest.mark.parametrize("side_px", [16, 22, 24, 32, 48, 64])
def test_states_differ_in_shape(side_px: int) -> None:
    shapes = {state: without_colour(state, side_px) for state in State}
    for one, other in combinations(State, 2):
        differing = np.abs(shapes[one] - shapes[other]) > 0.5
        assert differing.sum() >= side_px**2 / 50, (one, other)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("against", PANELS)
def test_contrast_of_at_least_three_to_one(state: State, against: str) -> None:
    assert contrast(LOOKS[state][0], PANELS[against]) >= 3.0


@pytest.mark.parametrize("side_px", [16, 23, 64])
def test_size_and_transparent_corners(side_px: int) -> None:
    picture = icon(State.PROTECTING, side_px)
    assert (picture.mode, picture.size) == ("RGBA", (side_px, side_px))
    corners = [picture.getpixel(p)[3] for p in ((0, 0), (side_px - 1, 0), (0, side_px - 1))]
    assert corners == [0, 0, 0]
    assert picture.getpixel((side_px // 3, side_px // 3))[3] == 255


@pytest.mark.parametrize("side_px", [15, 513, 0, -1])
def test_other_sizes_are_refused(side_px: int) -> None:
    with pytest.raises(ValueError, match="16-512 px"):
        icon(State.PROTECTING, side_px)


def test_icons_are_drawn_without_the_library_of_letters() -> None:
    program = "import sys; import agent.ui.icons; print(sys.modules.get('PIL._imagingft'))"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout == "None\n"
