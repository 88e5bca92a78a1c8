"""Re-timing by hand: the last move of a bin at its end, clicks where they were."""

from __future__ import annotations

import numpy as np
import pytest

from agent.engine.events import Boundary, Cause, EventBatch, EventKind
from enroll.background.retiming import retimed

MOVE, DRAG, PRESS = EventKind.MOVE, EventKind.DRAG, EventKind.PRESS


def batch(*events: tuple[int, int, EventKind]) -> EventBatch:
    times, places, kinds = (np.array(column) for column in zip(*events, strict=True))
    count = len(times)
    return EventBatch.of(
        times.astype(np.int64),
        places.astype(np.float64),
        np.zeros(count),
        kinds.astype(np.uint8),
        np.zeros(count, np.uint8),
    )


def seen(*entries: EventBatch | Boundary, phase: int = 0) -> list[tuple[int, int]]:
    return [
        (int(t), int(x))
        for entry in retimed(entries, 10, phase)
        if isinstance(entry, EventBatch)
        for t, x in zip(entry.t_ns, entry.x, strict=True)
    ]


def test_the_last_move_of_a_bin_is_reported_at_its_end() -> None:
    assert seen(batch((1, 1, MOVE), (4, 2, MOVE), (9, 3, DRAG), (23, 4, MOVE))) == [(10, 3), (30, 4)]


def test_a_click_keeps_its_time_and_drops_the_move_that_was_pending() -> None:
    assert seen(batch((1, 1, MOVE), (4, 2, PRESS), (12, 3, MOVE))) == [(4, 2), (20, 3)]
    # A move after the click, in the same bin, is pending again.
    assert seen(batch((1, 1, MOVE), (4, 2, PRESS), (7, 3, DRAG))) == [(4, 2), (10, 3)]


def test_bins_begin_at_the_phase() -> None:
    assert seen(batch((1, 1, MOVE), (4, 2, MOVE), (9, 3, MOVE)), phase=3) == [(3, 1), (13, 3)]


def test_bins_go_on_over_batches_and_end_at_a_boundary() -> None:
    first, second = batch((1, 1, MOVE), (4, 2, MOVE)), batch((8, 3, MOVE))
    assert seen(first, second) == [(10, 3)]
    entries = list(retimed([first, Boundary(Cause.SCREEN_LOCKED, 5), second], 10, 0))
    assert [type(entry) for entry in entries] == [EventBatch, Boundary, EventBatch]


@pytest.mark.parametrize("seed", range(3))
def test_times_never_run_backwards_and_no_click_is_lost(seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = np.sort(rng.integers(0, 2_000, 500))
    kinds = rng.choice([MOVE, DRAG, PRESS], 500)
    (out,) = retimed([batch(*zip(times, range(500), kinds, strict=True))], 10, 4)  # type: ignore[arg-type]
    assert isinstance(out, EventBatch)
    assert (np.diff(out.t_ns) >= 0).all()
    assert np.count_nonzero(out.kind == PRESS) == np.count_nonzero(kinds == PRESS)
    moves = out.t_ns[out.kind != PRESS]
    assert len(np.unique(moves)) == len(moves)
    assert ((moves - 4) % 10 == 0).all()
