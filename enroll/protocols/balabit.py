"""The Balabit challenge: train on the training files alone, one score for each labelled test session."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from agent.files.background import Background
from enroll.background.exclusion import checked
from enroll.datasets.balabit import LabelledSession, accounts, labelled_sessions, training_sessions
from enroll.datasets.session import DataSession
from enroll.detector_choice import SESSION_DETECTORS
from enroll.fold_models import Model
from enroll.model import LEAST_ACTIONS
from enroll.odd_sessions import of_one_mouse
from enroll.onethread import one_thread
from enroll.protocols.device import device_score, matched
from enroll.protocols.learning import check_mode, learn
from enroll.protocols.rows import RowReader
from enroll.protocols.scored import ScoredSession, figures, write_scores
from enroll.score import session_score
from enroll.sessions import SessionRows


def evaluate(
    folder: Path,
    *,
    mode: str = "own",
    background: Background | None = None,
    detectors: Sequence[str] | None = None,
    jobs: int = 1,
    cache: Path | None = None,
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
        ``own``: each account by its own data alone. ``cohort``: all other accounts' training files are its
        cohort, the impostors' own among them (closed-set, for parity with the literature).
    background : Background, optional
        How people differ, for own data: its detector stands beside the shipped ones. Refused where a tested session is
        in it.
    detectors : sequence of str, optional
        Names; the shipped ones where None.
    jobs : int
        Processes.
    cache : Path, optional
        Folder where feature rows are kept.
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
        If the mode is not known, or the folder is not as it must be.
    """
    begun = clock()
    scored = scored_sessions(
        folder,
        mode=mode,
        background=background,
        detectors=detectors,
        jobs=jobs,
        cache=cache,
        progress=progress,
    )
    if scores:
        write_scores(scores, scored)
    return {
        "protocol": "balabit",
        "mode": mode,
        "background": None if background is None else background.background_id,
        **figures(scored),
        "piece_seconds": None,
        "run_seconds": round(clock() - begun, 2),
    }


def scored_sessions(
    folder: Path,
    *,
    mode: str = "own",
    background: Background | None = None,
    detectors: Sequence[str] | None = None,
    jobs: int = 1,
    cache: Path | None = None,
    progress: Callable[[str], None] = lambda account: None,
) -> list[ScoredSession]:
    """Every labelled session with its score, in order of account and name."""
    check_mode(mode)
    if background is not None and detectors is None and mode == "own":
        detectors = SESSION_DETECTORS
    labelled, read = labelled_sessions(folder), RowReader.for_detectors(cache, detectors)
    training = {name: training_sessions(folder, name) for name in accounts(folder)}
    if background is not None:
        checked(background, [label.session.path for label in labelled])
    tasks = []
    for name, own in training.items():
        others = [
            s for account, account_sessions in training.items() if account != name for s in account_sessions
        ]
        tried = [s for s in labelled if s.session.account == name]
        known = others if mode == "cohort" else None
        tasks.append(delayed(_account)(own, known, tried, read, detectors, background))
    scored: list[ScoredSession] = []
    for name, part in Parallel(n_jobs=jobs, return_as="generator")(tasks):
        scored += part
        progress(name)
    return scored


@one_thread
def _account(
    training: Sequence[DataSession],
    others: Sequence[DataSession] | None,
    labelled: Sequence[LabelledSession],
    read: RowReader,
    detectors: Sequence[str] | None,
    background: Background | None,
) -> tuple[str, list[ScoredSession]]:
    """Train one account and score its sessions: a pure function, run in any process."""
    sorted_sessions = of_one_mouse([read(session) for session in training])
    cohort = None if others is None else [read(session) for session in others]
    usual = _Learnt.of(sorted_sessions.learnt, cohort, detectors, background)
    mice = [usual]
    if sum(len(s.rows) for s in sorted_sessions.kept_apart) >= LEAST_ACTIONS:
        mice.append(_Learnt.of(sorted_sessions.kept_apart, cohort, detectors, background))
    scored = []
    for label in labelled:
        tried = read(label.session)
        by = next((mouse for mouse in mice if matched(mouse.intervals_s, tried.intervals_s)), usual)
        scored.append(
            ScoredSession(
                tried.account,
                tried.name,
                label.is_impostor,
                session_score(by.model, tried.rows),
                device_score(by.intervals_s, tried.intervals_s),
                matched(by.intervals_s, tried.intervals_s),
                len(tried.rows),
            )
        )
    return training[0].account, scored


@dataclass(frozen=True, slots=True, eq=False)
class _Learnt:
    """One account under one class of mouse: as in use, each has a profile of its own."""

    model: Model
    intervals_s: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        own: Sequence[SessionRows],
        cohort: Sequence[SessionRows] | None,
        detectors: Sequence[str] | None,
        background: Background | None,
    ) -> _Learnt:
        model = learn(own, cohort, detectors, background=background)
        return cls(model, np.concatenate([session.intervals_s for session in own]))
