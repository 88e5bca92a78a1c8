"""The Balabit challenge: train on the training files alone, one score for each labelled test session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from joblib import delayed
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
from enroll.protocols.run import USUAL, ProtocolRun
from enroll.protocols.scored import ScoredSession, figures, write_scores
from enroll.score import session_score
from enroll.sessions import SessionRows


def evaluate(
    folder: Path,
    run: ProtocolRun = USUAL,
    *,
    background: Background | None = None,
    scores: Path | None = None,
) -> dict[str, Any]:
    """Run the protocol.

    Parameters
    ----------
    folder : Path
        Holds ``training_files``, ``test_files`` and ``public_labels.csv``.
    run : ProtocolRun
        With mode ``cohort`` all other accounts' training files are an account's cohort, the impostors' own among
        them (closed-set, for parity with the literature).
    background : Background, optional
        How people differ, for own data: its detector stands beside the shipped ones. Refused where a tested session is
        in it.
    scores : Path, optional
        CSV file for the single scores, as `write_scores` makes it.

    Returns
    -------
    dict
        The keys that docs/design.md lists, plain JSON values.

    Raises
    ------
    SteadyhandError
        If the mode is not known, or the folder is not as it must be.
    """
    begun = run.clock()
    scored = scored_sessions(folder, run, background=background)
    if scores:
        write_scores(scores, scored)
    return {
        "protocol": "balabit",
        "mode": run.mode,
        "background": None if background is None else background.background_id,
        **figures(scored),
        "piece_seconds": None,
        "run_seconds": round(run.clock() - begun, 2),
    }


def scored_sessions(
    folder: Path, run: ProtocolRun = USUAL, *, background: Background | None = None
) -> list[ScoredSession]:
    """Every labelled session with its score, in order of account and name."""
    check_mode(run.mode)
    if background is not None and run.detectors is None and run.mode == "own":
        run = replace(run, detectors=SESSION_DETECTORS)
    labelled, read = labelled_sessions(folder), run.reader()
    training = {name: training_sessions(folder, name) for name in accounts(folder)}
    if background is not None:
        checked(background, [label.session.path for label in labelled])
    tasks = []
    for name, own in training.items():
        others = [
            s for account, account_sessions in training.items() if account != name for s in account_sessions
        ]
        tried = [s for s in labelled if s.session.account == name]
        known = others if run.mode == "cohort" else None
        tasks.append(delayed(_account)(own, known, tried, read, run.detectors, background))
    scored: list[ScoredSession] = []
    for name, part in run.outcomes(tasks):
        scored += part
        run.progress(name)
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
