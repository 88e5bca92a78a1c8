"""The ring: order, overflow, clock steps, and when it wakes the worker."""

from __future__ import annotations

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.events import Boundary, Cause, EventBatch, EventKind
from agent.host.ring import Ring

MOVE, PRESS = EventKind.MOVE, EventKind.PRESS


def fill(ring: Ring, times: list[int]) -> None:
    for t_ns in times:
        ring.append(t_ns, t_ns * 2.0, -1.0, MOVE, 0)


def test_events_come_out_in_order_with_their_types() -> None:
    ring = Ring()
    ring.append(5, 1.0, -2.0, PRESS, 3, 7, True)
    ring.append(6, 1.5, -2.0, MOVE, 0)
    (batch,) = ring.drain()
    assert isinstance(batch, EventBatch)
    assert batch.t_ns.dtype == np.int64
    assert [getattr(batch, name)[0] for name in EventBatch.__slots__] == [5, 1.0, -2.0, PRESS, 3, 7, True]
    assert batch.source[1] == -1
    assert not batch.synthetic[1]
    assert ring.drain() == []


def test_a_boundary_stays_between_the_events_that_it_cuts() -> None:
    ring = Ring()
    fill(ring, [1, 2])
    ring.put(Boundary(3, Cause.SLEEP))
    fill(ring, [4])
    before, boundary, after = ring.drain()
    assert isinstance(before, EventBatch)
    assert isinstance(after, EventBatch)
    assert before.t_ns.tolist() == [1, 2]
    assert boundary == Boundary(3, Cause.SLEEP)
    assert after.t_ns.tolist() == [4]


def test_a_full_ring_drops_the_new_and_says_so_once() -> None:
    ring = Ring(capacity=3)
    fill(ring, [1, 2, 3, 4, 5])
    kept, overflow = ring.drain()
    assert isinstance(kept, EventBatch)
    assert kept.t_ns.tolist() == [1, 2, 3]
    assert isinstance(overflow, Boundary)
    assert (overflow.cause, overflow.t_ns) == (Cause.OVERFLOW, 4)
    fill(ring, [6])
    (after,) = ring.drain()
    assert isinstance(after, EventBatch)
    assert after.t_ns.tolist() == [6]


def test_a_step_back_in_time_is_cut_within_a_drain_and_between_two() -> None:
    ring = Ring()
    fill(ring, [10_000_000, 4_000_000])
    first, step, second = ring.drain()
    assert isinstance(step, Boundary)
    assert (step.cause, step.detail) == (Cause.CLOCK_STEP, "6 ms back")
    assert isinstance(first, EventBatch)
    assert isinstance(second, EventBatch)
    fill(ring, [1_000_000])
    again, _ = ring.drain()
    assert isinstance(again, Boundary)
    assert again.cause is Cause.CLOCK_STEP


def test_after_a_boundary_time_may_begin_anew() -> None:
    ring = Ring()
    fill(ring, [10])
    ring.drain()
    ring.put(Boundary(11, Cause.CAPTURE_RESTARTED))
    fill(ring, [5])
    boundary, batch = ring.drain()
    assert isinstance(boundary, Boundary)
    assert isinstance(batch, EventBatch)


def test_a_resting_worker_wakes_for_anything_a_busy_one_for_clicks_and_boundaries_only() -> None:
    ring = Ring()
    assert not ring.wait(0, resting=True)
    fill(ring, [1])
    assert ring.wait(0, resting=True)
    ring.drain()
    fill(ring, [2])
    assert not ring.wait(0, resting=False)
    ring.append(3, 0, 0, PRESS, 1)
    assert ring.wait(0, resting=False)
    ring.put(Boundary(4, Cause.SLEEP))
    assert ring.wait(0, resting=False)
    ring.wake()
    assert ring.wait(0, resting=False)


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 20))
def test_every_batch_is_sorted_and_nothing_gets_lost(times: list[int], portion: int) -> None:
    ring, seen = Ring(), []
    for start in range(0, len(times), portion):
        fill(ring, times[start : start + portion])
        for item in ring.drain():
            if isinstance(item, EventBatch):
                assert (np.diff(item.t_ns) >= 0).all()
                seen += item.t_ns.tolist()
    assert seen == times


def test_a_worker_that_drains_while_events_come_loses_none() -> None:
    ring, seen = Ring(), 0
    writer = threading.Thread(target=fill, args=(ring, list(range(20_000))))
    writer.start()
    while writer.is_alive() or len(ring):
        seen += sum(len(item) for item in ring.drain() if isinstance(item, EventBatch))
    assert seen == 20_000
