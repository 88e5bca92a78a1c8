"""Synthetic input never reaches the judgement, is reported, and shields nobody."""

from __future__ import annotations

import numpy as np
import pytest

from agent.config.schema import CaptureSettings
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.profile import Profile
from agent.engine.scripted import ScriptedSign
from agent.runtime.pipeline.decision import Reaction, ReactionRules
from agent.runtime.pipeline.intake import StreamIntake, SyntheticInputNotice
from agent.runtime.pipeline.protection import Protection
from tests.agent.runtime.conftest import INTRUDER, Works
from tests.agent.runtime.fakes import MINUTE, SECOND, clicks

HAND, PROGRAM = 7, 4


def intake(**capture: object) -> StreamIntake:
    return StreamIntake(CaptureSettings(**capture), "ada")  # type: ignore[arg-type]


def test_a_test_display_is_exempted_only_when_told_so() -> None:
    programs = clicks(4, synthetic=True)
    assert intake(trust_synthetic=True).filter([programs]) == ([programs], [])
    passed, notices = intake().filter([programs])
    assert [item.cause for item in passed if isinstance(item, Boundary)] == [Cause.SYNTHETIC]
    assert [notice.subject for notice in notices] == [Cause.SYNTHETIC]
    assert "A program moves the mouse" in notices[0].message


def test_where_movement_gives_a_program_away_nothing_is_evidence() -> None:
    made = intake()
    notices: list[SyntheticInputNotice] = []
    passed: list[StreamItem] = []
    for n in range(30):
        x, t_ns = 50.0 + n % 2, np.array([n * 10_000_000_000], np.int64)
        move = EventBatch.of(
            t_ns, np.array([x]), np.array([9.0]), np.zeros(1, np.uint8), np.zeros(1, np.uint8)
        )
        items, reported = made.filter([move])
        passed += items
        notices += reported
    assert {notice.subject for notice in notices} == {ScriptedSign.PERIODIC}
    assert any(isinstance(item, Boundary) and item.cause is Cause.SYNTHETIC for item in passed)


def nudged(events: EventBatch, source: int) -> EventBatch:
    """The same hand, while a program moves the pointer to and fro by one pixel five times a second."""
    first_ns, last_ns = int(events.t_ns[0]), int(events.t_ns[-1])
    nudges_ns = np.arange(first_ns + SECOND // 10, last_ns, SECOND // 5, dtype=np.int64)
    t_ns = np.concatenate([events.t_ns, nudges_ns])
    order = np.argsort(t_ns, kind="stable")
    synthetic = np.concatenate([np.zeros(len(events), np.bool_), np.ones(len(nudges_ns), np.bool_)])[order]
    step = np.where(np.arange(len(nudges_ns)) % 2 == 0, 1.0, -1.0)
    shift = np.concatenate([np.zeros(len(events)), step])[order].cumsum()
    # What the hand's own events show of its position, and at a nudge the position of the event before.
    hand = np.maximum.accumulate(np.where(~synthetic, np.cumsum(~synthetic) - 1, 0))
    first = np.zeros(len(nudges_ns), np.uint8)
    return EventBatch(
        t_ns[order],
        events.x[hand] + shift,
        events.y[hand],
        np.concatenate([events.kind, first])[order],
        np.concatenate([events.button, first])[order],
        np.where(synthetic, source, HAND).astype(np.int16),
        synthetic,
    )


def from_hand(events: EventBatch) -> EventBatch:
    source = np.full(len(events), HAND, np.int16)
    return EventBatch(events.t_ns, events.x, events.y, events.kind, events.button, source, events.synthetic)


def locked_after_s(profile: Profile, made: StreamIntake, events: EventBatch) -> float | None:
    """Seconds until this stream would be locked; None if it never is. In batches of a tenth of a second."""
    protection = Protection(profile, ReactionRules(may_lock=True))
    start_ns = int(events.t_ns[0])
    edges = np.searchsorted(events.t_ns, np.arange(start_ns, int(events.t_ns[-1]), SECOND // 10))
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        passed, _ = made.filter([events[start:end]] if end > start else [])
        for item in passed:
            for judgement, reaction in protection.feed(item):
                if reaction is Reaction.LOCK:
                    return (judgement.t_ns - start_ns) / 1e9
    return None


def test_nudging_the_pointer_shields_no_intruder(owners_profile: Profile, works: Works) -> None:
    events = from_hand(works(INTRUDER, 5, seconds=60.0))
    alone_s = locked_after_s(owners_profile, intake(), events)
    assert alone_s is not None
    shielded = nudged(events, PROGRAM)
    assert shielded.synthetic.sum() > 250
    assert locked_after_s(owners_profile, intake(), shielded) == pytest.approx(alone_s)


@pytest.mark.parametrize("source", [HAND, -1])
def test_nudging_from_the_hands_own_device_spoils_its_actions_and_adds_to_the_balance(
    owners_profile: Profile, works: Works, source: int
) -> None:
    made = intake()
    events = nudged(from_hand(works(INTRUDER, 5, seconds=60.0)), source)
    locked_after_s(owners_profile, made, events)
    assert made.use.balance_ns > 0.8 * MINUTE


def test_while_nothing_passes_the_balance_stands_still() -> None:
    made = intake()
    for n in range(100):
        made.filter([clicks(1, n * SECOND, source=PROGRAM, synthetic=True)], counts=False)
    assert made.use.balance_ns == 0


@pytest.mark.parametrize(
    ("names", "allowed"), [(("ada",), True), (("*",), True), (("bob",), False), ((), False)]
)
def test_policy_names_whose_synthetic_input_is_expected(names: tuple[str, ...], allowed: bool) -> None:
    made = intake(synthetic_allowed_for=names)
    passed, notices = made.filter([clicks(3, source=PROGRAM, synthetic=True)])
    assert made.allowed is allowed
    assert bool(notices) is not allowed
    assert not any(isinstance(item, EventBatch) for item in passed), "it is not judged either"
