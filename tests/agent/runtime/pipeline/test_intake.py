"""Synthetic input never reaches the judgement."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.scripted import ScriptedSign
from agent.runtime.pipeline.intake import Intake, SyntheticInputNotice, without_synthetic
from tests.agent.runtime.fakes import clicks


def batch(synthetic: list[bool]) -> EventBatch:
    n = len(synthetic)
    return EventBatch(
        np.arange(n, dtype=np.int64),
        np.arange(n, dtype=np.float64),
        np.zeros(n),
        np.zeros(n, np.uint8),
        np.zeros(n, np.uint8),
        np.zeros(n, np.int16),
        np.array(synthetic, np.bool_),
    )


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_what_a_hand_did_passes_and_nothing_else(synthetic: list[bool]) -> None:
    kept, count = without_synthetic([batch(synthetic)])
    events = EventBatch.concat(item for item in kept if isinstance(item, EventBatch))
    assert list(events.t_ns) == [t for t, flag in enumerate(synthetic) if not flag]
    assert count == sum(synthetic)
    assert not events.synthetic.any()


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_movements_on_both_sides_of_a_program_are_not_joined(synthetic: list[bool]) -> None:
    kept, _ = without_synthetic([batch(synthetic)])
    for before, after in pairwise(kept):
        assert isinstance(before, Boundary) != isinstance(after, Boundary)
    boundaries = [item for item in kept if isinstance(item, Boundary)]
    assert all(boundary.cause is Cause.SYNTHETIC for boundary in boundaries)


def test_a_clean_batch_passes_as_it_is() -> None:
    clean = batch([False, False])
    assert without_synthetic([clean]) == ([clean], 0)


def test_a_test_display_is_exempted_only_when_told_so() -> None:
    programs = clicks(4, synthetic=True)
    assert Intake(trusts_synthetic=True).filter([programs]) == ([programs], [])
    kept, notices = Intake(trusts_synthetic=False).filter([programs])
    assert [item.cause for item in kept if isinstance(item, Boundary)] == [Cause.SYNTHETIC]
    assert [notice.subject for notice in notices] == [Cause.SYNTHETIC]
    assert "A program moves the mouse" in notices[0].message


def test_where_movement_gives_a_program_away_nothing_is_evidence() -> None:
    intake = Intake(trusts_synthetic=False)
    notices: list[SyntheticInputNotice] = []
    kept: list[StreamItem] = []
    for n in range(30):
        x, t_ns = 50.0 + n % 2, np.array([n * 10_000_000_000], np.int64)
        move = EventBatch.of(
            t_ns, np.array([x]), np.array([9.0]), np.zeros(1, np.uint8), np.zeros(1, np.uint8)
        )
        items, told = intake.filter([move])
        kept += items
        notices += told
    assert {notice.subject for notice in notices} == {ScriptedSign.PERIODIC}
    assert any(isinstance(item, Boundary) and item.cause is Cause.SYNTHETIC for item in kept)
