"""Kaplan-Meier: by hand, against a survivor function that is written as a product over moments, and against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf

from enroll.protocols.kaplan_meier import at_risk, caught_share


def test_by_hand() -> None:
    # Six sessions: caught after 2, 3, 3 and 7; ended uncaught after 3 and 5.
    times = np.array([2.0, 3.0, 3.0, 3.0, 5.0, 7.0])
    is_caught = np.array([True, True, True, False, False, True])
    # S: after 2: 5/6; after 3: 5/6 x 3/5 = 1/2 (the one that ends at 3 is still at risk); after 7: 0.
    at = np.array([1.0, 2.0, 3.0, 6.0, 7.0, 9.0])
    assert caught_share(times, is_caught, at) == pytest.approx([0.0, 1 / 6, 0.5, 0.5, 1.0, 1.0])
    assert at_risk(times, at).tolist() == [6, 6, 5, 1, 1, 0]


def test_nothing_is_known_beyond_the_last_who_was_not_caught() -> None:
    times, is_caught = np.array([10.0, 20.0]), np.array([True, False])
    shares = caught_share(times, is_caught, np.array([20.0, 21.0]))
    assert shares[0] == 0.5
    assert np.isnan(shares[1])


def test_short_sessions_that_were_not_caught_do_not_make_the_curve_too_good() -> None:
    """Admitting short sessions only where caught would give 1/2 within 300 actions."""
    times = np.array([100.0, 150.0, 150.0, 400.0])
    is_caught = np.array([True, False, False, False])
    assert caught_share(times, is_caught, np.array([300.0])) == pytest.approx([0.25])


def product_over_moments(times: list[int], is_caught: list[bool], at: int) -> float:
    """The oracle: walks through every moment and asks who is still there and who is caught in it."""
    survivors = 1.0
    for moment in range(at + 1):
        present = [caught for time, caught in zip(times, is_caught, strict=True) if time >= moment]
        now = sum(caught for time, caught in zip(times, is_caught, strict=True) if time == moment)
        if present:
            survivors *= 1.0 - now / len(present)
    return 1.0 - survivors


@pytest.mark.parametrize("seed", range(5))
def test_against_the_oracles(seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = rng.integers(1, 40, 60).astype(np.float64)
    is_caught = rng.random(60) < 0.6
    at = np.arange(0.0, float(times.max()) + 1.0)
    shares = caught_share(times, is_caught, at)
    by_moments = [product_over_moments(times.astype(int).tolist(), is_caught.tolist(), int(t)) for t in at]
    assert shares == pytest.approx(by_moments)
    library = ecdf(CensoredData(uncensored=times[is_caught], right=times[~is_caught])).cdf
    assert shares == pytest.approx(library.evaluate(at))
