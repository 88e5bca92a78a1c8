"""The owner's scale: one action at a time gives what all at once give."""

from __future__ import annotations

import numpy as np
import pytest

from agent.engine.transform import gaussianise


def _arrays(rng: np.random.Generator, dtype: type, quantiles: int = 17) -> dict[str, np.ndarray]:
    knots = np.sort(rng.normal(size=(9, quantiles)), axis=1).astype(dtype)
    knots[1] = 0.5  # a feature that never varied
    knots[2, quantiles // 4 : quantiles // 2] = knots[2, quantiles // 4]  # ties
    knots[2].sort()
    knots[3] = np.round(knots[3])
    deviates = np.sort(rng.uniform(-3, 3, (9, quantiles)), axis=1).astype(dtype)
    return {"knots": knots, "deviates": deviates}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("quantiles", [2, 3, 17])
def test_one_row_is_the_same_to_the_bit_as_in_many(dtype: type, quantiles: int) -> None:
    rng = np.random.default_rng(3)
    arrays = _arrays(rng, dtype, quantiles)
    rows = rng.normal(scale=1.5, size=(400, 9))
    rows[::3] = arrays["knots"][:, rng.integers(quantiles, size=len(rows[::3]))].T  # on the knots
    rows[rng.random(rows.shape) < 0.1] = np.nan
    rows[5], rows[6] = np.inf, -np.inf
    together = gaussianise(arrays, rows)
    alone = np.concatenate([gaussianise(arrays, rows[i : i + 1]) for i in range(len(rows))])
    assert alone.dtype == together.dtype == np.float32
    np.testing.assert_array_equal(alone, together)


def test_outside_and_undefined_values() -> None:
    arrays = _arrays(np.random.default_rng(4), np.float64)
    low, high = arrays["deviates"][:, 0], arrays["deviates"][:, -1]
    np.testing.assert_array_equal(gaussianise(arrays, np.full((1, 9), -1e9))[0], low.astype(np.float32))
    np.testing.assert_array_equal(gaussianise(arrays, np.full((1, 9), 1e9))[0], high.astype(np.float32))
    assert not gaussianise(arrays, np.full((1, 9), np.nan)).any()
