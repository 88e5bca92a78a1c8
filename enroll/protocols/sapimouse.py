"""SapiMouse: enrol on three minutes, verify on one, among people whom nothing learnt has seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from joblib import delayed

from agent.engine.errors import SteadyhandError
from agent.engine.events import EventBatch, StreamItem
from enroll.datasets.sapimouse import SapimousePerson, people
from enroll.datasets.session import DataSession
from enroll.onethread import one_thread
from enroll.protocols.device import device_score, matched
from enroll.protocols.learning import check_mode, learn
from enroll.protocols.rows import RowReader
from enroll.protocols.run import USUAL, ProtocolRun
from enroll.protocols.scored import ScoredSession, figures, write_scores
from enroll.score import session_score
from enroll.sessions import SessionRows, session_rows

# Test people of the three rotations; the background is the rest of 1-72.
EVERYBODY: Final = range(1, 73)
ROTATIONS: Final = (range(1, 25), range(25, 49), range(49, 73))
SESSION_S: Final = 60.0

_LEAST_SHARE: Final = 0.9
_LEAST_TESTED: Final = 2


@dataclass(frozen=True, slots=True)
class Rotation:
    """Who is only learnt from, and who is enrolled and tested."""

    background: tuple[SapimousePerson, ...]
    tested: tuple[SapimousePerson, ...]


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """Every trial, and why who could not be enrolled."""

    scored: tuple[ScoredSession, ...]
    not_enrolled: Mapping[str, str]


def evaluate(
    folder: Path,
    run: ProtocolRun = USUAL,
    *,
    background: range | None = None,
    test: range | None = None,
    seconds: float = SESSION_S,
    scores: Path | None = None,
) -> dict[str, Any]:
    """Run the protocol.

    Parameters
    ----------
    folder : Path
        Holds ``userN`` with ``session_3min.csv`` and ``session_1min.csv``.
    run : ProtocolRun
        With mode ``cohort`` the background people are the cohort.
    background, test : range, optional
        Numbers of people; without them three rotations over 1-72, pooled as they are.
    seconds : float
        Length of a piece of the one-minute session, s.
    scores : Path, optional
        CSV file for the single scores, as `write_scores` makes it.

    Returns
    -------
    dict
        The keys that docs/design.md lists, and `not_enrolled`: by person why enrolment failed.

    Raises
    ------
    SteadyhandError
        If an option is not one, the folder is not as it must be, or nobody can be enrolled.
    """
    begun = run.clock()
    outcome = scored_people(rotations(folder, background, test), run, seconds=seconds)
    if scores:
        write_scores(scores, outcome.scored)
    return {
        "protocol": "sapimouse",
        "mode": run.mode,
        **figures(outcome.scored),
        "not_enrolled": dict(outcome.not_enrolled),
        "piece_seconds": seconds,
        "run_seconds": round(run.clock() - begun, 2),
    }


def rotations(folder: Path, background: range | None = None, test: range | None = None) -> list[Rotation]:
    """Who is tested against which background.

    Raises
    ------
    SteadyhandError
        If only one range is given, they overlap, or fewer than two people are in the test's.
    """
    everybody = people(folder)
    if (background is None) != (test is None):
        raise SteadyhandError("--background without --test, or the other way round", "give both or neither")
    if background is not None and test is not None:
        if set(background) & set(test):
            raise SteadyhandError("--background and --test share people", "give ranges that do not overlap")
        return [_rotation(everybody, background, test)]
    rest = [[n for n in EVERYBODY if n not in tested] for tested in ROTATIONS]
    return [_rotation(everybody, learnt, tested) for learnt, tested in zip(rest, ROTATIONS, strict=True)]


def scored_people(
    planned: Sequence[Rotation], run: ProtocolRun = USUAL, *, seconds: float = SESSION_S
) -> TrialOutcome:
    """Every test person's pieces tried against every test person of the rotation, in order.

    Raises
    ------
    SteadyhandError
        As `evaluate`.
    """
    check_mode(run.mode)
    if not 1.0 <= seconds <= SESSION_S:
        raise SteadyhandError(f"--seconds {seconds:g}", f"use 1 to {SESSION_S:g}")
    read = run.reader()
    tasks = []
    for rotation in planned:
        tried = [
            piece for person in rotation.tested for piece in cut(person.test, seconds, sketched=read.sketched)
        ]
        cohort = [read(person.enrolment) for person in rotation.background] if run.mode == "cohort" else None
        tasks += [delayed(_person)(person, cohort, tried, read, run.detectors) for person in rotation.tested]
    scored: list[ScoredSession] = []
    failed: dict[str, str] = {}
    for name, part in run.outcomes(tasks):
        if isinstance(part, str):
            failed[name] = part
        else:
            scored += part
        run.progress(name)
    if not scored:
        why = next(iter(failed.values()), f"no test session lasts {_LEAST_SHARE * seconds:g} s")
        raise SteadyhandError("nobody could be tried", f"give longer recordings ({why})")
    return TrialOutcome(tuple(scored), failed)


def cut(session: DataSession, seconds: float, *, sketched: bool = False) -> list[SessionRows]:
    """The first minute in pieces, each through the kernel on its own; a remainder under 0.9 of one is left out.

    The minute begins with the first action: some recordings hold a stray move of the time before, up to minutes
    earlier, when the pointer first crossed the page.
    """
    batches = [batch for batch in session if isinstance(batch, EventBatch) and len(batch)]
    start_ns, length_ns = _begin_ns(session, batches), round(seconds * 1e9)
    spent_ns = min(int(batches[-1].t_ns[-1]) - start_ns, round(SESSION_S * 1e9))
    out = []
    for number in range(round(SESSION_S / seconds + 0.5)):
        begin_ns = start_ns + number * length_ns
        if start_ns + spent_ns - begin_ns < _LEAST_SHARE * length_ns:
            break
        items = _between(batches, begin_ns, begin_ns + length_ns)
        name = f"{session.name}/{number}"
        out.append(session_rows(session.account, name, items, sketched=sketched))
    return out


def _begin_ns(session: DataSession, batches: Sequence[EventBatch]) -> int:
    rows = session_rows(session.account, session.name, batches).rows
    return int(rows.start_ns.min()) if len(rows) else int(batches[0].t_ns[0])


def _between(batches: Iterable[EventBatch], begin_ns: int, end_ns: int) -> list[StreamItem]:
    spans = [(b, np.searchsorted(b.t_ns, (begin_ns, end_ns))) for b in batches]
    return [batch[int(at[0]) : int(at[1])] for batch, at in spans]


def _rotation(
    everybody: Sequence[SapimousePerson], background: Iterable[int], test: Iterable[int]
) -> Rotation:
    learnt, tried = set(background), set(test)
    rotation = Rotation(
        tuple(p for p in everybody if p.number in learnt), tuple(p for p in everybody if p.number in tried)
    )
    if len(rotation.tested) < _LEAST_TESTED:
        shown = f"{min(tried)}-{max(tried)}" if tried else "none"
        raise SteadyhandError(
            f"people {shown}: {len(rotation.tested)} in the folder",
            "test at least 2: --background 1-72 --test 73-120",
        )
    return rotation


@one_thread
def _person(
    person: SapimousePerson,
    cohort: Sequence[SessionRows] | None,
    tried: Sequence[SessionRows],
    read: RowReader,
    detectors: Sequence[str] | None,
) -> tuple[str, list[ScoredSession] | str]:
    """Enrol one person and try everybody's pieces, or say why not: a pure function, run in any process."""
    own = read(person.enrolment)
    try:
        model = learn([own], cohort, detectors)
    except SteadyhandError as error:
        return own.account, str(error)
    return own.account, [
        ScoredSession(
            own.account,
            f"{piece.account}/{piece.name}",
            piece.account != own.account,
            session_score(model, piece.rows),
            device_score(own.intervals_s, piece.intervals_s),
            matched(own.intervals_s, piece.intervals_s),
            len(piece.rows),
        )
        for piece in tried
    ]
