"""Scored sessions, and the figures that every protocol of sessions reports about them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.files.private import mendable
from enroll.metrics import auc, bootstrap_interval, eer, frr_at_far

Floats = NDArray[np.float64]

SCORE_COLUMNS: Final = ("account", "session", "impostor", "score", "matched")


@dataclass(frozen=True, slots=True)
class ScoredSession:
    """One session that was tried against one account.

    Attributes
    ----------
    account, name : str
    is_impostor : bool
    score : float
        Higher = more genuine.
    device_score : float
        Likeness of the report intervals alone.
    is_matched : bool
        By the interval rule.
    actions : int
        How many actions the score rests on.
    """

    account: str
    name: str
    is_impostor: bool
    score: float
    device_score: float
    is_matched: bool
    actions: int


def figures(sessions: Sequence[ScoredSession]) -> dict[str, Any]:
    """The keys that protocols of sessions share; figures that need both classes are None without them."""
    impostor, genuine = _split(sessions)
    per_user = {name: _auc([s for s in sessions if s.account == name]) for name in _accounts(sessions)}
    measured_aucs = {name: area for name, area in per_user.items() if area is not None}
    both = bool(len(impostor) and len(genuine))
    interval = bootstrap_interval(_by_account(sessions), auc) if both else None
    matched = [s for s in sessions if s.is_matched]
    bad, good = _split(matched)
    return {
        "sessions": len(sessions),
        "users": len(per_user),
        "auc": _auc(sessions),
        "auc_ci95": [_rounded(interval.low), _rounded(interval.high)] if interval else None,
        "eer": _rounded(eer(impostor, genuine)) if both else None,
        "auc_per_user": per_user,
        "worst_user_auc": min(measured_aucs.values()) if measured_aucs else None,
        "frr_at_far_1pct": _rounded(frr_at_far(impostor, genuine, 0.01)) if both else None,
        "device_only_auc": _device_auc(sessions),
        "matched": {
            "sessions": len(matched),
            "auc": _auc(matched),
            "eer": _rounded(eer(bad, good)) if len(bad) and len(good) else None,
        },
    }


def write_scores(path: Path, sessions: Sequence[ScoredSession]) -> None:
    """Keep the single scores as a CSV table, for the curves of a report.

    Raises
    ------
    SteadyhandError
        If the file cannot be written.
    """
    with mendable(path, "write"), path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(SCORE_COLUMNS)
        for s in sessions:
            # repr, so that the figures of the table are those of the run to the last digit.
            writer.writerow([s.account, s.name, int(s.is_impostor), repr(float(s.score)), int(s.is_matched)])


def _split(sessions: Sequence[ScoredSession]) -> tuple[Floats, Floats]:
    return (
        np.array([s.score for s in sessions if s.is_impostor], np.float64),
        np.array([s.score for s in sessions if not s.is_impostor], np.float64),
    )


def _accounts(sessions: Sequence[ScoredSession]) -> list[str]:
    return sorted({s.account for s in sessions})


def _by_account(sessions: Sequence[ScoredSession]) -> dict[str, tuple[Floats, Floats]]:
    return {name: _split([s for s in sessions if s.account == name]) for name in _accounts(sessions)}


def _auc(sessions: Sequence[ScoredSession]) -> float | None:
    impostor, genuine = _split(sessions)
    return _rounded(auc(impostor, genuine)) if len(impostor) and len(genuine) else None


def _device_auc(sessions: Sequence[ScoredSession]) -> float | None:
    bad = np.array([s.device_score for s in sessions if s.is_impostor], np.float64)
    good = np.array([s.device_score for s in sessions if not s.is_impostor], np.float64)
    return _rounded(auc(bad, good)) if len(bad) and len(good) else None


def _rounded(figure: float) -> float:
    return round(figure, 5)
