"""Programs at the mouse: what gives them away, and that hands are not taken for them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.demo.synthesis import Screen, office, person, work
from agent.engine.events import Boundary, Cause, EventBatch, EventKind, StreamItem
from agent.engine.scripted import JIGGLES, LEAST_SIGNS, ScriptedMovement, ScriptedSign

MS = 1_000_000
SECOND = 1_000_000_000


def path(points: np.ndarray, start_ns: int = 0, step_ms: float = 8.0, jitter: float = 0.0) -> EventBatch:
    rng = np.random.default_rng(len(points) + start_ns // MS)
    gaps = np.full(len(points), step_ms) + jitter * rng.standard_normal(len(points))
    t_ns = start_ns + (np.cumsum(np.maximum(gaps, 0.1)) * MS).astype(np.int64)
    n = len(points)
    x, y = np.round(points).T
    return EventBatch.of(t_ns, x, y, np.full(n, EventKind.MOVE, np.uint8), np.zeros(n, np.uint8))


def line(ends: tuple[float, float], n: int = 40) -> np.ndarray:
    return np.linspace((100.0, 100.0), ends, n)


def eased(ends: tuple[float, float], n: int = 40) -> np.ndarray:
    share = (1 - np.cos(np.linspace(0, np.pi, n)))[:, None] / 2
    return np.array([[100.0, 100.0]]) + share * (np.array([ends]) - 100.0)


def circle(n: int = 200) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, n)
    return 400 + 200 * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def wobbly(seed: int, n: int = 40) -> np.ndarray:
    """A curved path that no other seed makes."""
    rng = np.random.default_rng(seed)
    return eased((600.0, 400.0), n) + np.cumsum(rng.normal(0, 1.5, (n, 2)), axis=0)


def signs(items: list[StreamItem]) -> list[ScriptedSign]:
    watch = ScriptedMovement()
    return [suspicion.sign for item in items for suspicion in watch.feed(item)]


def one_after_the_other(make: Callable[[int], np.ndarray], count: int) -> list[StreamItem]:
    return [path(make(n), n * 5 * SECOND) for n in range(count)] + [Boundary(10**13, Cause.GAP)]


def test_a_pointer_that_is_slid_along_lines_is_told() -> None:
    found = signs(one_after_the_other(lambda n: line((500.0 + 10 * n, 400.0)), LEAST_SIGNS + 1))
    assert set(found) >= {ScriptedSign.STRAIGHT, ScriptedSign.EVEN}


def test_easing_does_not_hide_a_ruler() -> None:
    found = signs(one_after_the_other(lambda n: eased((500.0 + 10 * n, 400.0 - 5 * n)), LEAST_SIGNS))
    assert found == [ScriptedSign.STRAIGHT]


def test_circles_of_even_speed_are_told() -> None:
    assert ScriptedSign.EVEN in signs(one_after_the_other(lambda n: circle(), LEAST_SIGNS))


def test_a_recording_played_again_is_told_whatever_its_timing_and_place() -> None:
    items: list[StreamItem] = [path(wobbly(n), n * 5 * SECOND) for n in range(6)]
    assert signs(items) == []
    again = [path(wobbly(n) + 30.0, (100 + n * 5) * SECOND, 9.0, 0.5) for n in range(6)]
    assert ScriptedSign.REPEATED in signs([*items, *again, Boundary(10**13, Cause.GAP)])


@pytest.mark.parametrize("pixels", [1, 4])
def test_a_jiggler_is_told_by_its_clock(pixels: int) -> None:
    def at(n: int) -> EventBatch:
        x = 100.0 + pixels * (n % 2)
        return path(np.array([[x, 100.0]]), n * 30 * SECOND + n % 3 * 5 * MS)

    assert signs([at(n) for n in range(JIGGLES + 1)]) == [ScriptedSign.PERIODIC]
    irregular = [
        at(n) if n % 2 else path(np.array([[90.0, 90.0]]), n * 30 * SECOND + 9 * SECOND) for n in range(40)
    ]
    assert signs(list(irregular)) == []


@pytest.mark.parametrize("who", range(6))
def test_a_hand_is_not_taken_for_a_program(who: int) -> None:
    found = signs(
        [*work(person(who), office(Screen(0, 0, 1280, 800)), who, actions=600), Boundary(10**15, Cause.GAP)]
    )
    assert found == []


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 2000), max_size=30))
def test_any_split_gives_the_same(cuts: list[int]) -> None:
    whole = EventBatch.concat(
        [path(line((500.0 + n, 400.0 + n)), n * 3 * SECOND) for n in range(10)]
        + [path(circle(300), 40 * SECOND), path(wobbly(3), 50 * SECOND), path(wobbly(3), 60 * SECOND)]
        + [path(wobbly(5), 70 * SECOND), path(wobbly(5), 80 * SECOND)]
    )
    edges = sorted({0, len(whole), *(cut % len(whole) for cut in cuts)})
    parts = [whole[a:b] for a, b in pairwise(edges)]
    end = Boundary(10**13, Cause.GAP)
    assert signs([*parts, end]) == signs([whole, end])
    assert ScriptedSign.REPEATED in signs([whole, end])
