"""Sketches: what is left of a path, however the stream is split."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from _fastfeat import ActionKind, ActionRows
from agent.demo.synthesis import Screen, office, person, work
from agent.engine.events import Boundary, Cause, EventBatch, EventKind
from agent.engine.row_stream import RowStream, rows_of
from agent.engine.sketch import HEAD, STEPS, WIDTH, Column, SketchedRows, steps_of

MS = 1_000_000


def moves(*points: tuple[int, float, float], kind: int = EventKind.MOVE, button: int = 0) -> EventBatch:
    t, x, y = (np.array(column) for column in zip(*points, strict=True))
    n = len(t)
    return EventBatch.of(
        t.astype(np.int64) * MS,
        x.astype(float),
        y.astype(float),
        np.full(n, kind, np.uint8),
        np.full(n, button, np.uint8),
    )


def sketch_of(*items: EventBatch | Boundary) -> np.ndarray:
    rows = rows_of(items, sketched=True)
    assert isinstance(rows, SketchedRows)
    return rows.sketches


LINE = moves(*((1000 + 10 * i, 100.0 + 4 * i, 200.0 - 2 * i) for i in range(41)))


def test_a_straight_line_is_even_steps_that_end_where_it_ended() -> None:
    told = sketch_of(LINE)
    dx, dy, there = steps_of(told)
    assert told.shape == (1, WIDTH)
    assert there.sum() == told[0, Column.COUNT] == 8
    assert dx[0, :8] == pytest.approx(20.0)
    assert dy[0, :8] == pytest.approx(-10.0)
    assert not dx[0, 8:].any()
    assert told[0, Column.DURATION_S] == pytest.approx(0.4)
    assert told[0, Column.SINCE_S] == -1.0


def test_place_and_clock_leave_no_trace() -> None:
    elsewhere = EventBatch.of(LINE.t_ns + 10**12, LINE.x + 500.0, LINE.y - 70.0, LINE.kind, LINE.button)
    assert np.allclose(sketch_of(elsewhere), sketch_of(LINE), atol=1e-4)


def test_a_seldom_reporting_mouse_says_nearly_the_same() -> None:
    seldom = EventBatch(*(getattr(LINE, name)[::8].copy() for name in LINE.__slots__))
    assert np.allclose(steps_of(sketch_of(seldom))[0], steps_of(sketch_of(LINE))[0], atol=1e-3)


def test_of_a_long_movement_the_end_is_kept() -> None:
    long = moves(*((10 * i, float(i), 0.0) for i in range(400)))
    told = sketch_of(long)
    assert told[0, Column.COUNT] == STEPS
    assert told[0, HEAD : HEAD + STEPS].sum() == pytest.approx(120.0)


def test_a_click_has_its_button_and_its_place_in_time() -> None:
    press = moves((1460, 260.0, 120.0), kind=EventKind.PRESS, button=3)
    release = moves((1520, 260.0, 120.0), kind=EventKind.RELEASE, button=3)
    told = sketch_of(LINE, press, release)
    assert told[0, Column.KIND] == ActionKind.PC
    assert told[0, Column.BUTTON] == 3
    assert told[0, Column.HOLD_S] == pytest.approx(0.06)
    assert told[0, Column.PRESS_STEP] == 1


def test_scrolling_has_no_path() -> None:
    ticks = moves(*((100 * i, 5.0 * i, 0.0) for i in range(5)), kind=EventKind.SCROLL, button=5)
    told = sketch_of(ticks)
    assert told[0, Column.KIND] == ActionKind.SCROLL
    assert not told[0, Column.COUNT :].any()


def test_what_was_lost_is_not_bridged() -> None:
    later = EventBatch.of(LINE.t_ns + 3 * 10**9, LINE.x, LINE.y, LINE.kind, LINE.button)
    through = sketch_of(LINE, later)
    cut = sketch_of(LINE, Boundary(int(LINE.t_ns[-1]) + 1, Cause.OVERFLOW), later)
    assert through[1, Column.SINCE_S] == pytest.approx(3.0)
    assert len(cut) == 1
    assert cut[0, Column.SINCE_S] == -1.0


def test_any_split_gives_the_same_sketches() -> None:
    batch = EventBatch.concat(work(person(1), office(Screen(0, 0, 1920, 1080)), 4, actions=60))
    whole = sketch_of(batch)
    rng = np.random.default_rng(1)
    stream, parts = RowStream(sketched=True), []
    cuts = [0, *np.sort(rng.integers(0, len(batch), 400)).tolist(), len(batch)]
    for a, b in pairwise(cuts):
        parts += stream.feed(batch[a:b])
    split = ActionRows.concat([p for p in (*parts, stream.flush()) if isinstance(p, ActionRows)])
    assert isinstance(split, SketchedRows)
    assert len(whole) > 30
    assert np.array_equal(split.sketches, whole)
    assert np.array_equal(split[3:9].sketches, whole[3:9])
