"""Single scores, read back from the table that `evaluate --scores` writes."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.engine.errors import SteadyhandError
from agent.files.private import mendable
from enroll.metrics import auc
from enroll.protocols.scored import SCORE_COLUMNS
from enroll.report.results import SessionsResult

Floats = NDArray[np.float64]
ByAccount = dict[str, tuple[Floats, Floats]]

_AGAIN = "write it again with `steadyhand-enroll evaluate … --scores FILE`"
_ROUNDED = 2e-5


@dataclass(frozen=True, slots=True)
class Score:
    """One line of the table; higher = more genuine."""

    account: str
    session: str
    is_impostor: bool
    score: float
    is_matched: bool


def read_scores(path: Path) -> tuple[Score, ...]:
    """The scores in a table.

    Raises
    ------
    SteadyhandError
        If it is no such table, or a score in it is not finite.
    """
    with mendable(path, "read"), path.open(encoding="utf-8", newline="") as file:
        try:
            rows = list(csv.reader(file, strict=True))
        except (csv.Error, UnicodeDecodeError) as error:
            raise SteadyhandError(f"{path} is not a CSV table in UTF-8", _AGAIN) from error
    if not rows or tuple(rows[0]) != SCORE_COLUMNS:
        raise SteadyhandError(f"{path}, line 1: the columns are not {','.join(SCORE_COLUMNS)}", _AGAIN)
    return tuple(_score(path, number, row) for number, row in enumerate(rows[1:], 2))


def belonging(sessions: SessionsResult, tables: Sequence[tuple[Score, ...]]) -> tuple[Score, ...] | None:
    """The table that a result was made from: the one with its number of sessions and its AUC."""
    for table in tables:
        bad, good = split(table)
        if len(table) != sessions.sessions or not len(bad) or not len(good) or sessions.auc is None:
            continue
        if abs(auc(bad, good) - sessions.auc) < _ROUNDED:
            return table
    return None


def split(table: Sequence[Score]) -> tuple[Floats, Floats]:
    """Scores as `(impostor, genuine)`."""
    return (
        np.array([s.score for s in table if s.is_impostor], np.float64),
        np.array([s.score for s in table if not s.is_impostor], np.float64),
    )


def by_account(table: Sequence[Score]) -> ByAccount:
    """Scores of each account as `(impostor, genuine)`."""
    return {
        name: split([s for s in table if s.account == name]) for name in sorted({s.account for s in table})
    }


def _score(path: Path, number: int, row: Sequence[str]) -> Score:
    try:
        account, session, impostor, score, matched = row
        score_row = Score(account, session, bool(int(impostor)), float(score), bool(int(matched)))
    except ValueError as error:
        raise SteadyhandError(f"{path}, line {number}: {','.join(row)!r}", _AGAIN) from error
    if not math.isfinite(score_row.score):
        raise SteadyhandError(f"{path}, line {number}: the score {score} is not finite", _AGAIN)
    return score_row
