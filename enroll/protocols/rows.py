"""Feature rows of recorded sessions, kept on disk by what is in the file and what measures it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
from joblib import Memory
from numpy.typing import NDArray

import _fastfeat
from _fastfeat import ActionRows
from agent.engine import sketch, windowing
from enroll import datasets, sessions
from enroll.datasets.session import DataSession, TableSession
from enroll.detector_choice import sketched_by
from enroll.sessions import SessionRows, session_rows


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads sessions as feature rows; the second time from its cache.

    Attributes
    ----------
    cache : Path or None
        Folder of a `joblib.Memory`; without one everything is measured anew. It belongs to whoever runs the
        evaluation, and holds feature rows of the evaluated tables alone.
    sketched : bool
        Whether actions are sketched, too.
    """

    cache: Path | None = None
    sketched: bool = False

    def __call__(self, session: DataSession) -> SessionRows:
        """The session after the kernel.

        Raises
        ------
        SteadyhandError
            If the table cannot be read.
        """
        # What recordings hold stays encrypted: their rows are not kept.
        if self.cache is None or not isinstance(session, TableSession) or not session.path.is_file():
            return session_rows(session.account, session.name, session, sketched=self.sketched)
        cached = Memory(self.cache, verbose=0).cache(_measured, ignore=["session"])
        rows, intervals_s = cached(session, _digest(session.path), session.form, _measurer(), self.sketched)
        return SessionRows(session.account, session.name, rows, intervals_s)

    @classmethod
    def for_detectors(cls, cache: Path | None, detectors: Sequence[str] | None) -> RowReader:
        """One that measures what these detectors need; the shipped ones where None.

        Raises
        ------
        SteadyhandError
            If one is not known.
        """
        return cls(cache, sketched_by(detectors))


def _measured(
    session: DataSession, content: str, table: str, measurer: str, sketched: bool
) -> tuple[ActionRows, NDArray[np.float64]]:
    """Rows and intervals of a table; all but the session itself is the cache's key."""
    measured = session_rows(session.account, session.name, session, sketched=sketched)
    return measured.rows, measured.intervals_s


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def _measurer() -> str:
    """One digest of all code between a table and its rows: another kernel, another cache."""
    package = Path(_file(_fastfeat)).parent
    parts = sorted(p for p in package.iterdir() if p.suffix in (".py", ".so", ".pyd"))
    parts += sorted(Path(_file(datasets)).parent.glob("*.py"))
    parts += [Path(_file(module)) for module in (windowing, sketch, sessions)]
    return hashlib.sha256("".join(map(_digest, parts)).encode()).hexdigest()


def _file(module: ModuleType) -> str:
    return str(module.__file__)
