"""Runs the protocols and puts their tables into docs/results.md: `make results`.

Feature rows are cached by content, so that a second run with the same kernel is quick. What was run is kept as JSON in
build/results; `--again` names the runs that are made anew, without it only those whose JSON is missing are.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from agent.engine.detectors import DETECTORS
from agent.engine.errors import SteadyhandError
from enroll.approaches.lineup import APPROACHES
from enroll.cli import main as enroll
from enroll.report.tables import TABLES, replace

PAGE: Final = Path(__file__).with_name("results.md")
MODES: Final = ("own", "cohort")
# What a new mouse costs, and how much sooner it is enrolled: one run for two blocks.
_TRANSFER: Final = ("transfer", "own", ("--simulate", "{data}/balabit"))
# By block of the page: the runs whose figures stand in it, each a protocol, a mode and further options.
RUNS: Final[dict[str, list[tuple[str, str, tuple[str, ...]]]]] = {
    "balabit": [("balabit", mode, ()) for mode in MODES],
    "sapimouse": [("sapimouse", mode, ()) for mode in MODES],
    "stream": [("stream", mode, ("--folds", "last")) for mode in MODES],
    "transfer": [_TRANSFER],
    "sooner": [_TRANSFER],
    "sufficiency": [("sufficiency", mode, ()) for mode in MODES],
    "detectors": [
        (protocol, "cohort" if detector.cohort else "own", ("--detectors", name))
        for protocol in ("balabit", "sapimouse")
        for name, detector in DETECTORS.items()
        if name not in APPROACHES and name != "differences"
    ],
}


def main() -> None:
    """Run what is missing and replace the blocks; a run that fails ends it with exit code 1."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("data", type=Path, help="folder with balabit, sapimouse and mouse-configuration")
    parser.add_argument("--blocks", nargs="+", choices=TABLES, default=list(TABLES), help="which tables")
    parser.add_argument("--out", type=Path, default=Path("build/results"), help="folder of the JSON files")
    parser.add_argument("--again", action="store_true", help="make all runs anew")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        for block in options.blocks:
            evaluations = [_result(options, *run) for run in RUNS[block]]
            replace(PAGE, block, TABLES[block](evaluations))
    except SteadyhandError as error:
        sys.exit(str(error))


def _result(options: argparse.Namespace, protocol: str, mode: str, more: tuple[str, ...]) -> dict[str, Any]:
    name = "-".join((protocol, mode, *(Path(word).name for word in more if not word.startswith("--"))))
    path: Path = options.out / f"{name}.json"
    if options.again or not path.is_file():
        folders = {"stream": "balabit", "sufficiency": "balabit", "transfer": "mouse-configuration"}
        words = (word.format(data=options.data) for word in more)
        call = [
            "evaluate",
            protocol,
            str(options.data / folders.get(protocol, protocol)),
            "--mode",
            mode,
            *words,
        ]
        if enroll([*call, "--jobs", str(options.jobs), "--json", str(path)]):
            raise SteadyhandError(f"{' '.join(call)} failed", "see above")
    evaluation: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return evaluation | {"detectors": more[-1] if "--detectors" in more else "shipped"}


if __name__ == "__main__":
    main()
