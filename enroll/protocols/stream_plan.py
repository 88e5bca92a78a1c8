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
from agent.engine.sentence import quantity
from enroll.datasets.dated import dated_recordings
from enroll.protocols.learning import check_mode
from enroll.protocols.stream_session import PlannedSession
from enroll.sources.accounts import EVERYTHING, SourceSelection, sessions_by_account

ASKED: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
HEADLINE: Final = 1.0
FOLDS: Final = ("last", "all", "forward")
PIECE_ACTIONS: Final = 300
STREAMED: Final = 2

_LEAST_POINTS: Final = 4
_MOST_STEP_NS: Final = 60_000_000_000
_LEAST_ACCOUNTS: Final = 3


@dataclass(frozen=True, slots=True)
class Fold:
    """One account with the sessions that are left out of its enrolment and streamed.

    Attributes
    ----------
    account : str
    enrolment, streamed : tuple of PlannedSession
        In order of time; by days no day is in both.
    intruding : tuple of PlannedSession
        By days one for each intruder, with all recordings that intrude.
    cohort : tuple of PlannedSession or None
    """

    account: str
    enrolment: tuple[PlannedSession, ...]
    streamed: tuple[PlannedSession, ...]
    intruding: tuple[PlannedSession, ...]
    cohort: tuple[PlannedSession, ...] | None


def parted(
    accounts: Sequence[str], owner: str, *, needs_cohort: bool = True
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The other accounts, in order, alternate: first to the cohort, next to the intruders.

    Where no cohort is needed, the only other account is the intruder.

    Returns
    -------
    (cohort, intruders)

    Raises
    ------
    SteadyhandError
        If there are fewer than three accounts, so that one of the two would be empty.
    """
    others = [name for name in sorted(accounts, key=str.encode) if name != owner]
    if len(others) == 1 and not needs_cohort:
        return (), tuple(others)
    if len(accounts) < _LEAST_ACCOUNTS:
        raise SteadyhandError(
            f"{quantity(len(accounts), 'account')}: nobody to be both cohort and intruder",
            "give a folder with three accounts or more",
        )
    return tuple(others[0::2]), tuple(others[1::2])


def fold_slices(sessions: int, folds: str) -> tuple[slice, ...]:
    """Which sessions are streamed, by fold.

    `last`: the last two. `all`: the last two first, on in pairs to the first session; where the number is odd, that one
    makes a fold of its own, so that each is streamed once. `forward`: the later half of the sessions in pairs, the
    earliest first.

    Raises
    ------
    SteadyhandError
        If fewer than three sessions leave none to enrol on, or `folds` is not known.
    """
    if folds not in FOLDS:
        raise SteadyhandError(f"folds {folds!r} are not known", f"use one of {', '.join(FOLDS)}")
    if sessions <= STREAMED:
        raise SteadyhandError(quantity(sessions, "session"), f"give at least {STREAMED + 1} for each account")
    if folds == "forward":
        begins = range(sessions - sessions // 2, sessions, STREAMED)
        return tuple(slice(begin, min(sessions, begin + STREAMED)) for begin in begins)
    ends = range(sessions, 0, -STREAMED) if folds == "all" else (sessions,)
    return tuple(slice(max(0, end - STREAMED), end) for end in ends)


def plan(
    folder: Path, mode: str, folds: str, *, days: bool = False, selection: SourceSelection = EVERYTHING
) -> list[Fold]:
    """Who is enrolled on what and streamed against whom.

    Parameters
    ----------
    folder : Path
    mode, folds : str
    days : bool
        Whether the folder holds ``USER/session_KK_dayDDD``, and the recordings of one day are one session.
    selection : SourceSelection
        Of recordings: their keys, and which mouse.

    Raises
    ------
    SteadyhandError
        As `evaluate`.
    """
    check_mode(mode)
    sessions = _dated(folder) if days else _undated(folder, selection)
    out = []
    for name, own in sessions.items():
        cohort, intruders = parted(tuple(sessions), name, needs_cohort=mode == "cohort")
        check_apart(name, cohort, intruders)
        intruding = tuple(s for account in intruders for s in _intruding(sessions[account], days))
        others = tuple(s for account in cohort for s in sessions[account]) if mode == "cohort" else None
        try:
            slices = fold_slices(len(own), folds)
        except SteadyhandError as error:
            raise SteadyhandError(f"{name}: {error.what}", error.mend) from error
        for at in slices:
            later = () if folds == "forward" else own[at.stop :]
            out.append(Fold(name, own[: at.start] + later, own[at], intruding, others))
    return out


def tested_files(folds: Sequence[Fold]) -> list[Path]:
    """Every recording that is streamed as the owner's or as an intruder's."""
    sessions = [session for fold in folds for session in (*fold.streamed, *fold.intruding)]
    return sorted({recording.path for session in sessions for recording in session.recordings})


def check_apart(owner: str, learnt: Sequence[str], intruders: Sequence[str]) -> None:
    """Refuse to test anybody against people whom the model has learnt from.

    Parameters
    ----------
    owner : str
    learnt : sequence of str
        People of a cohort, a background or a pool of drifts.
    intruders : sequence of str

    Raises
    ------
    SteadyhandError
        If the owner or an intruder is among the people learnt from.
    """
    tested = {owner, *intruders} & set(learnt)
    if tested:
        raise SteadyhandError(
            f"{owner}: {', '.join(sorted(tested))} would be learnt from and tested",
            "leave the owner and every intruder out of what is learnt from",
        )


def _undated(folder: Path, selection: SourceSelection) -> dict[str, tuple[PlannedSession, ...]]:
    return {
        name: tuple(PlannedSession.single(s) for s in sessions)
        for name, sessions in sessions_by_account(folder, selection, at_least=STREAMED + 1).items()
    }


def _dated(folder: Path) -> dict[str, tuple[PlannedSession, ...]]:
    return {
        name: tuple(
            PlannedSession(name, recordings[0].name.rpartition("_")[2], recordings) for recordings in days
        )
        for name, days in dated_recordings(folder).items()
    }


def _intruding(sessions: Sequence[PlannedSession], days: bool) -> tuple[PlannedSession, ...]:
    """The last two sessions; by days the later half of the recordings, one after the other."""
    if not days:
        return tuple(sessions[-STREAMED:])
    recordings = [recording for session in sessions for recording in session.recordings]
    later = tuple(recordings[len(recordings) // 2 :])
    return (PlannedSession(later[0].account, f"{later[0].name} to {later[-1].name}", later),)


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
