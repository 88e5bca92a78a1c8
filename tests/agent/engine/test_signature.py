"""The measured signature: a mouse that moves like another is found, and one that does not is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.errors import SteadyhandError
from agent.engine.signature import (
    ROLLING,
    SETTLED,
    Signature,
    SignatureCheck,
    enrolled_signature,
    signature_arrays,
)
from tests.agent.runtime.fakes import a_profile

DESK = Signature(interval_s=0.008, quantum_px=1.0)


def measures(interval_s: float, quantum_px: float = 1.0) -> np.ndarray:
    return np.array([interval_s, quantum_px])


def fed(check: SignatureCheck, count: int, interval_s: float, quantum_px: float = 1.0) -> tuple[str, ...]:
    for _ in range(count):
        check.feed(measures(interval_s, quantum_px))
    return check.contradictions


def test_the_signature_is_the_median_interval_and_the_finest_step() -> None:
    rows = np.array([[0.008, 3.0], [0.009, 1.0], [np.nan, 2.0], [0.2, np.nan]])
    assert Signature.of(rows) == Signature(0.009, 1.0)
    assert Signature.of(np.full((3, 2), np.nan)) == Signature()


def test_another_report_rate_is_found_once_it_has_settled() -> None:
    check = SignatureCheck(DESK)
    assert fed(check, SETTLED - 1, 0.016) == ()
    assert fed(check, 1, 0.016) == ("report interval 16 ms, enrolled 8 ms",)


def test_another_step_is_found() -> None:
    assert fed(SignatureCheck(DESK), SETTLED, 0.008, 2.0) == ("step 2 px, enrolled 1 px",)


def test_less_than_the_factor_is_the_same_mouse() -> None:
    assert fed(SignatureCheck(DESK), 100, 0.0159) == ()


def test_a_mouse_exchanged_behind_one_receiver_is_found_and_so_is_its_return() -> None:
    check = SignatureCheck(DESK)
    assert fed(check, 50, 0.008) == ()
    assert fed(check, ROLLING // 2 + 1, 0.002) != ()
    assert fed(check, ROLLING, 0.008) == ()


def test_what_was_found_outlives_a_restart_until_the_stream_shows_otherwise() -> None:
    check = SignatureCheck(DESK)
    fed(check, SETTLED, 0.016)
    check.restart()
    assert check.contradictions
    assert fed(check, SETTLED - 1, 0.008)
    assert fed(check, 1, 0.008) == ()


def test_actions_that_show_nothing_do_not_count() -> None:
    check = SignatureCheck(DESK)
    fed(check, 50, np.nan)
    assert fed(check, SETTLED - 1, 0.1) == ()


def test_a_profile_without_a_signature_contradicts_nothing() -> None:
    assert fed(SignatureCheck(enrolled_signature(a_profile())), 50, 5.0) == ()


def test_a_profile_keeps_it() -> None:
    profile = a_profile()
    object.__setattr__(profile, "arrays", signature_arrays(DESK))
    assert enrolled_signature(profile) == DESK
    object.__setattr__(profile, "arrays", {"signature/enrolled": np.zeros(3)})
    with pytest.raises(SteadyhandError, match="not two numbers"):
        enrolled_signature(profile)


@given(st.lists(st.floats(1e-4, 1.0), min_size=1, max_size=30))
def test_the_interval_is_the_median_to_the_bit(intervals: list[float]) -> None:
    measures = np.column_stack([intervals, np.full(len(intervals), np.nan)])
    assert Signature.of(measures).interval_s == float(np.median(intervals))


@given(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=60))
def test_the_step_is_the_lower_tenth_to_the_bit(steps: list[float]) -> None:
    measures = np.column_stack([np.full(len(steps), np.nan), steps])
    assert Signature.of(measures).quantum_px == float(np.quantile(steps, 0.1, method="lower"))
