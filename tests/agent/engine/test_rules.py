"""The rules: each is broken by what it is about, says so, and is kept by the owner."""

from __future__ import annotations

import numpy as np
import pytest

from agent.engine.detectors import rules
from agent.engine.sketch import HEAD, STEPS, WIDTH, Column
from enroll.fit import rules as rules_fit
from tests.agent.engine.sketched import sketches

ARRAYS = rules_fit.fit([sketches(400, 0.4, i) for i in range(3)])


def changed(what: str) -> np.ndarray:
    told = sketches(60, 0.4, 99)
    x, y = told[:, HEAD : HEAD + STEPS], told[:, HEAD + STEPS : WIDTH]
    if what == "speed":
        x[-1, 0] = 9_000.0
    elif what == "time between clicks":
        told[:, Column.BUTTON], told[:, Column.SINCE_S] = 1, np.linspace(0.05, 0.9, 60)
    elif what == "click spacing":
        told[:, Column.BUTTON], told[:, Column.SINCE_S] = 1, 2.5
    elif what == "coverage":
        x *= 0.02
        y *= 0.02
    elif what == "repetition":
        told[:] = told[:1]
    elif what == "direction":
        x *= -1.0
    else:
        y[:] = 0.0
    return told


@pytest.mark.parametrize("what", [rule.subject for rule in rules.RULES])
def test_a_broken_rule_is_named(what: str) -> None:
    told = rules.flags(ARRAYS, changed(what))
    assert any(sentence.startswith(f"rule of {what}: ") for sentence in told)
    whole = rules.fold_scores(ARRAYS, changed(what))[-1].mean()
    assert whole < rules.fold_scores(ARRAYS, sketches(60, 0.4, 99))[-1].mean() - 0.05


def test_the_owner_keeps_the_rules_mostly() -> None:
    scores = rules.fold_scores(ARRAYS, sketches(300, 0.4, 50))[60:]
    assert scores.mean() > 0.9
    assert (scores <= 1.0 + 1e-3).all()
    assert (scores >= -1e-3).all()


def test_degrees_are_between_kept_and_broken() -> None:
    told = rules.rule_measures(ARRAYS, rules.common(changed("direction")), 0)
    degrees = rules.degrees(ARRAYS, told, 0)
    assert degrees.shape == (60, len(rules.RULES))
    assert degrees.min() >= 0.0
    assert degrees.max() == 1.0


def test_three_events_one_direction_no_click() -> None:
    few = np.zeros((3, WIDTH), np.float32)
    few[:, Column.COUNT], few[:, HEAD] = 1, 5.0
    assert np.isfinite(rules.fold_scores(ARRAYS, few)).all()
    assert rules.flags(ARRAYS, few[:0]) == ()
    assert np.isfinite(rules.fold_scores(rules_fit.fit([few, few]), few)).all()


def test_unknown_time_between_actions_makes_no_click_rhythm() -> None:
    told = changed("click spacing")
    told[:, Column.SINCE_S] = -1.0
    assert not any("click" in sentence for sentence in rules.flags(ARRAYS, told))
