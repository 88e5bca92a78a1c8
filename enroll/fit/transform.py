"""Fitting of `agent.engine.transform`."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from agent.engine.transform import CLIP, gaussianise

KNOTS: Final = 129
DIMENSIONS: Final = 70

_LEAST_VALUES: Final = 20


def usable(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which columns say anything: at least 20 defined values, not all the same.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, F)

    Returns
    -------
    ndarray of bool, shape (F,)
    """
    defined = ~np.isnan(rows)
    highest = np.where(defined, rows, -np.inf).max(axis=0, initial=-np.inf)
    lowest = np.where(defined, rows, np.inf).min(axis=0, initial=np.inf)
    enough: NDArray[np.bool_] = (defined.sum(axis=0) >= _LEAST_VALUES) & (highest > lowest)
    return enough


def fit(rows: NDArray[np.float64], dimensions: int = DIMENSIONS) -> dict[str, NDArray[Any]]:
    """Quantiles of each feature, and the principal components of the normal deviates.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, F)
        The owner's actions; every column `usable`.
    dimensions : int
        Most components that are kept.

    Returns
    -------
    dict
        ``knots``, ``deviates`` (F, 129); ``mean`` (F,), ``components`` (F, d) float32.
    """
    tables = [_table(rows[:, j]) for j in range(rows.shape[1])]
    arrays: dict[str, NDArray[Any]] = {
        "knots": np.stack([knots for knots, _ in tables]),
        "deviates": np.stack([deviates for _, deviates in tables]),
    }
    gaussian = gaussianise(arrays, rows)
    pca = PCA(min(dimensions, *gaussian.shape), svd_solver="covariance_eigh").fit(gaussian)
    spread = np.sqrt(np.maximum(pca.explained_variance_, 1e-4))
    arrays["mean"] = pca.mean_.astype(np.float32)
    arrays["components"] = np.ascontiguousarray((pca.components_.T / spread).astype(np.float32))
    return arrays


def rank_tables(rows: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    """Quantiles of each feature alone, for all columns: one that is not `usable` maps to 0.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, F)

    Returns
    -------
    dict
        ``knots``, ``deviates`` (F, 129).
    """
    unused = (np.zeros(KNOTS), np.zeros(KNOTS))
    tables = [_table(rows[:, j]) if keep else unused for j, keep in enumerate(usable(rows))]
    return {
        "knots": np.stack([knots for knots, _ in tables]),
        "deviates": np.stack([deviates for _, deviates in tables]),
    }


def _table(measured: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values and their deviates; equal values share the middle of their ranks."""
    distinct, counts = np.unique(measured[~np.isnan(measured)], return_counts=True)
    share = (np.cumsum(counts) - counts / 2.0) / counts.sum()
    if len(distinct) > KNOTS:
        at = np.searchsorted(share, np.linspace(share[0], share[-1], KNOTS), side="left")
        distinct, share = distinct[at], share[at]
    normal = NormalDist()
    deviates = np.clip([normal.inv_cdf(float(p)) for p in share], -CLIP, CLIP)
    missing = KNOTS - len(distinct)
    return np.pad(distinct, (0, missing), mode="edge"), np.pad(deviates, (0, missing), mode="edge")
