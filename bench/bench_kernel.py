"""Speed of the feature kernel: ns an event, and that in bare loops of hypot, atan2 and log.

``python -m bench.bench_kernel [--json FILE] [--table FILE] [--compare PYTHON]``, from the project's root. All
figures are the best of many short runs that take turns, so that other work on the computer disturbs all of them
alike. The input is generated, the same on every computer; where STEADYHAND_DATA names the public data sets, a
Balabit session is measured too. `--compare` names an interpreter that has pandas and tsfresh, if this one lacks
them.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from _fastfeat import (
    FEATURES,
    SCHEMA,
    WINDOW_FEATURES,
    ActionStream,
    _kernel,
    extract,
    extract_windows,
    reference,
)
from tests.fastfeat.scripts import Events, part, work

PORTION = 4096
ROUNDS = 40
PLAIN = sum(f.group != "frequency" for f in SCHEMA)
THREAD_PASSES, THREAD_ROUNDS = 2, 400
ABSENT = "not installed here"
BEGIN, END = "<!-- figures -->", "<!-- end of the figures -->"
ALTERNATIVES = (
    ("numpy", "NumPy, vectorised over all actions", ", no quantiles, no segmentation"),
    ("pandas", "pandas, one action at a time", ", no quantiles, no segmentation"),
    ("tsfresh", "tsfresh, its efficient set", ", of the speed alone, no segmentation"),
)
LIMITS = {"kernel": (120.0, 5.0), "kernel_frequency": (300.0, 12.0)}


@dataclass(frozen=True)
class Speed:
    """One line of the table."""

    ns_per_event: float
    ratio_bare: float


def portions(events: Events) -> list[Events]:
    """The events as they would come from a ring."""
    return [part(events, i, i + PORTION) for i in range(0, len(events[0]), PORTION)]


def streamed(parts: list[Events], frequency: bool) -> Callable[[], None]:
    """One pass of the kernel over the events."""

    def run() -> None:
        stream = ActionStream(frequency=frequency)
        for events in parts:
            stream.push(*events)

    return run


def best(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The shortest time of each run in ns, the runs taking turns."""
    fastest = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter_ns()
            run()
            fastest[name] = min(fastest[name], time.perf_counter_ns() - start)
    return fastest


def speeds(events: Events) -> dict[str, Speed]:
    """The kernel without and with the frequency features, beside the bare loop."""
    parts = portions(events)
    runs: dict[str, Callable[[], object]] = {
        "bare loop": lambda: [_kernel.yardstick(p[1], p[2]) for p in parts],
        "kernel": streamed(parts, frequency=False),
        "kernel_frequency": streamed(parts, frequency=True),
    }
    fastest = best(runs, ROUNDS)
    count, bare = len(events[0]), fastest["bare loop"]
    return {name: Speed(ns / count, ns / bare) for name, ns in fastest.items()}


def alternatives(events: Events, python: str) -> dict[str, dict[str, float]]:
    """What the usual ways take, spared the segmentation; by another process, which may lack some of them."""
    rows = extract(*events)
    action = np.searchsorted(rows.start_ns, events[0], side="right") - 1
    inside = (action >= 0) & (events[0] <= rows.end_ns[action]) & (rows.kind[action] != 2) & (events[3] != 4)
    columns = {"t_s": events[0] * 1e-9, "x": events[1], "y": events[2], "action": action}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.npz")
        np.savez(path, **{name: column[inside] for name, column in columns.items()})
        script = Path(__file__).with_name("kernel_alternatives.py")
        process = subprocess.run([python, str(script), str(path)], capture_output=True, text=True, check=True)
    speeds_by_way: dict[str, dict[str, float]] = json.loads(process.stdout.splitlines()[-1])
    return speeds_by_way


def oracle_ns(events: Events) -> float:
    """The same features by NumPy, action by action."""
    few = part(events, 0, 6000)
    return best({"oracle": lambda: reference.extract(*few)}, rounds=3)["oracle"] / len(few[0])


def windows_us(events: Events) -> float:
    """What a new action costs in a window of 60, in us."""
    rows = extract(*events)
    return best({"windows": lambda: extract_windows(rows, 60)}, rounds=5)["windows"] / len(rows) / 1000


def threads(events: Events) -> float:
    """How many times as much two streams on two threads do as one stream on one."""
    parts = portions(events)

    def worker(start: threading.Barrier, end: threading.Barrier) -> None:
        start.wait()
        for _ in range(THREAD_PASSES):
            streamed(parts, frequency=False)()
        end.wait()

    def wall_ns(count: int) -> int:
        start, end = threading.Barrier(count + 1), threading.Barrier(count + 1)
        workers = [threading.Thread(target=worker, args=(start, end)) for _ in range(count)]
        for each in workers:
            each.start()
        start.wait()
        began = time.perf_counter_ns()
        end.wait()
        took = time.perf_counter_ns() - began
        for each in workers:
            each.join()
        return took

    walls = [(wall_ns(1), wall_ns(2)) for _ in range(THREAD_ROUNDS)]
    return 2 * min(single for single, _ in walls) / min(two for _, two in walls)


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


def comparison(events: Events, speed_of: dict[str, Speed], python: str) -> str:
    """The kernel beside the usual ways, in Markdown."""
    kernel, bare = speed_of["kernel"].ns_per_event, speed_of["bare loop"].ns_per_event
    others = alternatives(events, python)
    lines = [
        ("bare loop of hypot, atan2, log", "none", bare),
        ("**kernel**", f"{PLAIN}, and the segmentation", kernel),
        ("**kernel**, `frequency=True`", f"{len(FEATURES)}", speed_of["kernel_frequency"].ns_per_event),
    ]
    for name, what, about in ALTERNATIVES:
        if name in others:
            count = f"{others[name]['features']:.0f}{about}"
            lines.append((what, count, others[name]["ns_per_event"]))
    lines.append(("NumPy, one action at a time (the oracle)", str(PLAIN), oracle_ns(events)))
    head = ["| way | features of an action | ns an event | times the kernel | times the bare loop |"]
    head.append("|---|---|---:|---:|---:|")
    body = [f"| {a} | {b} | {ns:,.1f} | {ns / kernel:,.2f} | {ns / bare:,.2f} |" for a, b, ns in lines]
    absent = [f"| {what} | {ABSENT} | | | |" for name, what, _ in ALTERNATIVES if name not in others]
    return "\n".join([*head, *body, *absent])


def report(events: Events, speed_of: dict[str, Speed], python: str) -> str:
    """All figures for people, with where they were measured."""
    lines = [comparison(events, speed_of, python), ""]
    lines.append(f"Two streams on two threads do {threads(events):.2f} times what one does on one thread.")
    about = f"{windows_us(events):.0f} us an action, {len(WINDOW_FEATURES)} features"
    lines.append(f"Windows of 60 actions: {about}.")
    if "STEADYHAND_DATA" in os.environ:
        session = speeds(part(balabit(Path(os.environ["STEADYHAND_DATA"])), 0, 20_000))
        ratios = (f"{session[name].ratio_bare:.2f}" for name in LIMITS)
        lines.append(f"On a Balabit session: {' and '.join(ratios)} times the bare loop.")
    load = os.getloadavg()[0]
    where = (
        f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}"
    )
    lines.append(f"Best of many runs; {where}, NumPy {np.__version__}.")
    return "\n".join(lines)


def publish(page: Path, events: Events, speed_of: dict[str, Speed], python: str) -> str:
    """Put the report into a page, unless a usual way is missing in it, and return it."""
    text = report(events, speed_of, python)
    if ABSENT in text:
        return f"{text}\n{page.name} is left as it was: {python} lacks pandas or tsfresh."
    replace(page, text)
    return text


def replace(path: Path, text: str) -> None:
    """Put the text between the marks of a page."""
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Measure, print; the exit code says whether the limits of the ratios are kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--json", type=Path, help="merge the figures into this file")
    parser.add_argument("--table", type=Path, help="replace the comparison in this page")
    parser.add_argument("--compare", default=sys.executable, help="an interpreter with pandas and tsfresh")
    options = parser.parse_args()
    events = work(1, 600, 8.0)
    speed_of = speeds(events)
    text = (
        publish(options.table, events, speed_of, options.compare)
        if options.table
        else report(events, speed_of, options.compare)
    )
    print(text)
    figures = {name: asdict(speed_of[name]) for name in LIMITS}
    if options.json:
        old = json.loads(options.json.read_text(encoding="utf-8")) if options.json.exists() else {}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(old | figures, indent=1) + "\n", encoding="utf-8")
    slow = [name for name, (_, ratio) in LIMITS.items() if speed_of[name].ratio_bare > ratio]
    for name in slow:
        print(f"{name}: {speed_of[name].ratio_bare:.2f} times the bare loop, more than {LIMITS[name][1]:g}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
