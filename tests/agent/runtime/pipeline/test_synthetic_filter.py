"""A program's events leave the stream; where they can be separated, the hand's movement is as if they had not been."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.events import UNKNOWN_SOURCE, Boundary, Button, Cause, EventBatch, EventKind, StreamItem
from agent.runtime.pipeline.synthetic_filter import SyntheticFilter
from tests.agent.runtime.fakes import clicks

HAND, PROGRAM = 7, 4
MOVE, DRAG, PRESS, RELEASE = EventKind.MOVE, EventKind.DRAG, EventKind.PRESS, EventKind.RELEASE

Step = tuple[int, int, bool]
steps = st.lists(
    st.tuples(st.integers(-20, 20), st.integers(-20, 20), st.booleans()), min_size=1, max_size=40
)


def stream(moves: list[Step], program: int) -> tuple[EventBatch, EventBatch]:
    """What the display server reports of both movers, and what the hand alone would have made."""
    x = y = hand_x = hand_y = 500.0
    seen, alone = [], []
    for n, (dx, dy, synthetic) in enumerate(moves):
        x, y = x + dx, y + dy
        seen.append((n, x, y, int(MOVE), 0, program if synthetic else HAND, synthetic))
        if not synthetic:
            hand_x, hand_y = hand_x + dx, hand_y + dy
            alone.append((n, hand_x, hand_y, int(MOVE), 0, HAND, False))
    return batch(seen), batch(alone)


def batch(rows: list[tuple[int, float, float, int, int, int, bool]]) -> EventBatch:
    if not rows:
        return EventBatch.empty()
    t, x, y, kind, button, source, synthetic = zip(*rows, strict=True)
    return EventBatch(
        np.array(t, np.int64),
        np.array(x, np.float64),
        np.array(y, np.float64),
        np.array(kind, np.uint8),
        np.array(button, np.uint8),
        np.array(source, np.int16),
        np.array(synthetic, np.bool_),
    )


def started(at: tuple[float, float] = (500.0, 500.0)) -> SyntheticFilter:
    """A filter that has seen the hand once."""
    made = SyntheticFilter()
    made.feed(batch([(-1, *at, int(MOVE), 0, HAND, False)]))
    return made


def events(items: list[StreamItem]) -> EventBatch:
    return EventBatch.concat(item for item in items if isinstance(item, EventBatch))


@given(steps, st.integers(1, 40))
def test_a_device_of_its_own_leaves_the_hands_movement_as_it_was(moves: list[Step], split: int) -> None:
    seen, alone = stream(moves, PROGRAM)
    made = started()
    passed: list[StreamItem] = []
    for part in (seen[:split], seen[split:]):
        if len(part):
            passed += made.feed(part).items
    assert not any(isinstance(item, Boundary) for item in passed)
    left = events(passed)
    assert left.t_ns.tolist() == alone.t_ns.tolist()
    assert (left.x.tolist(), left.y.tolist()) == (alone.x.tolist(), alone.y.tolist())


@given(steps, st.sampled_from([HAND, UNKNOWN_SOURCE]))
def test_what_cannot_be_separated_is_cut_out_with_a_boundary(moves: list[Step], program: int) -> None:
    seen, alone = stream(moves, program)
    filtered = started().feed(seen)
    assert events(list(filtered.items)).t_ns.tolist() == alone.t_ns.tolist()
    count = sum(synthetic for _, _, synthetic in moves)
    assert (filtered.synthetic, filtered.unseparated) == (count, count)
    for before, after in pairwise(filtered.items):
        assert isinstance(before, Boundary) != isinstance(after, Boundary)
    boundaries = [item for item in filtered.items if isinstance(item, Boundary)]
    assert len(boundaries) == sum(s and (n == 0 or not moves[n - 1][2]) for n, (_, _, s) in enumerate(moves))
    assert all(boundary.cause is Cause.SYNTHETIC for boundary in boundaries)


def test_a_clean_batch_passes_as_it_is() -> None:
    clean = clicks(2, source=HAND)
    (passed,) = SyntheticFilter().feed(clean).items
    assert passed is clean


def test_nothing_is_restored_across_a_boundary() -> None:
    made = started()
    made.feed(batch([(0, 600.0, 500.0, int(MOVE), 0, PROGRAM, True)]))
    (shifted,) = made.feed(batch([(1, 610.0, 500.0, int(MOVE), 0, HAND, False)])).items
    assert isinstance(shifted, EventBatch)
    assert shifted.x.tolist() == [510.0]
    gap = Boundary(2, Cause.GAP)
    assert made.feed(gap).items == (gap,)
    (plain,) = made.feed(batch([(3, 620.0, 500.0, int(MOVE), 0, HAND, False)])).items
    assert isinstance(plain, EventBatch)
    assert plain.x.tolist() == [620.0]


def test_a_button_that_a_program_holds_makes_no_drag_of_the_hands_movement() -> None:
    made = started()
    left = int(Button.LEFT)
    made.feed(batch([(0, 500.0, 500.0, int(PRESS), left, PROGRAM, True)]))
    rows = [(n, 500.0 + n, 500.0, int(DRAG), 0, HAND, False) for n in (1, 2)]
    rows += [(3, 502.0, 500.0, int(PRESS), left, HAND, False), (4, 503.0, 500.0, int(DRAG), 0, HAND, False)]
    (passed,) = made.feed(batch(rows)).items
    assert isinstance(passed, EventBatch)
    assert passed.kind.tolist() == [MOVE, MOVE, PRESS, DRAG], "the hand's own drag stays one"
    made.feed(batch([(5, 503.0, 500.0, int(RELEASE), left, PROGRAM, True)]))
    (later,) = made.feed(batch([(6, 504.0, 500.0, int(DRAG), 0, HAND, False)])).items
    assert isinstance(later, EventBatch)
    assert later.kind.tolist() == [DRAG]


def test_a_device_that_a_hand_has_used_is_not_a_programs() -> None:
    made = started()
    filtered = made.feed(batch([(0, 501.0, 500.0, int(MOVE), 0, HAND, True)]))
    assert filtered.unseparated == 1
