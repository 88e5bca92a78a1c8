"""Runs of `evaluate` whose figures stand in docs/results.md and docs/choices.md, and which block shows which."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.engine.detectors import DETECTORS
from enroll.approaches.lineup import APPROACHES

HERE: Final = Path(__file__).parent
RESULTS: Final = HERE / "results.md"
CHOICES: Final = HERE / "choices.md"


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
        """Of the file of figures, without its ending."""
        words = [word.lstrip("-") for word in self.more if "/" not in word and word != "--public"]
        return "-".join((self.protocol, self.mode, self.folder.replace("/", "-"), *words))

    @property
    def detectors(self) -> str:
        """Names of the detectors that are chosen, or that it is those that ship."""
        return self.more[self.more.index("--detectors") + 1] if "--detectors" in self.more else "shipped"


# Other people than those of the tested sets, for own data by days: what comes along was made from the same five.
SAPIMOUSE_BACKGROUND: Final = (
    "--background",
    "{work}/sapimouse.background",
    "--public",
    "{work}/results.pub.pem",
)
_BY_DAYS: Final = ("--days", "--folds", "forward")
_ALL_DAYS: Final = ("--days", "--folds", "all")

BALABIT_OWN: Final = Run("stream", "own", "balabit", ("--folds", "all"), "Balabit")
BALABIT_COHORT: Final = Run("stream", "cohort", "balabit", ("--folds", "all"), "Balabit")
FORWARD_OWN: Final = Run(
    "stream", "own", "bogazici/days", (*_BY_DAYS, *SAPIMOUSE_BACKGROUND), "Boğaziçi by days, forward"
)
FORWARD_COHORT: Final = Run("stream", "cohort", "bogazici/days", _BY_DAYS, "Boğaziçi by days, forward")
DAYS_OWN: Final = Run(
    "stream", "own", "bogazici/days", (*_ALL_DAYS, *SAPIMOUSE_BACKGROUND), "Boğaziçi by days, all folds"
)
JOINED_OWN: Final = Run(
    "stream", "own", "bogazici/stream", ("--folds", "all", *SAPIMOUSE_BACKGROUND), "Boğaziçi joined"
)
DFL_OWN: Final = Run("stream", "own", "dfl", ("--folds", "all"), "DFL")
OFFICIAL_OWN: Final = Run("balabit", "own", "balabit")
OFFICIAL_OWN_MORE: Final = Run(
    "balabit", "own", "balabit", SAPIMOUSE_BACKGROUND, "with SapiMouse's background"
)
OFFICIAL_COHORT: Final = Run("balabit", "cohort", "balabit")
# What a new mouse costs, and how much sooner it is enrolled: one run for two blocks.
_TRANSFER: Final = Run("transfer", "own", "mouse-configuration", ("--simulate", "{data}/balabit"))


@dataclass(frozen=True, slots=True)
class Block:
    """A table between marks of a page.

    Attributes
    ----------
    page : Path
    runs : tuple of Run
    """

    page: Path
    runs: tuple[Run, ...]


def _single_detectors() -> tuple[Run, ...]:
    return tuple(
        Run(protocol, "cohort" if detector.cohort else "own", protocol, ("--detectors", name))
        for protocol in ("balabit", "sapimouse")
        for name, detector in DETECTORS.items()
        if name not in APPROACHES and name != "differences"
    )


# Cheap runs first: an interrupted call has then filled the most tables.
BLOCKS: Final[dict[str, Block]] = {
    "folds-last": Block(
        RESULTS, tuple(Run("stream", mode, "balabit", ("--folds", "last")) for mode in ("own", "cohort"))
    ),
    "transfer": Block(RESULTS, (_TRANSFER,)),
    "sooner": Block(CHOICES, (_TRANSFER,)),
    "balabit": Block(RESULTS, (OFFICIAL_OWN, OFFICIAL_OWN_MORE, OFFICIAL_COHORT)),
    "reliability": Block(RESULTS, (BALABIT_OWN, DAYS_OWN, DFL_OWN)),
    "sapimouse": Block(
        RESULTS, (Run("sapimouse", "own", "sapimouse"), Run("sapimouse", "cohort", "sapimouse"))
    ),
    "counting": Block(
        RESULTS, (BALABIT_OWN, BALABIT_COHORT, FORWARD_OWN, FORWARD_COHORT, JOINED_OWN, DFL_OWN)
    ),
    "aims": Block(
        RESULTS,
        (
            *(BALABIT_OWN, BALABIT_COHORT, FORWARD_OWN, FORWARD_COHORT, DAYS_OWN, JOINED_OWN, DFL_OWN),
            *(OFFICIAL_OWN, OFFICIAL_OWN_MORE, OFFICIAL_COHORT),
        ),
    ),
    "sufficiency": Block(CHOICES, tuple(Run("sufficiency", m, "balabit") for m in ("own", "cohort"))),
    "detectors": Block(CHOICES, _single_detectors()),
}
# What `make results` runs where nothing is named: hours less than with every detector alone.
DEFAULT_BLOCKS: Final = tuple(name for name in BLOCKS if name not in ("sufficiency", "detectors"))
