"""Speed of the feature kernel: ns an event, and that in bare loops of hypot, atan2 and log.

``python bench/bench_kernel.py [--json FILE] [--table FILE]``, from the project's root. All figures are the
best of many short runs that take turns, so that other work on the computer disturbs all of them alike. The
input is generated, the same on every computer; where STEADYHAND_DATA names the public data sets, a Balabit
session is measured too.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from _fastfeat import ActionStream, _kernel, reference
from tests.fastfeat.scripts import Events, part, work

PORTION = 4096
ROUNDS = 40
LIMITS = {"kernel": (120.0, 5.0), "kernel_frequency": (300.0, 12.0)}


@dataclass(frozen=True)
class Speed:
    """One line of the table."""

    ns_per_event: float
    ratio_bare: float


def portions(events: Events) -> list[Events]:
    """The events as they would come from a ring."""
    return [
        tuple(map(np.ascontiguousarray, part(events, i, i + PORTION)))
        for i in range(0, len(events[0]), PORTION)
    ]


def streamed(parts: list[Events], frequency: bool) -> Callable[[], None]:
    """One pass of the kernel over the events."""

    def run() -> None:
        stream = ActionStream(frequency=frequency)
        for events in parts:
            stream.push(*events)

    return run


def best(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The shortest time of each run in ns, the runs taking turns."""
    found = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter_ns()
            run()
            found[name] = min(found[name], time.perf_counter_ns() - start)
    return found


def speeds(events: Events) -> dict[str, Speed]:
    """The kernel without and with the frequency features, beside the bare loop."""
    parts = portions(events)
    runs: dict[str, Callable[[], object]] = {
        "bare loop": lambda: [_kernel.yardstick(p[1], p[2]) for p in parts],
        "kernel": streamed(parts, frequency=False),
        "kernel_frequency": streamed(parts, frequency=True),
    }
    found = best(runs, ROUNDS)
    count, bare = len(events[0]), found["bare loop"]
    return {name: Speed(ns / count, ns / bare) for name, ns in found.items()}


def oracle(events: Events) -> dict[str, Speed]:
    """The same features by NumPy, action by action."""
    few = part(events, 0, 6000)
    found = best(
        {"bare": lambda: _kernel.yardstick(few[1], few[2]), "numpy": lambda: reference.extract(*few)},
        rounds=3,
    )
    return {
        "NumPy, one action at a time (the oracle)": Speed(
            found["numpy"] / 6000, found["numpy"] / found["bare"]
        )
    }


def threads(events: Events) -> float:
    """How many times as much two streams on two threads do as one stream on one."""
    parts = portions(events)

    def both() -> None:
        workers = [threading.Thread(target=streamed(parts, frequency=False)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    found = best({"one": streamed(parts, frequency=False), "two": both}, rounds=ROUNDS // 2)
    return 2 * found["one"] / found["two"]


def balabit(folder: Path) -> Events:
    """The first training session."""
    path = sorted(folder.glob("balabit/training_files/*/*"))[0]
    kinds = {"Move": 0, "Drag": 1, "Pressed": 2, "Released": 3, "Up": 4, "Down": 4}
    buttons = {"NoButton": 0, "Left": 1, "Middle": 2, "Right": 3}
    with path.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    t = np.array([round(float(r["client timestamp"]) * 1e9) for r in rows], np.int64)
    place = np.array([(float(r["x"]), float(r["y"])) for r in rows])
    kind = np.array([kinds[r["state"]] for r in rows], np.uint8)
    button = [{"Up": 4, "Down": 5}.get(r["state"], buttons.get(r["button"], 8)) for r in rows]
    return np.maximum.accumulate(t), place[:, 0].copy(), place[:, 1].copy(), kind, np.array(button, np.uint8)


def table(lines: dict[str, Speed]) -> str:
    """The comparison in Markdown."""
    head = ["| what | ns an event | times the bare loop |", "|---|---:|---:|"]
    body = [f"| {name} | {s.ns_per_event:,.1f} | {s.ratio_bare:,.2f} |" for name, s in lines.items()]
    absent = [n for n in ("pandas", "tsfresh") if importlib.util.find_spec(n) is None]
    return "\n".join([*head, *body, *(f"| {name} | not installed here | |" for name in absent), ""])


def main() -> int:
    """Measure, print; the exit code says whether the limits of the ratios are kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--json", type=Path, help="merge the figures into this file")
    parser.add_argument("--table", type=Path, help="write the comparison here, as Markdown")
    told = parser.parse_args()
    events = work(1, 600, 8.0)
    found = speeds(events)
    lines = {f"{name}, generated at 125 Hz": s for name, s in found.items()} | oracle(events)
    if "STEADYHAND_DATA" in os.environ:
        session = speeds(part(balabit(Path(os.environ["STEADYHAND_DATA"])), 0, 20_000))
        lines |= {f"{name}, a Balabit session": s for name, s in session.items()}
    print(table(lines))
    print(f"two streams on two threads: {threads(events):.2f} times one")
    figures = {name: asdict(found[name]) for name in LIMITS}
    if told.table:
        told.table.write_text(table(lines), encoding="utf-8")
    if told.json:
        old = json.loads(told.json.read_text(encoding="utf-8")) if told.json.exists() else {}
        told.json.parent.mkdir(parents=True, exist_ok=True)
        told.json.write_text(json.dumps(old | figures, indent=1) + "\n", encoding="utf-8")
    slow = [name for name, (_, ratio) in LIMITS.items() if found[name].ratio_bare > ratio]
    for name in slow:
        print(f"{name}: {found[name].ratio_bare:.2f} times the bare loop, more than {LIMITS[name][1]:g}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
