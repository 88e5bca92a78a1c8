"""Runs the protocol that a call names, with a progress bar that counts its steps."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import platformdirs
from joblib.externals.loky.process_executor import BrokenProcessPool

from agent.engine.errors import SteadyhandError
from agent.files.background import Background
from enroll.arguments.common import numbers
from enroll.background.exclusion import shipped_unless_tested
from enroll.commands.background import named_background
from enroll.commands.common import paths_of
from enroll.datasets.balabit import accounts
from enroll.progress import ProgressReport
from enroll.protocols import balabit, sapimouse, simulated, stream, stream_plan, sufficiency, transfer
from enroll.protocols.run import ProtocolRun
from enroll.sources.accounts import SourceSelection
from enroll.sources.keys import SourceKeys


def evaluate(options: argparse.Namespace) -> dict[str, Any]:
    """The protocol's figures.

    Raises
    ------
    SteadyhandError
        If an option does not fit the protocol, the folder is not as it must be, or a process was killed.
    """
    if options.detectors and options.protocol in _OWN_CHOICE:
        raise SteadyhandError(f"--detectors: {_OWN_CHOICE[options.protocol]}", "leave it out")
    for name, (protocols, why) in _ONLY_OF.items():
        if getattr(options, name) and options.protocol not in protocols:
            raise SteadyhandError(f"--{name}: {options.protocol} {why}", "leave it out")
    if options.jobs == 0:
        raise SteadyhandError("--jobs 0", "use 1 or more, or -1 for all cores")
    try:
        return _RUNS[options.protocol](options)
    except BrokenProcessPool as error:
        raise SteadyhandError(
            f"a process of --jobs {options.jobs} was killed, most likely for want of memory",
            "use fewer --jobs; the system log (dmesg) says what killed it",
        ) from error


def _balabit(options: argparse.Namespace) -> dict[str, Any]:
    people = len(accounts(options.folder))
    # Whether a tested session is in the background that is named, the protocol looks at.
    background = _own_background(options, ())
    with ProgressReport("account", people, quiet=options.quiet) as report:
        return balabit.evaluate(
            options.folder, _run(options, report), background=background, scores=options.scores
        )


def _sapimouse(options: argparse.Namespace) -> dict[str, Any]:
    background = None if options.background is None else _people(options.background)
    planned = sapimouse.rotations(options.folder, background, options.test)
    with ProgressReport(
        "person", sum(len(rotation.tested) for rotation in planned), quiet=options.quiet
    ) as report:
        return sapimouse.evaluate(
            options.folder,
            _run(options, report),
            background=background,
            test=options.test,
            seconds=options.seconds,
            scores=options.scores,
        )


def _stream(options: argparse.Namespace) -> dict[str, Any]:
    planned = stream_plan.plan(
        options.folder, options.mode, options.folds, days=options.days, selection=_selection(options)
    )
    with ProgressReport("fold", len(planned), quiet=options.quiet) as report:
        return stream.evaluate(
            options.folder,
            _run(options, report),
            folds=options.folds,
            days=options.days,
            background=_own_background(options, stream_plan.tested_files(planned)),
            parts=options.parts,
            selection=_selection(options),
        )


def _people(text: str) -> range:
    try:
        return numbers(text)
    except argparse.ArgumentTypeError as error:
        raise SteadyhandError(f"--background {error}", "give numbers of people: 1-72") from error


def _own_background(options: argparse.Namespace, tested: Sequence[Path]) -> Background | None:
    """The background that is named, else the one that comes along, unless the tested people are in it.

    With a cohort, a stream needs it for those alone who have nobody of their mouse in the cohort.
    """
    needed = options.mode == "own" or options.protocol == "stream"
    if not needed or options.detectors or options.background == "none":
        return None
    if options.background is not None:
        return named_background(options, paths_of(options))
    return shipped_unless_tested(tested)


def _transfer(options: argparse.Namespace) -> dict[str, Any]:
    with ProgressReport("person", quiet=options.quiet) as report:
        run = _run(options, report)
        figures = transfer.evaluate(options.folder, run)
        if options.simulate:
            figures["simulated"] = simulated.evaluate(options.simulate, run)
        return figures


def _sufficiency(options: argparse.Namespace) -> dict[str, Any]:
    with ProgressReport("account", quiet=options.quiet) as report:
        return sufficiency.evaluate(options.folder, _run(options, report), selection=_selection(options))


def _run(options: argparse.Namespace, report: ProgressReport) -> ProtocolRun:
    detectors = options.detectors.split(",") if options.detectors else None
    return ProtocolRun(options.mode, detectors, options.jobs, _cache(options), report.step)


def _selection(options: argparse.Namespace) -> SourceSelection:
    return SourceSelection(SourceKeys.of(paths_of(options), options.opening_key), options.mouse)


def _cache(options: argparse.Namespace) -> Path:
    chosen: Path | None = options.cache
    return chosen or platformdirs.user_cache_path("steadyhand", appauthor=False) / "evaluate"


_OWN_CHOICE: Final = {
    "transfer": "transfer compares tables, by no detector",
    "sufficiency": "sufficiency weighs the shipped detectors",
}
_ONLY_OF: Final = {
    "simulate": (("transfer",), "knows one mouse"),
    "days": (("stream",), "knows no days"),
    "parts": (("stream",), "has no folds that could be kept"),
    "background": (("balabit", "sapimouse", "stream"), "takes none"),
    "scores": (("balabit", "sapimouse"), "has no single scores"),
}
_RUNS: Final = {
    "balabit": _balabit,
    "sapimouse": _sapimouse,
    "stream": _stream,
    "sufficiency": _sufficiency,
    "transfer": _transfer,
}
