"""A second mouse that is made up: Balabit's training sessions with every step of the pointer twice as long.

No public data set has streams of the same people under two configurations. Here a part of each account's sessions is as
it was recorded, and the rest as a mouse of twice the CPI would have told the same movements of the hand. A person would
move otherwise with such a mouse: what is measured is how the product's own transfer copes, not how people do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from _fastfeat import ActionRows
from agent.engine.errors import SteadyhandError
from agent.engine.events import EventBatch, StreamItem
from enroll.datasets.balabit import accounts, training_sessions
from enroll.datasets.session import DataSession
from enroll.fold_models import Model
from enroll.model import fit_model
from enroll.onethread import one_thread
from enroll.protocols.device import matched
from enroll.protocols.people_auc import PeopleAuc, Trials
from enroll.protocols.rows import RowReader
from enroll.protocols.run import USUAL, ProtocolRun
from enroll.protocols.sooner import Growth, figures
from enroll.score import session_score
from enroll.sessions import SessionRows, session_rows
from enroll.transfer import with_sample

FACTOR: Final = 2.0
SAMPLES: Final = (100, 200, 400, 800)
PIECE: Final = 70
MOST_PIECES: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedAccount:
    """One person's sessions: with the old mouse, with the new one to enrol, and with either to be tried."""

    old: tuple[SessionRows, ...]
    sample: SessionRows
    tried_old: SessionRows
    tried_new: SessionRows


@dataclass(frozen=True, slots=True, eq=False)
class OwnerTrials:
    """One owner's trials: the old mouse throughout, the old profile under the new one, and by size of the sample."""

    same: Trials
    as_it_is: Trials
    alone: tuple[Trials, ...]
    transferred: tuple[Trials, ...]
    pooled: tuple[Trials, ...]


def evaluate(folder: Path, run: ProtocolRun = USUAL) -> dict[str, Any]:
    """Run it.

    Parameters
    ----------
    folder : Path
        Balabit's.
    run : ProtocolRun
        Each account by its own data alone.

    Returns
    -------
    dict
        As `enroll.protocols.sooner.figures`, in actions; ``same`` AUC with the old mouse, ``as_it_is`` the old profile
        under the new one, ``pooled`` a profile learnt anew from both recordings.

    Raises
    ------
    SteadyhandError
        If the folder is not as it must be, or an account has fewer than three sessions.
    """
    names = accounts(folder)
    read = run.reader()
    everybody = list(run.outcomes(delayed(_account)(folder, name, read) for name in names))
    per_owner: list[OwnerTrials] = []
    tasks = [delayed(_tried)(everybody, who) for who in range(len(names))]
    for name, part in zip(names, run.outcomes(tasks), strict=True):
        per_owner.append(part)
        run.progress(name)
    sizes = (0, *SAMPLES)
    as_it_is = Trials.concat([trials.as_it_is for trials in per_owner])
    growth = Growth.concat(
        [Growth(trials.alone, (trials.as_it_is, *trials.transferred)) for trials in per_owner]
    )
    pooled = [Trials.concat(same) for same in zip(*(trials.pooled for trials in per_owner), strict=True)]
    return {
        "factor": FACTOR,
        "accounts": list(names),
        **figures(sizes, growth, len(names)),
        "same": _auc([trials.same for trials in per_owner], len(names)),
        "as_it_is": PeopleAuc.of(as_it_is, len(names)).auc(),
        "pooled": [None, *(PeopleAuc.of(trials, len(names)).auc() for trials in pooled)],
    }


def scaled(items: Iterable[StreamItem], factor: float) -> Iterator[StreamItem]:
    """The stream as a mouse would tell it whose steps are so much longer, in whole pixels."""
    for batch in items:
        if isinstance(batch, EventBatch):
            yield replace(batch, x=np.round(batch.x * factor), y=np.round(batch.y * factor))
        else:
            yield batch


def _account(folder: Path, name: str, read: RowReader) -> SimulatedAccount:
    sessions = training_sessions(folder, name)
    if len(sessions) < 3:
        raise SteadyhandError(f"{name}: {len(sessions)} training sessions", "give accounts with at least 3")
    *old, sample, tried = sessions
    return SimulatedAccount(tuple(map(read, old)), _scaled_rows(sample), read(tried), _scaled_rows(tried))


def _scaled_rows(session: DataSession) -> SessionRows:
    return session_rows(session.account, session.name, scaled(session, FACTOR))


@one_thread
def _tried(everybody: Sequence[SimulatedAccount], who: int) -> OwnerTrials:
    """One owner against everybody with a mouse of the same class: a pure function, run in any process."""
    own = everybody[who]
    intervals_s = np.concatenate([session.intervals_s for session in own.old])
    testers = [
        n
        for n, account in enumerate(everybody)
        if n == who or matched(intervals_s, account.tried_old.intervals_s)
    ]
    samples = [replace(own.sample, rows=own.sample.rows[:actions]) for actions in SAMPLES]
    old = fit_model(own.old)

    def tried(model: Model, *, new: bool = True) -> Trials:
        parts = [
            Trials.of(who, n, _scores(model, account.tried_new.rows if new else account.tried_old.rows))
            for n, account in ((n, everybody[n]) for n in testers)
        ]
        return Trials.concat(parts)

    return OwnerTrials(
        tried(old, new=False),
        tried(old),
        tuple(tried(fit_model([sample])) for sample in samples),
        tuple(tried(with_sample(old, [sample])) for sample in samples),
        tuple(tried(fit_model([*own.old, sample])) for sample in samples),
    )


def _scores(model: Model, rows: ActionRows) -> NDArray[np.float64]:
    """Of pieces as long as a short test session, each by itself."""
    begins = range(0, min(len(rows), MOST_PIECES * PIECE) - PIECE + 1, PIECE)
    return np.array([session_score(model, rows[at : at + PIECE]) for at in begins])


def _auc(parts: Sequence[Trials], people: int) -> float | None:
    return PeopleAuc.of(Trials.concat(parts), people).auc()
