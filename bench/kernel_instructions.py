"""Instructions of the kernel an event, by callgrind: the figure that a slow or busy computer does not change.

``python -m bench.kernel_instructions [--keep]``, from the project's root; needs valgrind. It compares with
bench/kernel_instructions.json and fails where the kernel takes over 2 % more; `--keep` writes the new figures
there. They are of one compiler and one processor family, which the file names.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from _fastfeat import _kernel
from bench.bench_kernel import portions, streamed
from tests.fastfeat.scripts import work

KEPT = Path(__file__).with_suffix(".json")
TOLERANCE = 1.02
PASSES = 4
RUNS = ("nothing", "bare loop", "kernel", "kernel_frequency")


def run(name: str) -> int:
    """What is counted: some passes over the events. Returns their number."""
    events = work(1, 120, 8.0)
    parts = portions(events)
    for _ in range(PASSES):
        if name == "bare loop":
            for part in parts:
                _kernel.yardstick(part[1], part[2])
        elif name != "nothing":
            streamed(parts, frequency=name == "kernel_frequency")()
    return PASSES * len(events[0])


def counted(name: str) -> int:
    """Instructions of a whole process that does one run."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-m"]
    environment = os.environ | {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.run(
        [*command, "bench.kernel_instructions", "--run", name],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    match = re.search(r"Collected : (\d+)", process.stderr)
    if match is None:
        raise SystemExit(f"valgrind said nothing about instructions: {process.stderr[-300:]}")
    return int(match[1])


def measure() -> dict[str, float | str]:
    """Instructions an event of each run, beside where they were counted."""
    events = run("nothing")
    counts = {name: counted(name) for name in RUNS}
    rest = counts.pop("nothing")
    figures: dict[str, float | str] = {name: round((n - rest) / events, 1) for name, n in counts.items()}
    compiler = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=True)
    where = {"machine": platform.machine(), "compiler": compiler.stdout.splitlines()[0]}
    return figures | where | {"numpy": np.__version__}


def main() -> int:
    """Count, compare, and say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--keep", action="store_true", help="write the figures as the ones to beat")
    parser.add_argument("--run", choices=RUNS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(options.run)
        return 0
    figures = measure()
    if options.keep:
        KEPT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    recorded = json.loads(KEPT.read_text(encoding="utf-8"))
    worse = False
    for name in RUNS[1:]:
        now, before = float(figures[name]), float(recorded[name])
        worse |= name != "bare loop" and now > TOLERANCE * before
        print(f"{name:<18} {now:8.1f} instructions an event, {before:.1f} to beat")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
