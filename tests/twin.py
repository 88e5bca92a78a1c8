"""Twin of the judgement: slow, plain NumPy and SciPy, written from the definitions in docs/method.md.

It shares no constant and no function with the code. Everything is computed one action, one window, one pair at a time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist, mahalanobis
from scipy.stats import chi2, norm

Arrays = Mapping[str, np.ndarray]


def calibrated(own_folds: Sequence[np.ndarray], scores: Sequence[float]) -> float:
    """Deviate of an action with one score a fold: mid-rank among all out-of-session scores, as a normal quantile."""
    below = sum(float((own < score).sum()) for own, score in zip(own_folds, scores, strict=True))
    equal = sum(float((own == score).sum()) for own, score in zip(own_folds, scores, strict=True))
    total = sum(map(len, own_folds))
    share = (below + equal / 2 + 0.5) / (total + 1)
    return float(norm.ppf(min(max(share, 1e-9), 1 - 1e-9)))


def evidence(deviate: float, shift: float, share: float) -> float:
    """Log-likelihood ratio of the owner's density to the intruder's, times the share."""
    return share * float(norm.logpdf(deviate, 0.0, 1.0) - norm.logpdf(deviate, -shift, 1.0))


def knn_scores(references: Sequence[np.ndarray], row: np.ndarray) -> list[float]:
    """For each fold: negative log of the mean distance to the 3 nearest actions of the other folds."""
    out = []
    for s in range(len(references)):
        others = np.concatenate([fold for i, fold in enumerate(references) if i != s]).astype(float)
        nearest = np.sort(cdist(row[None].astype(float), others)[0])[:3]
        out.append(-math.log(float(np.mean(nearest))))
    return out


def window_vector(rows: np.ndarray) -> np.ndarray:
    """Means, then log-spreads, of the rows of one window."""
    rows = rows.astype(float)
    return np.concatenate((rows.mean(axis=0), np.log(rows.std(axis=0) + 0.05)))


def window_scores(arrays: Arrays, at: int, vector: np.ndarray) -> list[float]:
    """For each fold: negative log of the Mahalanobis distance."""
    return [
        -math.log(mahalanobis(vector, mean, root.astype(float) @ root.astype(float).T))
        for mean, root in zip(arrays["mean"][at], arrays["root"][at], strict=True)
    ]


def plda_scores(arrays: Arrays, at: int, vector: np.ndarray) -> list[float]:
    """For each fold: log-likelihood ratio of the owner's windows to anybody's."""
    out = []
    for s in range(arrays["mean"].shape[1]):
        point = (vector - arrays["mean"][at, s]) @ arrays["project"][at, s]
        own = norm.logpdf(point, arrays["owner"][at, s], np.sqrt(arrays["owner_variance"][at, s]))
        anybody = norm.logpdf(point, 0.0, np.sqrt(arrays["anybody_variance"][at, s]))
        out.append(float((own - anybody).sum()))
    return out


def window_deviate(arrays: Arrays, scores: Any, rows: np.ndarray, offset: np.ndarray | None = None) -> float:
    """Deviate of the longest window that ends with the last row; 0 while none is filled."""
    filled = [at for at, length in enumerate(arrays["lengths"].tolist()) if length <= len(rows)]
    if not filled:
        return 0.0
    at = filled[-1]
    vector = window_vector(rows[len(rows) - int(arrays["lengths"][at]) :])
    if offset is not None and at == len(arrays["lengths"]) - 1:
        vector = vector - offset
    deviate = (np.mean(scores(arrays, at, vector)) - arrays["centre"][at]) / arrays["spread"][at]
    return float(min(max(deviate, -6.0), 6.0))


def fused(arrays: Arrays, detectors: Sequence[str], white: np.ndarray, deviates: np.ndarray) -> float:
    """Combined deviate after the last action: weighted sum, weights of unit length, times the scale."""
    by_name = {}
    for name in detectors:
        own = {key.split("/", 1)[1]: a for key, a in arrays.items() if key.startswith(name + "/")}
        if name == "knn":
            cuts = own["starts"][1:-1]
            scores = knn_scores(np.split(own["references"], cuts), white[-1])
            calibration = np.split(arrays["calibration/knn"], arrays["calibration/starts"][1:-1])
            by_name[name] = calibrated(calibration, scores)
        elif name == "window":
            by_name[name] = window_deviate(own, window_scores, white)
        else:
            by_name[name] = window_deviate(own, plda_scores, deviates)
    weights = np.array([float(arrays[f"fusion/{name}"]) for name in detectors])
    weights = weights / math.sqrt(float((weights**2).sum()))
    return float(sum(w * by_name[n] for w, n in zip(weights, detectors, strict=True))) * float(
        arrays["fusion/scale"]
    )


@dataclass
class Test:
    """One sequential test from the state after a login."""

    __test__ = False

    shift: float
    share: float
    alert: float
    lock: float
    statistic: float = 0.0
    level: float = 0.0
    suspicious: bool = False
    intruder: bool = False

    def step(self, deviate: float, *, holds: bool = False) -> None:
        """One more action."""
        bounded = float(np.clip(deviate, -5.0, 5.0))
        self.statistic -= evidence(bounded - self.level, self.shift, self.share)
        self.statistic = float(np.clip(self.statistic, 0.0, self.lock))
        if not holds:
            # An exponentially weighted mean over 400 actions.
            self.level = float(np.clip(self.level * (1 - 1 / 400) + bounded / 400, -1.0, 0.3))
        self.intruder = self.statistic >= (self.alert if self.intruder else self.lock)
        self.suspicious = self.intruder or self.statistic >= (
            self.alert / 2 if self.suspicious else self.alert
        )


def far(impostor: Sequence[float], threshold: float) -> float:
    """Share of impostors that are accepted: at the threshold or above."""
    return sum(score >= threshold for score in impostor) / len(impostor)


def frr(genuine: Sequence[float], threshold: float) -> float:
    """Share of genuine scores that are rejected: below the threshold."""
    return sum(score < threshold for score in genuine) / len(genuine)


def frr_at_far(impostor: Sequence[float], genuine: Sequence[float], most_far: float) -> float:
    """Lowest FRR over all thresholds whose FAR is at most so much."""
    thresholds = [*impostor, *genuine, math.inf]
    return min(frr(genuine, t) for t in thresholds if far(impostor, t) <= most_far)


def auc(impostor: Sequence[float], genuine: Sequence[float]) -> float:
    """Share of pairs in which the genuine score is higher, ties counting half."""
    won = [(g > i) + 0.5 * (g == i) for g in genuine for i in impostor]
    return sum(won) / len(won)


def cllr_bits(llrs: Sequence[float], *, genuine: bool) -> float:
    """Mean of log2(1 + exp(-llr)) over genuine, of log2(1 + exp(llr)) over impostors."""
    sign = -1.0 if genuine else 1.0
    return sum(math.log2(1.0 + math.exp(sign * llr)) for llr in llrs) / len(llrs)


def poisson_bound(events: int, exposure: float) -> float:
    """Garwood's one-sided upper 95 % bound."""
    return float(chi2.ppf(0.95, 2 * (events + 1))) / 2 / exposure


def account_intervals(scores: Mapping[str, tuple[np.ndarray, np.ndarray]], draws: int) -> tuple[float, float]:
    """95 % percentile interval of the AUC: accounts with replacement, then sessions within each."""
    rng = np.random.default_rng(5)
    names, figures = list(scores), []
    for _ in range(draws):
        bad: list[float] = []
        good: list[float] = []
        for name in rng.choice(names, len(names)):
            bad += rng.choice(scores[name][0], len(scores[name][0])).tolist()
            good += rng.choice(scores[name][1], len(scores[name][1])).tolist()
        figures.append(auc(bad, good))
    return float(np.quantile(figures, 0.025)), float(np.quantile(figures, 0.975))
