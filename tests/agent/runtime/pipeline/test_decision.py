"""One alert and one lock for each excursion."""

from __future__ import annotations

import pytest

from agent.engine.sequential_test import Verdict
from agent.runtime.pipeline.decision import Excursion, Reaction, ReactionRules, after_lock, react

ENFORCE = ReactionRules(may_lock=True, lock_again_ns=10)
SHADOW = ReactionRules(may_lock=False)
G, S, X, N = Verdict.GENUINE, Verdict.SUSPICIOUS, Verdict.INTRUDER, Verdict.NO_EVIDENCE


def reactions(verdicts: list[Verdict], rules: ReactionRules) -> list[Reaction]:
    state, seen = Excursion(), []
    for t_ns, verdict in enumerate(verdicts):
        state, reaction = react(state, verdict, t_ns, rules)
        seen.append(reaction)
    return seen


@pytest.mark.parametrize(
    ("verdicts", "rules", "expected"),
    [
        ([G, G], ENFORCE, [Reaction.NONE] * 2),
        ([S, S, S], ENFORCE, [Reaction.ALERT_SUSPICIOUS, Reaction.NONE, Reaction.NONE]),
        ([S, X, X], ENFORCE, [Reaction.ALERT_SUSPICIOUS, Reaction.LOCK, Reaction.NONE]),
        ([S, X, X], SHADOW, [Reaction.ALERT_SUSPICIOUS, Reaction.ALERT_INTRUDER, Reaction.NONE]),
        ([X, S, X], SHADOW, [Reaction.ALERT_INTRUDER, Reaction.NONE, Reaction.NONE]),
        ([S, G, S], SHADOW, [Reaction.ALERT_SUSPICIOUS, Reaction.NONE, Reaction.ALERT_SUSPICIOUS]),
        ([N, N], ENFORCE, [Reaction.NONE] * 2),
        ([S, N, S], ENFORCE, [Reaction.ALERT_SUSPICIOUS, Reaction.NONE, Reaction.NONE]),
    ],
)
def test_reactions(verdicts: list[Verdict], rules: ReactionRules, expected: list[Reaction]) -> None:
    assert reactions(verdicts, rules) == expected


def test_a_lock_that_did_not_come_is_asked_for_again() -> None:
    seen = reactions([X] * 25, ENFORCE)
    assert [t for t, reaction in enumerate(seen) if reaction is Reaction.LOCK] == [0, 10, 20]


def test_after_a_lock_the_next_intruder_verdict_locks_at_once() -> None:
    state, first = react(Excursion(), X, 0, ENFORCE)
    _, second = react(after_lock(state), X, 1, ENFORCE)
    assert (first, second) == (Reaction.LOCK, Reaction.LOCK)


def test_by_default_the_lock_is_asked_for_again_after_fifteen_seconds() -> None:
    rules = ReactionRules(may_lock=True)
    state, _ = react(Excursion(), X, 5, rules)
    assert react(state, X, 5 + 14_999_999_999, rules)[1] is Reaction.NONE
    assert react(state, X, 5 + 15_000_000_000, rules)[1] is Reaction.LOCK


def test_what_was_done_is_remembered_until_trust_is_full() -> None:
    assert react(Excursion(), X, 3, ENFORCE)[0] == Excursion(True, True, 3)
    assert react(Excursion(), X, 3, SHADOW)[0] == Excursion(True, True, None)
    assert react(Excursion(), S, 3, SHADOW)[0] == Excursion(True, False, None)
    assert react(Excursion(True, True, 3), G, 4, ENFORCE)[0] == Excursion()
    assert after_lock(Excursion(True, True, 3)) == Excursion(True, True, None)
