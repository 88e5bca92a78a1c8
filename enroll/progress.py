"""Progress of long work: a bar on a terminal, else a line now and then; nothing where silence was asked for."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from types import TracebackType
from typing import Final, Self, TextIO, TypeVar

from tqdm import tqdm

from agent.engine.visible_text import visible
from agent.standard_streams import steerable

LINE_EVERY_S: Final = 30.0

T = TypeVar("T")


class ProgressReport:
    """Counts steps of one piece of work and shows them on standard error.

    Parameters
    ----------
    unit : str
        What is counted, in the singular.
    total : int or None
        How many there are; None where that is not known.
    quiet : bool
        Whether nothing is to be shown.
    out : text file, optional
        Standard error where None.
    clock : callable
        Monotonic seconds.
    """

    def __init__(
        self,
        unit: str,
        total: int | None = None,
        *,
        quiet: bool = False,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._unit, self._total, self._out, self._clock = unit, total, out or steerable(sys.stderr), clock
        self._begun_s = self._line_s = clock()
        self._done = 0
        self._lines = not quiet and not self._out.isatty()
        self._bar = tqdm(total=total, unit=unit, file=self._out, disable=quiet or self._lines)

    def step(self, *_: object) -> None:
        """One more is done."""
        self._done += 1
        self._bar.update()
        now_s = self._clock()
        if self._lines and now_s - self._line_s >= LINE_EVERY_S:
            self._line_s = now_s
            of_all = f" of {self._total}" if self._total else ""
            print(
                f"{self._done}{of_all} {self._unit}s done after {now_s - self._begun_s:.0f} s",
                file=self._out,
                flush=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()


def progress(steps: Iterable[T], unit: str, *, quiet: bool = False, total: int | None = None) -> Iterator[T]:
    """Hand on each of `steps` and show how many are done."""
    if total is None and isinstance(steps, Sized):
        total = len(steps)
    with ProgressReport(unit, total, quiet=quiet) as report:
        for step in steps:
            yield step
            report.step()


def notice(line: str) -> None:
    """Tell on standard error what was left out, or what else does not stop the work."""
    sys.stderr.write(f"{visible(line)}\n")
