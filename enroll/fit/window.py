"""Fitting of `agent.engine.detectors.window`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf

from agent.engine.detectors.window import fold_scores as fold_scores

LEAST_WINDOWS: Final = 20


def model(
    own: NDArray[np.float64], people: Sequence[NDArray[np.float64]] = ()
) -> dict[str, NDArray[np.floating[Any]]]:
    """Mean and covariance of the owner's vectors (n, v); nothing is learnt from other people."""
    covariance = LedoitWolf().fit(own)
    return {
        "mean": covariance.location_.astype(np.float32),
        "root": np.linalg.cholesky(covariance.precision_).astype(np.float32),
    }
