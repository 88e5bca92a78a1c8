"""The stream protocol's counting rules: who is streamed against whom, what is counted, in which pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import ActionRows
from agent.engine.errors import SteadyhandError
from enroll.datasets.balabit import accounts, training_sessions
from enroll.datasets.session import DataSession
from enroll.protocols.learning import check_mode

ASKED: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
HEADLINE: Final = 1.0
FOLDS: Final = ("last", "all")
PIECE_ACTIONS: Final = 300
STREAMED: Final = 2

_LEAST_POINTS: Final = 4
_MOST_STEP_NS: Final = 60_000_000_000
_LEAST_ACCOUNTS: Final = 3


@dataclass(frozen=True, slots=True)
class Fold:
    """One account with the sessions that are left out of its enrolment and streamed."""

    account: str
    enrolment: tuple[DataSession, ...]
    streamed: tuple[DataSession, ...]
    intruding: tuple[DataSession, ...]
    cohort: tuple[DataSession, ...] | None


def parted(accounts: Sequence[str], owner: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The other accounts, in order, alternate: first to the cohort, next to the intruders.

    Returns
    -------
    (cohort, intruders)

    Raises
    ------
    SteadyhandError
        If there are fewer than three accounts, so that one of the two would be empty.
    """
    if len(accounts) < _LEAST_ACCOUNTS:
        raise SteadyhandError(
            f"{len(accounts)} accounts: nobody to be both cohort and intruder",
            "give a folder with three accounts or more",
        )
    others = [name for name in sorted(accounts, key=str.encode) if name != owner]
    return tuple(others[0::2]), tuple(others[1::2])


def fold_slices(sessions: int, folds: str) -> tuple[slice, ...]:
    """Which sessions are streamed, by fold, the last two first; `all` goes on in pairs to the first session.

    Where the number is odd, the first session makes a fold of its own, so that each is streamed once.

    Raises
    ------
    SteadyhandError
        If fewer than three sessions leave none to enrol on, or `folds` is not known.
    """
    if folds not in FOLDS:
        raise SteadyhandError(f"folds {folds!r} are not known", f"use one of {', '.join(FOLDS)}")
    if sessions <= STREAMED:
        raise SteadyhandError(f"{sessions} sessions", f"give at least {STREAMED + 1} for each account")
    ends = range(sessions, 0, -STREAMED) if folds == "all" else (sessions,)
    return tuple(slice(max(0, end - STREAMED), end) for end in ends)


def plan(folder: Path, mode: str, folds: str) -> list[Fold]:
    """Who is enrolled on what and streamed against whom.

    Raises
    ------
    SteadyhandError
        As `evaluate`.
    """
    check_mode(mode)
    sessions = {name: training_sessions(folder, name) for name in accounts(folder)}
    out = []
    for name, own in sessions.items():
        cohort, intruders = parted(tuple(sessions), name)
        intruding = tuple(s for account in intruders for s in sessions[account][-STREAMED:])
        others = tuple(s for account in cohort for s in sessions[account]) if mode == "cohort" else None
        try:
            slices = fold_slices(len(own), folds)
        except SteadyhandError as error:
            raise SteadyhandError(f"{name}: {error.what}", error.mend) from error
        out += [Fold(name, own[: s.start] + own[s.stop :], own[s], intruding, others) for s in slices]
    return out


def counted(rows: ActionRows) -> NDArray[np.bool_]:
    """Which actions count: those of at least 4 points. The kernel ends an action with a gap of 1.0 s."""
    is_counted: NDArray[np.bool_] = rows.points >= _LEAST_POINTS
    return is_counted


def pieces(rows: ActionRows) -> list[ActionRows]:
    """Pieces of 300 counted actions, one after the other; a tail of fewer is dropped."""
    at = np.flatnonzero(counted(rows))
    starts = [int(i) for i in at[::PIECE_ACTIONS]]
    whole = len(at) // PIECE_ACTIONS
    ends = [*starts[1:], len(rows)][:whole]
    return [rows[start:end] for start, end in zip(starts[:whole], ends, strict=True)]


def active_steps_s(rows: ActionRows) -> NDArray[np.float64]:
    """For each counted action the time to the start of the next one, s; 0 where it is more than 60 s.

    Returns
    -------
    ndarray of float64, shape (number of counted actions,)
        0 for the last one.
    """
    steps = np.diff(rows.start_ns[counted(rows)])
    return np.append(np.where(steps <= _MOST_STEP_NS, steps, 0) / 1e9, 0.0)[: int(counted(rows).sum())]
