"""The Balabit challenge: train on the training files alone, one score for each labelled test session."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from enroll.datasets.balabit import LabelledSession, accounts, labelled_sessions, training_sessions
from enroll.datasets.session import DataSession
from enroll.protocols.device import device_score, matched
from enroll.protocols.learning import check_mode, learn
from enroll.protocols.scored import ScoredSession, figures, write_scores
from enroll.score import session_score
from enroll.sessions import SessionRows, session_rows


def evaluate(
    folder: Path,
    *,
    mode: str = "own",
    detectors: Sequence[str] | None = None,
    jobs: int = 1,
    scores: Path | None = None,
    progress: Callable[[str], None] = lambda account: None,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Any]:
    """Run the protocol.

    Parameters
    ----------
    folder : Path
        Holds ``training_files``, ``test_files`` and ``public_labels.csv``.
    mode : str
        ``own``: each account by its own data alone; ``cohort``: all other accounts' training sessions as its
        cohort, whatever their mice: closed-set, for parity with the literature.
    detectors : sequence of str, optional
        Names; the shipped ones where None.
    jobs : int
        Processes.
    scores : Path, optional
        CSV file for the single scores, as `write_scores` makes it.
    progress : callable
        Told the name of every account when it is done.
    clock : callable
        Seconds, for `run_seconds`.

    Returns
    -------
    dict
        The keys that docs/design.md lists, plain JSON values.

    Raises
    ------
    SteadyhandError
        If the mode or a detector is not known, or the folder is not as it must be.
    """
    begun = clock()
    scored = scored_sessions(folder, mode=mode, detectors=detectors, jobs=jobs, progress=progress)
    if scores:
        write_scores(scores, scored)
    return {
        "protocol": "balabit",
        "mode": mode,
        **figures(scored),
        "piece_seconds": None,
        "run_seconds": round(clock() - begun, 2),
    }


def scored_sessions(
    folder: Path,
    *,
    mode: str = "own",
    detectors: Sequence[str] | None = None,
    jobs: int = 1,
    progress: Callable[[str], None] = lambda account: None,
) -> list[ScoredSession]:
    """Every labelled session with its score, in order of account and name.

    Raises
    ------
    SteadyhandError
        As `evaluate`.
    """
    check_mode(mode)
    labelled = labelled_sessions(folder)
    parallel = Parallel(n_jobs=jobs, return_as="generator")
    sessions = [session for name in accounts(folder) for session in training_sessions(folder, name)]
    training = list(parallel(delayed(_rows)(session) for session in sessions))
    tasks = (
        delayed(_account)(
            [s for s in training if s.account == name],
            [s for s in training if s.account != name] if mode == "cohort" else None,
            [s for s in labelled if s.session.account == name],
            detectors,
        )
        for name in accounts(folder)
    )
    scored: list[ScoredSession] = []
    for part in parallel(tasks):
        scored += part
        if part:
            progress(part[0].account)
    return scored


def _account(
    own: Sequence[SessionRows],
    cohort: Sequence[SessionRows] | None,
    labelled: Sequence[LabelledSession],
    detectors: Sequence[str] | None,
) -> list[ScoredSession]:
    """Train one account and score its sessions: a pure function, run in any process."""
    model = learn(own, cohort, detectors)
    intervals_s = np.concatenate([session.intervals_s for session in own])
    scored = []
    for label in labelled:
        tried = _rows(label.session)
        scored.append(
            ScoredSession(
                tried.account,
                tried.name,
                label.is_impostor,
                session_score(model, tried.rows),
                device_score(intervals_s, tried.intervals_s),
                matched(intervals_s, tried.intervals_s),
                len(tried.rows),
            )
        )
    return scored


def _rows(session: DataSession) -> SessionRows:
    return session_rows(session.account, session.name, session)
