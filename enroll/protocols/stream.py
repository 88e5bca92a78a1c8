"""Continuous use: owners and intruders stream through the sequential test, from a login to a lock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from _fastfeat import ActionRows
from agent.files.background import Background
from enroll.background.exclusion import checked
from enroll.limits import uniformity
from enroll.metrics import llr_cost
from enroll.onethread import one_thread
from enroll.protocols.device import device_score, matched
from enroll.protocols.fold_parts import FoldParts
from enroll.protocols.rows import RowReader
from enroll.protocols.run import USUAL, ProtocolRun
from enroll.protocols.stream_guard import enrolled_guard
from enroll.protocols.stream_judge import (
    EndCause,
    Guard,
    detection,
    first_hit,
    hits,
)
from enroll.protocols.stream_plan import ASKED, Fold, active_steps_s, counted, pieces, plan, tested_files
from enroll.protocols.stream_proofs import proof_records
from enroll.protocols.stream_records import Genuine, Intrusion, Record, stream_figures
from enroll.protocols.stream_session import NO_REST_NS, StreamedSession, read_session
from enroll.sources.accounts import EVERYTHING, SourceSelection

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RecordingCounts:
    """What was counted in one recording of the owner, at one asked rate."""

    actions: int
    active_s: float
    evidence_s: float
    false_locks: int
    is_exempt: bool


def evaluate(
    folder: Path,
    run: ProtocolRun = USUAL,
    *,
    folds: str = "last",
    days: bool = False,
    background: Background | None = None,
    parts: Path | None = None,
    selection: SourceSelection = EVERYTHING,
) -> dict[str, Any]:
    """Run the protocol on the training files of a Balabit folder, or on dated recordings.

    Parameters
    ----------
    folder : Path
        Holds ``training_files``, or recordings or tables by person, or with `days` the users' folders.
    run : ProtocolRun
        With mode ``cohort`` every other of the other accounts is the cohort. The intruders are the same. Progress is
        told the account whenever one of its folds is done.
    folds : str
        ``last``: the last two sessions are streamed; ``all``: pairs of sessions in turn; ``forward``: the later half in
        pairs, each enrolled on earlier sessions alone.
    days : bool
        Whether the folder holds ``USER/session_KK_dayDDD`` instead: recordings of one day are one session.
    background : Background, optional
        How people differ, for own data. Refused where a tested recording is in it.
    parts : Path, optional
        Folder where the records of single folds are kept: an interrupted run goes on there.
    selection : SourceSelection
        Of recordings: their keys, and which mouse.

    Returns
    -------
    dict
        The keys that docs/design.md lists, plain JSON values.

    Raises
    ------
    SteadyhandError
        If an option is not known, the folder is not as it must be, or an account has too little to enrol.
    """
    begun = run.clock()
    records = streamed(
        folder, run, folds=folds, days=days, background=background, parts=parts, selection=selection
    )
    protocol = {"protocol": "stream", "mode": run.mode, "folds": folds, "days": days}
    return {
        **protocol,
        "background": None if background is None else background.background_id,
        **stream_figures(records),
        "run_seconds": round(run.clock() - begun, 2),
    }


def streamed(
    folder: Path,
    run: ProtocolRun = USUAL,
    *,
    folds: str = "last",
    days: bool = False,
    background: Background | None = None,
    parts: Path | None = None,
    selection: SourceSelection = EVERYTHING,
) -> list[Record]:
    """Every streamed session and every intrusion, at every asked rate, in order of account and fold."""
    read = run.reader()
    folds_planned = plan(folder, run.mode, folds, days=days, selection=selection)
    if background is not None:
        checked(background, tested_files(folds_planned))
    evaluated = _evaluated if parts is None else FoldParts(parts, _evaluated)
    tasks = [delayed(evaluated)(fold, read, run.detectors, background) for fold in folds_planned]
    records: list[Record] = []
    for part in run.outcomes(tasks):
        records += part
        run.progress(part[0].account)
    return records


@one_thread
def _evaluated(
    fold: Fold, read: RowReader, detectors: Sequence[str] | None, background: Background | None
) -> list[Record]:
    """Enrol one account and stream everybody past it: a pure function, run in any process."""
    guard = enrolled_guard(fold, read, detectors, background)
    own = [read_session(read, planned) for planned in fold.streamed]
    others = [read_session(read, planned) for planned in fold.intruding]
    records: list[Record] = [r for session in own for r in genuine(guard, session)]
    records += [r for session in others for r in intrusions(guard, session)]
    return records + proof_records(guard, own, others)


def genuine(guard: Guard, session: StreamedSession) -> list[Genuine]:
    """The owner at work: one record for each asked rate. Every recording begins after a login."""
    same = matched(guard.intervals_s, session.intervals_s)
    likeness = device_score(guard.intervals_s, session.intervals_s)
    parts = [_recording(guard, rows, same) for rows in session.recordings]
    deviates = np.concatenate([guard.score(rows) for rows in session.recordings])
    evidence = ~np.isnan(deviates)
    spread = uniformity(deviates[evidence]) if evidence.any() else math.nan
    cost = _cost(guard, deviates, genuine=True)
    return [
        Genuine(
            asked,
            guard.account,
            session.name,
            same,
            sum(part.actions for part in at_rate),
            sum(part.active_s for part in at_rate),
            sum(part.evidence_s for part in at_rate),
            sum(part.false_locks for part in at_rate),
            any(part.is_exempt for part in at_rate),
            likeness,
            spread,
            cost,
            sum(part.false_locks > 0 for part in at_rate),
        )
        for asked, at_rate in zip(ASKED, zip(*parts, strict=True), strict=True)
    ]


def _recording(guard: Guard, rows: ActionRows, same: bool) -> list[RecordingCounts]:
    """What one recording shows at each asked rate."""
    evidence = ~np.isnan(guard.score(rows))
    hits_by_rate = hits(guard.score, rows, guard.rules, guard.watch, most_unknown=None if same else 1)
    out = []
    for recording_hits in hits_by_rate:
        is_exempt = not same and bool(recording_hits) and recording_hits[-1].sign is EndCause.UNKNOWN_MOUSE
        seen = rows[: recording_hits[-1].row + 1] if is_exempt else rows
        counts, steps = counted(seen), active_steps_s(seen)
        judged_s = float(steps[evidence[: len(seen)][counts]].sum())
        locks = len(recording_hits) - is_exempt
        out.append(RecordingCounts(int(counts.sum()), float(steps.sum()), judged_s, locks, is_exempt))
    return out


def intrusions(guard: Guard, session: StreamedSession) -> list[Intrusion]:
    """Somebody else in the owner's place: one record for each piece and asked rate."""
    same = matched(guard.intervals_s, session.intervals_s)
    likeness = device_score(guard.intervals_s, session.intervals_s)
    out = []
    for number, rows in enumerate(pieces(session.merged(NO_REST_NS).rows)):
        deviates = guard.score(rows)
        cost = _cost(guard, deviates, genuine=False)
        for asked, rule in zip(ASKED, guard.rules, strict=True):
            hit = first_hit(deviates, rows, rule, guard.watch)
            actions, seconds = detection(rows, hit, same)
            by_configuration = (
                math.isfinite(actions) and hit is not None and hit.sign is EndCause.UNKNOWN_MOUSE
            )
            who = (guard.account, session.account, session.name)
            out.append(
                Intrusion(asked, *who, number, same, actions, seconds, by_configuration, likeness, cost)
            )
    return out


def _cost(guard: Guard, deviates: Floats, *, genuine: bool) -> float:
    """What single actions' evidence costs; NaN without any."""
    judged = deviates[~np.isnan(deviates)]
    llrs = np.array([guard.rules[0].likelihood.llr(d) for d in judged.tolist()])
    return llr_cost(llrs, genuine=genuine) if len(llrs) else math.nan
