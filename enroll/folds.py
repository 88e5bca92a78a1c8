"""Folds of an enrolment: sessions, groups of them, or one session cut in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from _fastfeat import ActionRows

MOST_FOLDS: Final = 10
LEAST_IN_FOLD: Final = 20

_PIECES_OF_ONE: Final = 4


def pieces(rows: ActionRows) -> list[ActionRows]:
    """One session cut in four."""
    cuts = np.linspace(0, len(rows), _PIECES_OF_ONE + 1).astype(int).tolist()
    return [rows[a:b] for a, b in pairwise(cuts)]


def grouped(tables: Sequence[ActionRows]) -> list[ActionRows]:
    """Sessions in order, at most ten groups of them, none smaller than 20 actions."""
    target = max(LEAST_IN_FOLD, sum(map(len, tables)) / MOST_FOLDS if len(tables) > MOST_FOLDS else 0)
    groups: list[list[ActionRows]] = [[]]
    for table in tables:
        if sum(map(len, groups[-1])) >= target:
            groups.append([])
        groups[-1].append(table)
    if len(groups) > 1 and sum(map(len, groups[-1])) < LEAST_IN_FOLD:
        last = groups.pop()
        groups[-1] += last
    return [ActionRows.concat(group) for group in groups]
