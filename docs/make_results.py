"""Runs the protocols and puts their tables into docs/results.md and docs/choices.md: `make results`.

Feature rows are cached by content, so that a second run with the same kernel is quick. What was run is kept as JSON in
build/results; `--again` names the runs that are made anew, without it only those whose JSON is missing are.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.engine.detectors import DETECTORS
from agent.engine.errors import SteadyhandError
from agent.files.signing import create_signing_key
from enroll.approaches.lineup import APPROACHES
from enroll.cli import main as enroll
from enroll.report.tables import TABLES, replace

HERE: Final = Path(__file__).parent
RESULTS: Final = HERE / "results.md"
CHOICES: Final = HERE / "choices.md"
MODES: Final = ("own", "cohort")
# Other people than those of the tested sets, for own data by days: what comes along was made from the same five.
_SAPIMOUSE: Final = ("--background", "{out}/sapimouse.background", "--public", "{out}/results.pub.pem")


@dataclass(frozen=True, slots=True)
class Run:
    """One call of `evaluate`.

    Attributes
    ----------
    protocol, mode : str
    folder : str
        Below the folder of data.
    more : tuple of str
        Further options.
    label : str
        What the table calls the data.
    """

    protocol: str
    mode: str
    folder: str
    more: tuple[str, ...] = ()
    label: str = ""

    @property
    def name(self) -> str:
        """Of the JSON file."""
        words = [word.lstrip("-") for word in self.more if "/" not in word and word != "--public"]
        return "-".join((self.protocol, self.mode, self.folder.replace("/", "-"), *words))


# What a new mouse costs, and how much sooner it is enrolled: one run for two blocks.
_TRANSFER: Final = Run("transfer", "own", "mouse-configuration", ("--simulate", "{data}/balabit"))
_BY_DAYS: Final = ("--days", "--folds", "forward")
# By block: the page, and the runs whose figures stand in it.
BLOCKS: Final[dict[str, tuple[Path, list[Run]]]] = {
    "counting": (
        RESULTS,
        [
            Run("stream", "own", "balabit", ("--folds", "all"), "Balabit"),
            Run("stream", "cohort", "balabit", ("--folds", "all"), "Balabit"),
            Run("stream", "own", "bogazici/days", (*_BY_DAYS, *_SAPIMOUSE), "Boğaziçi by days, forward"),
            Run("stream", "own", "dfl", ("--folds", "all"), "DFL"),
            Run("stream", "cohort", "bogazici/days", _BY_DAYS, "Boğaziçi by days, forward"),
        ],
    ),
    "balabit": (
        RESULTS,
        [
            Run("balabit", "own", "balabit"),
            Run("balabit", "own", "balabit", _SAPIMOUSE, "with SapiMouse's background"),
            Run("balabit", "cohort", "balabit"),
        ],
    ),
    "sapimouse": (RESULTS, [Run("sapimouse", mode, "sapimouse") for mode in MODES]),
    "transfer": (RESULTS, [_TRANSFER]),
    "stream": (CHOICES, [Run("stream", mode, "balabit", ("--folds", "last")) for mode in MODES]),
    "sooner": (CHOICES, [_TRANSFER]),
    "sufficiency": (CHOICES, [Run("sufficiency", mode, "balabit") for mode in MODES]),
    "detectors": (
        CHOICES,
        [
            Run(protocol, "cohort" if detector.cohort else "own", protocol, ("--detectors", name))
            for protocol in ("balabit", "sapimouse")
            for name, detector in DETECTORS.items()
            if name not in APPROACHES and name != "differences"
        ],
    ),
}


def main() -> None:
    """Run what is missing and replace the blocks; a run that fails ends it with exit code 1."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "data", type=Path, help="folder with balabit, bogazici, dfl, sapimouse and mouse-configuration"
    )
    parser.add_argument("--blocks", nargs="+", choices=TABLES, default=list(TABLES), help="which tables")
    parser.add_argument("--out", type=Path, default=Path("build/results"), help="folder of the JSON files")
    parser.add_argument("--again", action="store_true", help="make all runs anew")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        for block in options.blocks:
            page, runs = BLOCKS[block]
            replace(page, block, TABLES[block]([_result(options, run) for run in runs]))
    except SteadyhandError as error:
        sys.exit(str(error))


def _result(options: argparse.Namespace, run: Run) -> dict[str, Any]:
    path: Path = options.out / f"{run.name}.json"
    if options.again or not path.is_file():
        if _SAPIMOUSE[0] in run.more:
            _sapimouse_background(options)
        words = [word.format(data=options.data, out=options.out) for word in run.more]
        call = ["evaluate", run.protocol, str(options.data / run.folder), "--mode", run.mode, *words]
        if enroll([*call, "--jobs", str(options.jobs), "--json", str(path)]):
            raise SteadyhandError(f"{' '.join(call)} failed", "see above")
    evaluation: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    detectors = run.more[-1] if "--detectors" in run.more else "shipped"
    return evaluation | {"detectors": detectors, "set": run.label}


def _sapimouse_background(options: argparse.Namespace) -> None:
    """The background of SapiMouse's people, for evaluations alone: its licence lets nobody pass it on."""
    out: Path = options.out
    if (out / "sapimouse.background").is_file():
        return
    key = create_signing_key(out / "results.pem")
    (out / "results.pub.pem").write_bytes(key.public.to_pem())
    source, to = str(options.data / "sapimouse"), str(out / "sapimouse.background")
    call = ["background", "build", source, "--key", str(out / "results.pem"), "--out", to]
    if enroll([*call, "--jobs", str(options.jobs)]):
        raise SteadyhandError(f"{' '.join(call)} failed", "see above")


if __name__ == "__main__":
    main()
