"""Kept figures of `evaluate`, each with the code that made it: docs/figures/NAME.json."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.private import mendable
from docs.result_runs import Run

FIGURES: Final = Path(__file__).parent / "figures"
_MADE_WITH: Final = "made_with"


@dataclass(frozen=True, slots=True)
class FigureFolder:
    """Folder of figures, a file a run.

    Attributes
    ----------
    folder : Path
    """

    folder: Path = FIGURES

    def path(self, run: Run) -> Path:
        """The run's file, whether it is there or not."""
        return self.folder / f"{run.name}.json"

    def read(self, run: Run) -> dict[str, Any] | None:
        """The figures of a run with the names that tables use; None where it was never made.

        Raises
        ------
        SteadyhandError
            If the file cannot be read as figures that `make results` kept.
        """
        path = self.path(run)
        if not path.is_file():
            return None
        with mendable(path, "read"):
            text = path.read_text(encoding="utf-8")
        try:
            figures: dict[str, Any] = json.loads(text)
            commit, code = figures[_MADE_WITH]["commit"], figures[_MADE_WITH]["code"]
        except (ValueError, KeyError, TypeError) as error:
            raise SteadyhandError(
                f"{path}: no figures of `make results`", "delete it, and run again"
            ) from error
        # Figures that an earlier commit's table held say themselves what part of the data they are of.
        names = {"run": run.name, "detectors": run.detectors, "set": figures.get("set", run.label)}
        return figures | names | {"commit": commit, "code": code}

    def keep(self, run: Run, made: Path, code: str) -> None:
        """Take over what `evaluate` wrote, with the commit and the digest of its code."""
        figures = json.loads(made.read_text(encoding="utf-8"))
        figures[_MADE_WITH] = {"commit": commit_here(), "code": code}
        self.folder.mkdir(parents=True, exist_ok=True)
        whole = made.with_suffix(".whole")
        whole.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        whole.replace(self.path(run))
        made.unlink()

    def is_current(self, run: Run, code: str) -> bool:
        """Whether the kept figures were made by this code."""
        figures = self.read(run)
        return figures is not None and figures["code"] == code


def commit_here(repository: Path = Path(__file__).parents[1]) -> str:
    """The commit of the working tree, with a plus where code differs from it; `unknown` outside a clone.

    Documents do not count: figures and tables are written there between one run and the next.
    """
    git = ("git", "-C", str(repository))
    try:
        commit = subprocess.run(
            (*git, "rev-parse", "--short", "HEAD"), check=True, capture_output=True, text=True
        ).stdout.strip()
        differs = subprocess.run((*git, "diff", "--quiet", "HEAD", "--", ".", ":(exclude)docs"), check=False)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}+" if differs.returncode else commit


def provenance(runs: Sequence[Run], figures: Sequence[dict[str, Any] | None]) -> str:
    """With which commits a table was made and how long that took; and what is missing in it."""
    commits: dict[str, float] = {}
    for run_figures in figures:
        if run_figures is not None:
            commit = run_figures["commit"]
            commits[commit] = commits.get(commit, 0.0) + (run_figures["run_seconds"] or 0.0)
    missing = [f"`{run.name}`" for run, kept in zip(runs, figures, strict=True) if kept is None]
    texts = [f"Made with {commit}{_lasting(seconds)}." for commit, seconds in commits.items()]
    if missing:
        texts.append(f"Not run: {', '.join(missing)}.")
    return f"*{' '.join(texts)}*"


def _lasting(seconds: float) -> str:
    if not seconds:
        return ""
    return f" in {seconds / 60.0:.0f} minutes" if seconds >= 90.0 else f" in {seconds:.0f} seconds"
