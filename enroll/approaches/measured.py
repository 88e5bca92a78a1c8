"""The protocols with all approaches at once: one enrolment a user, scored by every variant."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import joblib
import numpy as np
from joblib import Parallel, delayed

from _fastfeat import ActionRows
from agent.engine.errors import SteadyhandError
from agent.files.private import mendable
from enroll.approaches.lineup import APPROACHES, Lineup, lineup
from enroll.approaches.summary import together
from enroll.datasets.balabit import LabelledSession, accounts, labelled_sessions, training_sessions
from enroll.datasets.session import DataSession
from enroll.onethread import one_thread
from enroll.protocols import stream
from enroll.protocols.device import device_score, matched
from enroll.protocols.learning import matching
from enroll.protocols.rows import RowReader
from enroll.protocols.sapimouse import SESSION_S, cut, rotations
from enroll.protocols.scored import ScoredSession
from enroll.protocols.stream_guard import rules_of
from enroll.protocols.stream_judge import Guard, MouseWatch
from enroll.protocols.stream_plan import Fold, plan
from enroll.protocols.stream_records import Record
from enroll.protocols.stream_session import read_session
from enroll.sessions import SessionRows

PROTOCOLS: Final = ("balabit-own", "balabit-cohort", "sapimouse", "stream")

# Of the draw of people.
SEED: Final = 7

# As `joblib.delayed` makes it: the call, its arguments and its options.
Work = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
Progress = Callable[[str], None]
Drawn = TypeVar("Drawn")


def measured(
    protocol: str,
    folder: Path,
    *,
    approaches: Sequence[str] = APPROACHES,
    most_people: int | None = None,
    parts: Path | None = None,
    jobs: int = 1,
    cache: Path | None = None,
    progress: Progress = lambda user: None,
) -> dict[str, Any]:
    """Figures of every variant by one protocol, and what each approach costs.

    Parameters
    ----------
    protocol : str
        One of `PROTOCOLS`; sapimouse and stream with a cohort of the same configuration.
    folder : Path
        Of the data set.
    approaches : sequence of str
    most_people : int, optional
        So many of the accounts, and of each rotation of SapiMouse, are drawn to be enrolled, with a fixed seed;
        everybody where None. The others are cohort and impostors all the same.
    parts : Path, optional
        Folder where what is measured of each person is kept: a run that is cut short, or that asks for more people,
        goes on from there. For one state of the code.
    jobs : int
        Processes; each computes with one thread.
    cache : Path, optional
        Folder where feature rows and sketches are kept.
    progress : callable
        Told every user when done.

    Returns
    -------
    dict
        ``figures`` by variant, ``gains`` by approach (`enroll.approaches.gain`), ``costs`` by approach (means over
        users), ``surviving``: by feature how many users' selection kept it, ``left_out``.

    Raises
    ------
    SteadyhandError
        If the protocol is not known, or the folder is not as it must be.
    """
    if protocol not in PROTOCOLS:
        raise SteadyhandError(f"protocol {protocol!r} is not known", f"use one of {', '.join(PROTOCOLS)}")
    read = RowReader(cache, sketched=True)
    tasks = _tasks(protocol, folder, read, tuple(approaches), most_people)
    pending = (_cached(None if parts is None else parts / f"{protocol}-{name}", work) for name, work in tasks)
    parts_done = []
    for part in Parallel(n_jobs=jobs, return_as="generator")(pending):
        if part is not None:
            parts_done.append(part)
            progress(part[0])
    return together(protocol, parts_done) | {"most_people": most_people}


def _tasks(
    protocol: str, folder: Path, read: RowReader, approaches: tuple[str, ...], most: int | None
) -> Iterator[tuple[str, Work]]:
    """Everybody's name with the work on them."""
    if protocol == "sapimouse":
        return _sapimouse(folder, read, approaches, most)
    if protocol == "stream":
        return _stream(folder, read, approaches, most)
    return _balabit(folder, read, approaches, most, with_cohort=protocol == "balabit-cohort")


def _cached(path: Path | None, work: Work) -> Work:
    return work if path is None else delayed(_cached_at)(path, work)


def _cached_at(path: Path, work: Work) -> Any:
    """What was measured before, or is now and is kept."""
    if path.exists():
        return joblib.load(path)
    call, arguments, options = work
    outcome = call(*arguments, **options)
    with mendable(path, "write"):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        joblib.dump(outcome, part)
        os.replace(part, path)
    return outcome


def _drawn(everybody: Sequence[Drawn], most: int | None) -> list[Drawn]:
    if most is None:
        return list(everybody)
    chosen = np.random.default_rng(SEED).permutation(len(everybody))[:most]
    return [everybody[i] for i in sorted(chosen.tolist())]


def _balabit(
    folder: Path, read: RowReader, approaches: tuple[str, ...], most: int | None, *, with_cohort: bool
) -> Iterator[tuple[str, Work]]:
    labelled = labelled_sessions(folder)
    training = {name: training_sessions(folder, name) for name in accounts(folder)}
    for name in _drawn(list(training), most):
        others = [s for account, of_account in training.items() if account != name for s in of_account]
        tried = [trial for trial in labelled if trial.session.account == name]
        work = delayed(_account)(training[name], others if with_cohort else None, tried, read, approaches)
        yield name, work


@one_thread
def _account(
    own: Sequence[DataSession],
    cohort: Sequence[DataSession] | None,
    labelled: Sequence[LabelledSession],
    read: RowReader,
    approaches: tuple[str, ...],
) -> tuple[str, Lineup, dict[str, list[ScoredSession]]]:
    sessions = [read(s) for s in own]
    fitted = lineup(sessions, None if cohort is None else [read(s) for s in cohort], approaches)
    tried = [(read(trial.session), trial.is_impostor) for trial in labelled]
    return own[0].account, _light(fitted), _scored(fitted, sessions, tried)


def _sapimouse(
    folder: Path, read: RowReader, approaches: tuple[str, ...], most: int | None
) -> Iterator[tuple[str, Work]]:
    for rotation in rotations(folder):
        tried = [piece for p in rotation.tested for piece in cut(p.test, SESSION_S, sketched=True)]
        cohort = [read(p.enrolment) for p in rotation.background]
        for person in _drawn(rotation.tested, most):
            yield (
                person.enrolment.account,
                delayed(_person)(person.enrolment, cohort, tried, read, approaches),
            )


@one_thread
def _person(
    enrolment: DataSession,
    cohort: Sequence[SessionRows],
    tried: Sequence[SessionRows],
    read: RowReader,
    approaches: tuple[str, ...],
) -> tuple[str, Lineup, dict[str, list[ScoredSession]]] | None:
    own = read(enrolment)
    try:
        fitted = lineup([own], cohort, approaches)
    except SteadyhandError:
        return None  # who made too few actions cannot be enrolled, as in the protocol itself
    pairs = [(piece, piece.account != own.account) for piece in tried]
    return own.account, _light(fitted), _scored(fitted, [own], pairs)


def _scored(
    fitted: Lineup, own: Sequence[SessionRows], tried: Sequence[tuple[SessionRows, bool]]
) -> dict[str, list[ScoredSession]]:
    intervals_s = np.concatenate([s.intervals_s for s in own])
    out: dict[str, list[ScoredSession]] = {v: [] for v in fitted.variants}
    for piece, is_impostor in tried:
        device = device_score(intervals_s, piece.intervals_s)
        same = matched(intervals_s, piece.intervals_s)
        name = f"{piece.account}/{piece.name}"
        for variant, score in fitted.session_scores(piece.rows).items():
            about = (own[0].account, name, is_impostor, score, device, same, len(piece.rows))
            out[variant].append(ScoredSession(*about))
    return out


def _stream(
    folder: Path, read: RowReader, approaches: tuple[str, ...], most: int | None
) -> Iterator[tuple[str, Work]]:
    for fold in _drawn(plan(folder, "cohort", "last"), most):
        yield fold.account, delayed(_fold)(fold, read, approaches)


@one_thread
def _fold(
    fold: Fold, read: RowReader, approaches: tuple[str, ...]
) -> tuple[str, Lineup, dict[str, list[Record]]]:
    enrolment = [read_session(read, s).merged() for s in fold.enrolment]
    cohort = [read_session(read, s).merged() for s in fold.cohort or ()]
    fitted = lineup(enrolment, matching(enrolment, cohort), approaches)
    scores = _Scores(fitted)
    active_s = sum(s.active_s for s in enrolment)
    watch = MouseWatch.of(ActionRows.concat(s.rows for s in enrolment))
    intervals_s = np.concatenate([s.intervals_s for s in enrolment])
    own = [read_session(read, s) for s in fold.streamed]
    others = [read_session(read, s) for s in fold.intruding]
    out: dict[str, list[Record]] = {}
    for variant in fitted.variants:
        rules = rules_of(fitted.model(variant), active_s)
        guard = Guard(fold.account, scores.of(variant), rules, watch, intervals_s)
        records: list[Record] = [r for s in own for r in stream.genuine(guard, s)]
        out[variant] = records + [r for s in others for r in stream.intrusions(guard, s)]
    return fold.account, _light(fitted), out


class _Scores:
    """Deviates of a stretch by every variant, computed once for all of them."""

    def __init__(self, fitted: Lineup) -> None:
        self._told = fitted
        self._kept: dict[bytes, dict[str, Any]] = {}

    def of(self, variant: str) -> Callable[[ActionRows], Any]:
        """The deviates of one variant, as a `Guard` asks for them."""

        def score(rows: ActionRows) -> Any:
            key = hashlib.sha256(rows.features.tobytes() + rows.start_ns.tobytes()).digest()
            if key not in self._kept:
                self._kept[key] = self._told.stream(rows)
            return self._kept[key][variant]

        return score


def _light(fitted: Lineup) -> Lineup:
    """Without the models: what a worker process sends back."""
    return Lineup({}, fitted.costs, fitted.left_out, fitted.surviving)
