"""How a protocol is run, whatever it measures: mode, detectors, processes, cache and progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joblib import Parallel

from enroll.protocols.rows import RowReader


def _ignore(name: str) -> None:
    """Progress that nobody asked for."""


@dataclass(frozen=True, slots=True)
class ProtocolRun:
    """Options that all protocols share.

    Attributes
    ----------
    mode : str
        ``own``: each account by its own data alone. ``cohort``: by how it differs from other people, whom the
        protocol chooses.
    detectors : sequence of str, optional
        Names; the shipped ones where None.
    jobs : int
        Processes; -1 for one on each core.
    cache : Path, optional
        Folder where feature rows are kept.
    progress : callable
        Told the name of each account when it is done.
    clock : callable
        Seconds, for ``run_seconds``.
    """

    mode: str = "own"
    detectors: Sequence[str] | None = None
    jobs: int = 1
    cache: Path | None = None
    progress: Callable[[str], None] = _ignore
    clock: Callable[[], float] = time.perf_counter

    def reader(self) -> RowReader:
        """Reads rows as the detectors need them."""
        return RowReader.for_detectors(self.cache, self.detectors)

    def outcomes(self, tasks: Iterable[Any]) -> Iterator[Any]:
        """What the tasks return, in their order, as soon as each is known.

        Parameters
        ----------
        tasks : iterable
            As `joblib.delayed` makes them.
        """
        yield from Parallel(n_jobs=self.jobs, return_as="generator")(tasks)


USUAL = ProtocolRun()
"""One process, the shipped detectors, own data, no cache."""
