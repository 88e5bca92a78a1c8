"""Runs the protocols and puts their tables into docs/results.md and docs/choices.md: `make results`.

The figures of every run are kept in docs/figures with the commit and a digest of the code that made them. Only
runs that are missing, or that other code made, are made anew; an interrupted stream goes on at its first fold that
was not finished. `--write-only` runs nothing and writes the tables of what is kept.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.signing import create_signing_key
from docs.aims_table import aims_table
from docs.result_figures import FIGURES, FigureFolder, provenance
from docs.result_runs import BLOCKS, DEFAULT_BLOCKS, SAPIMOUSE_BACKGROUND, Block, Run
from enroll.cli import main as enroll
from enroll.protocols.code_digest import judging_code
from enroll.report.tables import TABLES, replace

Enroll = Callable[[list[str]], int]
_MINUTE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class ResultMaker:
    """Makes what is missing and writes tables.

    Attributes
    ----------
    data : Path or None
        Folder with balabit, bogazici, dfl, sapimouse and mouse-configuration; None: nothing is run.
    figures : FigureFolder
    work : Path
        For what a run leaves behind: single folds, SapiMouse's background and its key.
    jobs : int
        Processes of one run.
    enroll : callable
        The program `steadyhand-enroll`.
    tell : callable
        Takes progress, a line at a time.
    blocks : mapping of str to Block
        By the names between the marks.
    """

    data: Path | None
    figures: FigureFolder
    work: Path
    jobs: int
    enroll: Enroll
    tell: Callable[[str], None]
    blocks: Mapping[str, Block] = field(default_factory=lambda: BLOCKS)

    def make(self, names: Sequence[str], *, again: bool = False) -> None:
        """Run what these tables need, and write each as soon as its runs are there.

        Raises
        ------
        SteadyhandError
            If a run fails: what was finished before is kept and written.
        """
        if self.data is None:
            self._write(names)
            return
        code = judging_code()
        runs = list(dict.fromkeys(run for name in names for run in self.blocks[name].runs))
        due = [run for run in runs if again or not self.figures.is_current(run, code)]
        self.tell(f"{len(runs) - len(due)} of {len(runs)} runs are kept; {self._expected(due)}")
        begun = time.monotonic()
        for number, run in enumerate(due, 1):
            self.tell(f"run {number} of {len(due)}: {run.name}")
            self._run(run, code)
            self._write([name for name in names if run in self.blocks[name].runs])
        self._write(names)
        self.tell(
            f"{len(due)} runs in {(time.monotonic() - begun) / _MINUTE_S:.0f} minutes; tables are written"
        )

    def _expected(self, due: Sequence[Run]) -> str:
        """How long the runs took when they were last made."""
        kept_figures = [self.figures.read(run) for run in due]
        # Figures that a page was the only source of have no time.
        before = [figures["run_seconds"] for figures in kept_figures if figures and figures["run_seconds"]]
        unknown = len(due) - len(before)
        words = f"{len(due)} to make, {sum(before) / _MINUTE_S:.0f} minutes when they were last made"
        return f"{words}, and {unknown} never timed" if unknown else words

    def _run(self, run: Run, code: str) -> None:
        assert self.data is not None
        if SAPIMOUSE_BACKGROUND[0] in run.more:
            self._sapimouse_background(self.data)
        words = [word.format(data=self.data, work=self.work) for word in run.more]
        if run.protocol == "stream":
            words += ["--parts", str(self.work / "folds")]
        made = self.work / f"{run.name}.json"
        call = ["evaluate", run.protocol, str(self.data / run.folder), "--mode", run.mode, *words]
        self._call([*call, "--jobs", str(self.jobs), "--json", str(made)])
        self.figures.keep(run, made, code)

    def _sapimouse_background(self, data: Path) -> None:
        """The background of SapiMouse's people, for evaluations alone: its licence lets nobody pass it on."""
        background = self.work / "sapimouse.background"
        if background.is_file():
            return
        key = create_signing_key(self.work / "results.pem")
        (self.work / "results.pub.pem").write_bytes(key.public.to_pem())
        call = ["background", "build", str(data / "sapimouse"), "--key", str(self.work / "results.pem")]
        self._call([*call, "--out", str(background), "--jobs", str(self.jobs)])

    def _call(self, call: list[str]) -> None:
        # The figures go to their file; progress goes to standard error.
        with contextlib.redirect_stdout(io.StringIO()):
            failed = self.enroll(call)
        if failed:
            raise SteadyhandError(f"{' '.join(call)} failed", "see above; what was finished before is kept")

    def _write(self, names: Sequence[str]) -> None:
        for name in names:
            block = self.blocks[name]
            replace(block.page, name, block_text(name, block.runs, self.figures))


def block_text(name: str, runs: Sequence[Run], figures: FigureFolder) -> str:
    """A block's table with the line that says what made it; runs that were never made have no column.

    Raises
    ------
    SteadyhandError
        If figures cannot be read, or there are none at all for it.
    """
    made = [figures.read(run) for run in runs]
    there: list[dict[str, Any]] = [m for m in made if m is not None]
    if not there:
        raise SteadyhandError(f"block {name}: none of its runs was ever made", "run `make results`")
    table = aims_table if name == "aims" else TABLES[name]
    return f"{table(there)}\n\n{provenance(runs, made)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, 1 where a run failed, 130 where somebody interrupted it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "data",
        type=Path,
        nargs="?",
        help="folder with balabit, bogazici, dfl, sapimouse and mouse-configuration",
    )
    parser.add_argument("--blocks", nargs="+", choices=BLOCKS, default=list(DEFAULT_BLOCKS), help="tables")
    parser.add_argument("--figures", type=Path, default=FIGURES, help="folder of the kept figures")
    parser.add_argument("--work", type=Path, default=Path("build/results"), help="for single folds")
    parser.add_argument("--again", action="store_true", help="make all runs anew")
    parser.add_argument("--write-only", action="store_true", help="run nothing")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    options = parser.parse_args(arguments)
    if options.data is None and not options.write_only:
        parser.error("name the folder of data, or --write-only")
    if options.data is not None and not options.data.is_dir():
        parser.error(f"{options.data} is no folder: `make data` unpacks the data sets")
    options.work.mkdir(parents=True, exist_ok=True)
    data = None if options.write_only else options.data
    figures = FigureFolder(options.figures)
    maker = ResultMaker(data, figures, options.work, options.jobs, enroll, _tell)
    try:
        if options.again:
            shutil.rmtree(options.work / "folds", ignore_errors=True)
        maker.make(options.blocks, again=options.again)
    except SteadyhandError as error:
        _tell(str(error))
        return 1
    except KeyboardInterrupt:
        _tell("interrupted: what was finished is kept, and the next call goes on there")
        return 130
    return 0


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
