"""Runs the protocol that a call names, with a progress bar that counts its steps."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

import platformdirs
from joblib.externals.loky.process_executor import BrokenProcessPool
from tqdm import tqdm

from agent.engine.errors import SteadyhandError
from enroll.datasets.balabit import accounts
from enroll.protocols import balabit, sapimouse, simulated, stream, stream_plan, sufficiency, transfer


def evaluate(options: argparse.Namespace) -> dict[str, Any]:
    """The protocol's figures.

    Raises
    ------
    SteadyhandError
        If an option does not fit the protocol, the folder is not as it must be, or a process was killed.
    """
    if options.detectors and options.protocol in _OWN_CHOICE:
        raise SteadyhandError(f"--detectors: {_OWN_CHOICE[options.protocol]}", "leave it out")
    if options.simulate and options.protocol != "transfer":
        raise SteadyhandError(f"--simulate: {options.protocol} knows one mouse", "leave it out")
    if options.days and options.protocol != "stream":
        raise SteadyhandError(f"--days: {options.protocol} knows no days", "leave it out")
    if options.jobs == 0:
        raise SteadyhandError("--jobs 0", "use 1 or more, or -1 for all cores")
    if options.scores and options.protocol not in ("balabit", "sapimouse"):
        raise SteadyhandError(f"--scores: {options.protocol} has no single scores", "leave it out")
    try:
        return _RUNS[options.protocol](options)
    except BrokenProcessPool as error:
        raise SteadyhandError(
            f"a process of --jobs {options.jobs} was killed, most likely for want of memory",
            "use fewer --jobs; the system log (dmesg) says what killed it",
        ) from error


def _balabit(options: argparse.Namespace) -> dict[str, Any]:
    with tqdm(total=len(accounts(options.folder)), unit="account", disable=None) as bar:
        return balabit.evaluate(
            options.folder,
            mode=options.mode,
            detectors=options.detectors.split(",") if options.detectors else None,
            jobs=options.jobs,
            cache=_cache(options),
            scores=options.scores,
            progress=lambda _: bar.update(),
        )


def _sapimouse(options: argparse.Namespace) -> dict[str, Any]:
    planned = sapimouse.rotations(options.folder, options.background, options.test)
    with tqdm(total=sum(len(rotation.tested) for rotation in planned), unit="person", disable=None) as bar:
        return sapimouse.evaluate(
            options.folder,
            background=options.background,
            test=options.test,
            seconds=options.seconds,
            mode=options.mode,
            detectors=options.detectors.split(",") if options.detectors else None,
            jobs=options.jobs,
            cache=_cache(options),
            scores=options.scores,
            progress=lambda _: bar.update(),
        )


def _stream(options: argparse.Namespace) -> dict[str, Any]:
    planned = stream_plan.plan(options.folder, options.mode, options.folds, days=options.days)
    with tqdm(total=len(planned), unit="fold", disable=None) as bar:
        return stream.evaluate(
            options.folder,
            mode=options.mode,
            detectors=options.detectors.split(",") if options.detectors else None,
            folds=options.folds,
            days=options.days,
            jobs=options.jobs,
            cache=_cache(options),
            progress=lambda _: bar.update(),
        )


def _transfer(options: argparse.Namespace) -> dict[str, Any]:
    with tqdm(unit="person", disable=None) as bar:

        def done(_: str) -> None:
            bar.update()

        figures = transfer.evaluate(options.folder, jobs=options.jobs, progress=done)
        if options.simulate:
            figures["simulated"] = simulated.evaluate(
                options.simulate, jobs=options.jobs, cache=_cache(options), progress=done
            )
        return figures


def _sufficiency(options: argparse.Namespace) -> dict[str, Any]:
    with tqdm(total=len(accounts(options.folder)), unit="account", disable=None) as bar:
        return sufficiency.evaluate(
            options.folder,
            mode=options.mode,
            jobs=options.jobs,
            cache=_cache(options),
            progress=lambda _: bar.update(),
        )


def _cache(options: argparse.Namespace) -> Path:
    chosen: Path | None = options.cache
    return chosen or platformdirs.user_cache_path("steadyhand", appauthor=False) / "evaluate"


_OWN_CHOICE: Final = {
    "transfer": "transfer compares tables, by no detector",
    "sufficiency": "sufficiency weighs the shipped detectors",
}
_RUNS: Final = {
    "balabit": _balabit,
    "sapimouse": _sapimouse,
    "stream": _stream,
    "sufficiency": _sufficiency,
    "transfer": _transfer,
}
