"""The generator: deterministic, deliverable by X, human in its speed profiles, and personal."""

from __future__ import annotations

from dataclasses import fields
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.demo.synthesis import (
    Desk,
    Doing,
    Hand,
    Screen,
    Target,
    office,
    person,
    stroke,
    today,
    trace,
    work,
)
from agent.engine.events import Button, EventBatch, EventKind

ONE = Screen(0, 0, 1280, 800)
DESK = office(ONE)
BUTTONS = (EventKind.PRESS, EventKind.RELEASE)


def session(who: int, seed: int, desk: Desk = DESK, actions: int = 120) -> EventBatch:
    return EventBatch.concat(work(person(who), desk, seed, actions=actions))


def same(a: EventBatch, b: EventBatch) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in EventBatch.__slots__)


def clicks(events: EventBatch) -> NDArray[np.float64]:
    """Of each click the logs of hold, settle, duration and peak speed of the way to it, shape (n, 4)."""
    rows = []
    t = events.t_ns / 1e6
    for press in np.flatnonzero(events.kind == EventKind.PRESS):
        before = press
        while before > 0 and events.kind[before - 1] == EventKind.MOVE and t[before] - t[before - 1] < 150:
            before -= 1
        way = slice(before, press)
        if press - before < 8 or press + 1 >= len(t) or events.kind[press + 1] != EventKind.RELEASE:
            continue
        step = np.hypot(np.diff(events.x[way]), np.diff(events.y[way])) / np.maximum(np.diff(t[way]), 4)
        settle = t[press] - t[press - 1]
        rows.append((t[press + 1] - t[press], settle + 8, t[press - 1] - t[before], step.max()))
    return np.log(np.array(rows))


@pytest.fixture(scope="module")
def people() -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Two sessions each of sixteen people."""
    return [(clicks(session(who, 100 + who)), clicks(session(who, 300 + who))) for who in range(16)]


def test_the_same_seeds_give_the_same_events() -> None:
    assert same(session(1, 2), session(1, 2))
    assert not same(session(1, 2), session(1, 3))
    assert not same(session(1, 2), session(2, 2))


def test_events_are_what_x_can_deliver() -> None:
    events = session(3, 4)
    assert np.all(np.diff(events.t_ns) >= 0)
    assert np.all(events.t_ns % 1_000_000 == 0)
    assert np.array_equal(events.x, np.round(events.x))
    assert np.array_equal(events.y, np.round(events.y))
    assert events.x.min() >= 0
    assert events.x.max() <= 1279
    assert events.y.min() >= 0
    assert events.y.max() <= 799
    moved = np.flatnonzero(np.isin(events.kind[1:], (EventKind.MOVE, EventKind.DRAG))) + 1
    assert np.all((np.diff(events.x)[moved - 1] != 0) | (np.diff(events.y)[moved - 1] != 0))
    between = np.diff(events.t_ns[np.isin(events.kind, (EventKind.MOVE, EventKind.DRAG))]) / 1e6
    assert np.median(between) == 8.0
    assert np.mean(np.abs(between[between < 12] - 8) <= 1) > 0.99


def test_stamps_begin_where_they_are_told() -> None:
    events = EventBatch.concat(work(person(1), DESK, 2, actions=3, start_ns=5_000_000_123))
    later = events.t_ns - session(1, 2, actions=3).t_ns
    assert set(later.tolist()) == {5_000_000_000}


@pytest.mark.parametrize("rate_hz", [125, 500, 1000])
def test_the_report_rate_is_kept(rate_hz: int) -> None:
    desk = Desk((ONE,), DESK.targets, report_ms=1000 / rate_hz, jitter_ms=0.0)
    events = session(5, 6, desk, actions=20)
    between = np.diff(events.t_ns[events.kind == EventKind.MOVE]) / 1e6
    assert np.median(between[between < 20]) == 1000 / rate_hz


def test_several_screens_with_negative_coordinates() -> None:
    left = Screen(-1920, -200, 1920, 1080)
    events = session(7, 8, office(left, ONE))
    on_left = (events.x < 0) & (events.x >= -1920) & (events.y >= -200) & (events.y < 880)
    on_first = (events.x >= 0) & (events.x < 1280) & (events.y >= 0) & (events.y < 800)
    assert on_left.any()
    assert on_first.any()
    assert np.all(on_left | on_first)
    assert events.y[on_left].min() < 0


def test_buttons_pair_and_the_kind_says_what_is_held() -> None:
    events = session(9, 10, actions=200)
    held = 0
    for kind, button in zip(events.kind.tolist(), events.button.tolist(), strict=True):
        if kind == EventKind.PRESS:
            assert held == 0
            held = button
        elif kind == EventKind.RELEASE:
            assert button == held
            held = 0
        elif kind in (EventKind.MOVE, EventKind.DRAG):
            assert (kind == EventKind.DRAG) == (held != 0)
            assert button == held
        else:
            assert button in (Button.SCROLL_UP, Button.SCROLL_DOWN)
    assert held == 0


def test_every_batch_is_one_thing_done() -> None:
    batches = list(work(person(1), DESK, 2, actions=80))
    assert len(batches) == 80
    only = Desk((ONE,), DESK.targets, habits=((Doing.CLICK, 1.0),))
    for batch in work(person(1), only, 3, actions=30):
        assert np.sum(batch.kind == EventKind.PRESS) == 1
        assert batch.kind[-1] == EventKind.RELEASE
    double = Desk((ONE,), DESK.targets, habits=((Doing.DOUBLE_CLICK, 1.0),))
    for batch in work(person(1), double, 3, actions=10):
        presses = batch.t_ns[batch.kind == EventKind.PRESS]
        assert len(presses) == 2
        assert np.diff(presses)[0] < 700e6


def test_seconds_end_a_session_and_pace_hurries_it() -> None:
    calm = EventBatch.concat(work(person(1), DESK, 2, seconds=60))
    assert 40e9 < calm.t_ns[-1] < 75e9
    hurried = list(work(person(1), office(ONE, pace=0.2), 2, seconds=60))
    assert len(hurried) > 1.2 * len(list(work(person(1), DESK, 2, seconds=60)))


def test_the_same_seed_asks_everybody_the_same() -> None:
    only = Desk((ONE,), DESK.targets, habits=((Doing.CLICK, 1.0),))
    ends = [np.array([(b.x[-1], b.y[-1]) for b in work(person(who), only, 11, actions=30)]) for who in (1, 2)]
    assert np.median(np.hypot(*(ends[0] - ends[1]).T)) < 60
    assert not np.array_equal(*ends)


def test_clicks_hit_their_targets() -> None:
    one = Target(600, 400, 80, 30, (Doing.CLICK,))
    other = Target(100, 100, 80, 30, (Doing.CLICK,))
    desk = Desk((ONE,), (one, other), habits=((Doing.CLICK, 1.0),))
    hits = [
        any(t.left - 3 <= b.x[-1] <= t.left + 83 and t.top - 3 <= b.y[-1] <= t.top + 33 for t in (one, other))
        for b in work(person(4), desk, 5, actions=60)
    ]
    assert np.mean(hits) > 0.85


def test_strokes_have_the_lognormal_speed_profile() -> None:
    t = np.arange(-100.0, 900.0, 0.5)
    one = stroke(0.0, 600.0, 0.3, (300.0, 400.0), 0.5)
    way = trace([one], t)
    assert np.allclose(way[-1], (300, 400), atol=5)
    speed = np.hypot(*np.diff(way, axis=0).T) / 0.5
    mid = t[1:] - 0.25 - one.t0_ms
    with np.errstate(divide="ignore", invalid="ignore"):
        formula = np.exp(-((np.log(mid) - one.mu) ** 2) / (2 * one.sigma**2)) / (
            mid * one.sigma * np.sqrt(2 * np.pi)
        )
    assert np.allclose(speed, one.length_px * np.nan_to_num(formula), atol=1e-3 * speed.max())
    assert np.trapezoid(speed, dx=0.5) == pytest.approx(one.length_px, rel=0.01)
    assert 0.1 < t[speed.argmax()] / 600 < 0.45, "the peak comes early"


def test_generated_movements_are_bell_shaped_and_skewed() -> None:
    only = Desk((ONE,), DESK.targets, habits=((Doing.CLICK, 1.0),), jitter_ms=0.0)
    early, ends = [], []
    for batch in work(person(6), only, 7, actions=80):
        way = batch[: int(np.argmax(batch.kind == EventKind.PRESS))]
        if len(way) < 20:
            continue
        speed = np.hypot(np.diff(way.x), np.diff(way.y)) / np.maximum(np.diff(way.t_ns) / 1e6, 1)
        smooth = np.convolve(speed, np.ones(5) / 5, "same")
        early.append(smooth.argmax() / len(smooth))
        ends.append(max(smooth[0], smooth[-1]) / smooth.max())
    assert np.median(early) < 0.45
    assert np.median(ends) < 0.3


def test_people_differ_as_real_people_do(people: list[tuple[NDArray[np.float64], ...]]) -> None:
    """Two random people of SapiMouse lie 0.81, 0.64, 0.49 and 0.38 apart in these four (see `hand`)."""
    apart = [
        np.abs(a.mean(0) - b.mean(0)) / np.sqrt((a.var(0) + b.var(0)) / 2)
        for (a, _), (b, _) in combinations(people, 2)
    ]
    hold, settle, duration, peak = np.median(apart, axis=0)
    assert 0.5 < hold < 1.4
    assert 0.3 < settle < 1.1
    assert 0.25 < duration < 0.9
    assert 0.15 < peak < 0.7


def test_one_person_differs_less_between_sessions(people: list[tuple[NDArray[np.float64], ...]]) -> None:
    own = np.mean([np.abs(a.mean(0) - b.mean(0)) for a, b in people], axis=0)
    others = np.mean([np.abs(a.mean(0) - b.mean(0)) for (a, _), (b, _) in combinations(people, 2)], axis=0)
    assert np.all(own[:3] < 0.8 * others[:3])
    assert np.all(own > 0), "nobody is the same every day"


def test_a_person_is_within_bounds_and_a_day_changes_them_little() -> None:
    for seed in range(50):
        hand = person(seed)
        day = today(hand, np.random.default_rng(seed))
        for one in fields(Hand):
            law = one.metadata["law"]
            assert law.least <= getattr(hand, one.name) <= law.most
            assert law.least <= getattr(day, one.name) <= law.most
        assert 0.5 < day.hold_ms / hand.hold_ms < 2.0
    assert len({person(seed).hold_ms for seed in range(50)}) == 50


def test_wrong_calls_say_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="ends"):
        next(work(person(1), DESK, 1))
    with pytest.raises(ValueError, match="screen"):
        office()
    with pytest.raises(ValueError, match="no target"):
        next(work(person(1), Desk((ONE,), (), habits=((Doing.CLICK, 1.0),)), 1, actions=1))
