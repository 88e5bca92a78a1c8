"""Kept folds: what single folds of the stream protocol showed, so that an interrupted run goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from joblib import Memory

from agent.files.background import Background
from enroll.datasets.session import TableSession
from enroll.protocols.code_digest import judging_code
from enroll.protocols.rows import RowReader
from enroll.protocols.stream_plan import Fold
from enroll.protocols.stream_records import Record
from enroll.protocols.stream_session import PlannedSession

FoldRun = Callable[[Fold, RowReader, Sequence[str] | None, Background | None], list[Record]]


@dataclass(frozen=True, slots=True)
class FoldParts:
    """Runs folds and keeps their records in a folder, by everything that they depend on.

    Attributes
    ----------
    folder : Path
        Of a `joblib.Memory`: it belongs to whoever runs the evaluation.
    run : callable
        Runs one fold: a function of a module.
    """

    folder: Path
    run: FoldRun

    def __call__(
        self, fold: Fold, read: RowReader, detectors: Sequence[str] | None, background: Background | None
    ) -> list[Record]:
        """The records of a fold: kept ones, or made now.

        Folds with encrypted recordings are made anew each time: what they show of a person is not kept.
        """
        if not all(isinstance(r, TableSession) for s in _sessions(fold) for r in s.recordings):
            return self.run(fold, read, detectors, background)
        memorised = Memory(self.folder, verbose=0).cache(
            _records, ignore=["run", "fold", "read", "detectors", "background"]
        )
        records: list[Record] = memorised(
            self.run, fold, read, detectors, background, fold_key(fold, detectors, background)
        )
        return records


def fold_key(fold: Fold, detectors: Sequence[str] | None, background: Background | None) -> str:
    """A digest of the code, of every table with its part in the fold, and of what is learnt from beside them."""
    parts = {
        "code": judging_code(),
        "account": fold.account,
        "enrolment": _contents(fold.enrolment),
        "streamed": _contents(fold.streamed),
        "intruding": _contents(fold.intruding),
        "cohort": None if fold.cohort is None else _contents(fold.cohort),
        "detectors": None if detectors is None else list(detectors),
        "background": None if background is None else background.background_id,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _sessions(fold: Fold) -> tuple[PlannedSession, ...]:
    return (*fold.enrolment, *fold.streamed, *fold.intruding, *(fold.cohort or ()))


def _contents(sessions: Sequence[PlannedSession]) -> list[list[list[str]]]:
    return [[[r.account, r.name, r.form, _digest(r.path)] for r in s.recordings] for s in sessions]


def _records(
    run: FoldRun,
    fold: Fold,
    read: RowReader,
    detectors: Sequence[str] | None,
    background: Background | None,
    key: str,
) -> list[Record]:
    """Run the fold; the key alone says which records these are."""
    del key
    return run(fold, read, detectors, background)


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
