"""Gain of an approach over the shipped fusion, with an interval, and the criterion for adopting it.

The rule was written down before anything was measured. Beside the shipped fusion, with weight 1, an approach must raise
what a protocol is about, the interval of the paired difference above 0, under at least two protocols, and must lower it
so under none; and it must leave a verdict within its time. What protocols of sessions are about is the AUC over all
sessions; the stream's is the share of matched intrusions that is caught, without more false locks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from enroll.metrics import auc, bootstrap_draws
from enroll.protocols.scored import ScoredSession
from enroll.protocols.stream_plan import HEADLINE
from enroll.protocols.stream_records import Genuine, Intrusion, Record

LEAST_PROTOCOLS: Final = 2
MOST_VERDICT_MS: Final = 5.0
DRAWS: Final = 2_000

Floats = NDArray[np.float64]
Pairs = Mapping[str, tuple[Floats, Floats]]


def of_sessions(base: Sequence[ScoredSession], both: Sequence[ScoredSession]) -> dict[str, Any]:
    """The rise of the AUC, of the same trials by both; ``matched`` of the matched ones alone.

    Returns
    -------
    dict
        ``gain`` and ``ci95``, None where a class is missing; ``matched`` with the same two.
    """
    matched = [(a, b) for a, b in zip(base, both, strict=True) if a.is_matched]
    return _rise(list(zip(base, both, strict=True))) | {"matched": _rise(matched)}


def of_stream(base: Sequence[Record], both: Sequence[Record]) -> dict[str, Any]:
    """The rise of the share of matched intrusions caught, asked one false lock per 40 hours, and of false locks.

    Returns
    -------
    dict
        ``gain`` and ``ci95`` of the share, ``false_locks``: how many more.
    """
    caught: dict[str, list[tuple[float, float]]] = {}
    locks = 0
    for a, b in zip(base, both, strict=True):
        if isinstance(a, Genuine) and isinstance(b, Genuine) and a.asked == HEADLINE:
            locks += b.false_locks - a.false_locks
        elif isinstance(a, Intrusion) and isinstance(b, Intrusion) and _counts(a):
            caught.setdefault(a.account, []).append((float(a.is_caught), float(b.is_caught)))
    # The shares need one class alone; the other is there for the form.
    pairs = {name: (np.array(rise), np.zeros((1, 2))) for name, rise in caught.items()}
    rise = (
        _interval(pairs, lambda pieces, _: float((pieces[:, 1] - pieces[:, 0]).mean()))
        if pairs
        else {**_NONE}
    )
    return rise | {"false_locks": locks}


def _counts(intrusion: Intrusion) -> bool:
    return intrusion.is_matched and intrusion.asked == HEADLINE


def verdict(gains: Mapping[str, Mapping[str, Any]], verdict_ms: float) -> tuple[bool, str]:
    """Whether an approach earns its place, and why, in words.

    Parameters
    ----------
    gains : mapping
        By protocol: what `of_sessions` or `of_stream` told.
    verdict_ms : float
        Time of the fusion with it, for one verdict.
    """
    better = [name for name, gain in gains.items() if _is_better(gain)]
    worse = [name for name, gain in gains.items() if gain["ci95"] and gain["ci95"][1] < 0.0]
    if worse:
        return False, f"harms: {', '.join(worse)}"
    if len(better) < LEAST_PROTOCOLS:
        return (
            False,
            f"helps in {', '.join(better)} alone" if better else "adds nothing that the intervals show",
        )
    if verdict_ms > MOST_VERDICT_MS:
        return False, f"helps in {', '.join(better)}, but takes {verdict_ms:.1f} ms a verdict"
    return True, f"helps: {', '.join(better)}"


def _is_better(gain: Mapping[str, Any]) -> bool:
    return bool(gain["ci95"]) and gain["ci95"][0] > 0.0 and gain.get("false_locks", 0) <= 0


def _rise(trials: Sequence[tuple[ScoredSession, ScoredSession]]) -> dict[str, Any]:
    pairs: dict[str, tuple[Floats, Floats]] = {}
    for name in sorted({a.account for a, _ in trials}):
        scored = [(a.is_impostor, (a.score, b.score)) for a, b in trials if a.account == name]
        bad, good = (np.array([s for is_bad, s in scored if is_bad is wanted]) for wanted in (True, False))
        pairs[name] = (bad.reshape(-1, 2), good.reshape(-1, 2))
    if not any(len(bad) for bad, _ in pairs.values()) or not any(len(good) for _, good in pairs.values()):
        return dict(_NONE)
    return _interval(pairs, lambda bad, good: auc(bad[:, 1], good[:, 1]) - auc(bad[:, 0], good[:, 0]))


def _interval(pairs: Pairs, difference: Callable[[Floats, Floats], float]) -> dict[str, Any]:
    """The difference of everything as it is, and the percentiles of its draws."""
    whole = [np.concatenate([account[i] for account in pairs.values()]) for i in (0, 1)]
    drawn = [difference(bad, good) for bad, good in bootstrap_draws(pairs, draws=DRAWS)]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return {"gain": round(difference(*whole), 5), "ci95": [round(float(low), 5), round(float(high), 5)]}


_NONE: Final[Mapping[str, Any]] = {"gain": None, "ci95": None}
