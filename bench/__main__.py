"""`make bench`: measures every budget of docs/design.md, prints tables, and writes build/bench.json.

A budget that is exceeded is said, and is no error: figures are of this computer and of what else it did.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from bench.figures import headline, table

_BUILD: Final = Path(__file__).parents[1] / "build"

_PAGE: Final = Path(__file__).parents[1] / "docs" / "kernel.md"

Values = dict[str, float | str]


def _kernel(_: Path) -> dict[str, Values]:
    """The kernel's two figures; the comparison with the usual ways is printed and goes into docs/kernel.md."""
    from bench.bench_kernel import publish, speeds
    from tests.fastfeat.scripts import work

    events = work(1, 600, 8.0)
    speed_of = speeds(events)
    print(publish(_PAGE, events, speed_of, os.environ.get("STEADYHAND_COMPARE", sys.executable)), flush=True)
    return {
        name: {
            "ns_per_event": round(speed_of[name].ns_per_event, 1),
            "ratio_bare": round(speed_of[name].ratio_bare, 2),
        }
        for name in ("kernel", "kernel_frequency")
    }


def _one(part: str, *, needs_folder: bool) -> Callable[[Path], dict[str, Values]]:
    """The part whose module has a `measure` function."""

    def run(folder: Path) -> dict[str, Values]:
        measure = importlib.import_module(f"bench.bench_{part}").measure
        return {part: measure(folder) if needs_folder else measure()}

    return run


PARTS: Final[dict[str, Callable[[Path], dict[str, Values]]]] = {
    "kernel": _kernel,
    "alert": _one("alert", needs_folder=True),
    "lock": _one("lock", needs_folder=False),
    "load": _one("load", needs_folder=True),
    "enrol": _one("enrol", needs_folder=True),
    "verdict": _one("verdict", needs_folder=False),
    "agent": _one("agent", needs_folder=False),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 0, or 1 where something could not be measured."""
    options = _parser().parse_args(argv)
    _BUILD.mkdir(exist_ok=True)
    began_s, failed = time.monotonic(), False
    measured: dict[str, Values] = {}
    print(_computer())
    for name in options.only or PARTS:
        try:
            figures = PARTS[name](_BUILD)
        except SteadyhandError as error:
            print(f"{name}\n  not measured: {error}", flush=True)
            failed = True
            continue
        measured |= figures
        for part, part_figures in figures.items():
            print("\n".join(table(part, part_figures)), flush=True)
    options.json.write_text(json.dumps(headline(measured), indent=1) + "\n", encoding="utf-8")
    print(f"\n{options.json}; measured in {time.monotonic() - began_s:.0f} s")
    return 1 if failed else 0


def _computer() -> str:
    """Where the figures come from: they mean little on a computer that is busy."""
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    return f"{os.cpu_count()} cores, load {load} (1, 5, 15 min), Python {platform.python_version()}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog="example: python -m bench --only kernel --only verdict",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=list(PARTS),
        metavar="NAME",
        help=f"one of {', '.join(PARTS)}; repeatable",
    )
    parser.add_argument(
        "--json",
        type=Path,
        default=_BUILD / "bench.json",
        help="where the figures go (default: build/bench.json)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
