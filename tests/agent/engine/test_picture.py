"""The colour code of docs/picture.md, looked at pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest

from agent.engine.picture import colours_of, layers, picture
from agent.engine.sketch import HEAD, STEPS, WIDTH, Column
from tests.agent.engine.sketched import sketches


def line(dx: float, dy: float, steps: int = 6, button: int = 0) -> np.ndarray:
    out = np.zeros((1, WIDTH), np.float32)
    out[0, Column.COUNT], out[0, Column.BUTTON] = steps, button
    out[0, HEAD : HEAD + steps], out[0, HEAD + STEPS : HEAD + STEPS + steps] = dx, dy
    return out


def colour(dx: float, dy: float) -> np.ndarray:
    return colours_of(np.full((1, STEPS), dx, np.float32), np.full((1, STEPS), dy, np.float32))[0, -1]


@pytest.mark.parametrize(
    ("dx", "dy", "brightest"), [(40.0, 0.0, [0]), (0.0, 40.0, [1]), (-40.0, 0.0, [1, 2]), (0.0, -40.0, [2])]
)
def test_direction_is_hue(dx: float, dy: float, brightest: list[int]) -> None:
    told = colour(dx, dy)
    assert np.isin(np.argmax(told), brightest)
    assert told.min() < 0.05


def test_speed_is_brightness() -> None:
    values = [colour(step, 0.0).max() for step in (0.5, 5.0, 50.0, 500.0)]
    assert values == sorted(values)
    assert values[0] == pytest.approx(0.35)
    assert values[-1] == pytest.approx(1.0)


def test_braking_is_pale() -> None:
    dx = np.full((1, STEPS), 60.0, np.float32)
    dx[0, 12:] = 12.0
    told = colours_of(dx, np.zeros_like(dx))[0]
    assert told[11].min() == pytest.approx(0.0, abs=1e-6)
    assert told[12].min() > 0.3


def test_a_movement_ends_in_the_middle_or_where_it_is_told_to() -> None:
    middle = layers(line(20.0, 0.0), 64, 320.0)[0]
    assert middle[32, 20:31].max() > 0.0
    assert not middle[:, 36:].any()
    moved = layers(line(20.0, 0.0), 64, 320.0, ends_px=np.array([[200.0, 100.0]]))[0]
    assert moved[42, 45:51].max() > 0.0


@pytest.mark.parametrize(("button", "channel"), [(1, 1), (3, 0)])
def test_a_left_click_is_a_green_ring_and_a_right_click_a_red_one(button: int, channel: int) -> None:
    told = picture(line(0.0, 0.0, button=button), 120).astype(int)
    drawn = told[told.sum(axis=2) > 120]
    assert len(drawn) > 5
    assert (drawn.argmax(axis=1) == channel).all()


def test_nothing_and_nonsense_are_black() -> None:
    assert layers(np.empty((0, WIDTH), np.float32), 32, 320.0).shape == (0, 32, 32, 3)
    assert not layers(np.full((2, WIDTH), np.nan, np.float32), 32, 320.0).any()
    assert not picture(np.zeros((3, WIDTH), np.float32), 60).any()


def test_each_on_its_own_or_all_at_once() -> None:
    many = sketches(5, 0.4, 3)
    together = layers(many, 32, 320.0)
    alone = np.concatenate([layers(many[i : i + 1], 32, 320.0) for i in range(5)])
    assert together.any()
    assert np.array_equal(together, alone)


def test_for_people_a_ring_is_not_lost_where_movements_end() -> None:
    many = sketches(40, 0.4, 3, haste=4.0)
    many[:, Column.BUTTON], many[:, Column.PRESS_STEP] = 1, 0
    drawn = picture(many, 120).astype(int)
    green = (drawn[..., 1] > 200) & (drawn[..., 0] < 80) & (drawn[..., 2] < 120)
    assert green[50:70, 50:70].sum() > 8
