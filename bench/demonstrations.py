"""``python -m bench.demonstrations``: the demonstration over 20 seeds, all of them reported; half an hour.

The seeds are 1 to 20, whatever comes of them; what everybody sees at first is seed 0. With ``--write`` the table goes
into docs/demonstration.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any, Final

from agent.frozen import module_command
from bench.page import fill

ROOT: Final = Path(__file__).parents[1]
SEEDS: Final = range(1, 21)
PAGE: Final = ROOT / "docs" / "demonstration.md"
_LONGEST_S: Final = 400.0


def main(arguments: list[str]) -> int:
    """Play every seed, one after the other; a seed that was played before is not played again."""
    parser = argparse.ArgumentParser(prog="python -m bench.demonstrations", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "demonstrations")
    parser.add_argument("--write", action="store_true", help="put the table into docs/demonstration.md")
    options = parser.parse_args(arguments)
    outcomes = {seed: _played(seed, options.out / str(seed)) for seed in SEEDS}
    table = rows(outcomes)
    print("\n".join(table))
    if options.write:
        fill(PAGE, "demonstrations", table)
    return 0


def _played(seed: int, folder: Path) -> dict[str, Any]:
    """The outcome of a seed; only an error where the demonstration did not come to its end."""
    outcome = folder / "outcome.json"
    if not outcome.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = module_command("agent", "demo", "--seed", str(seed), "--out", str(folder))
        ended = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S, check=False)
        (folder / "printed.txt").write_text(ended.stdout + ended.stderr, encoding="utf-8")
        print(f"seed {seed}: exit code {ended.returncode}", file=sys.stderr, flush=True)
        if not outcome.exists():
            return {"error": (ended.stderr.strip().splitlines() or ["no outcome"])[-1]}
    known: dict[str, Any] = json.loads(outcome.read_text(encoding="utf-8"))
    return known


def rows(outcomes: dict[int, dict[str, Any]]) -> list[str]:
    """The table, a row for each seed, and what it comes to."""
    lines = [
        "| seed | raised against the owner | actions, lowest trust | verdict on the intruder | locked | captured |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(seed, outcome) for seed, outcome in outcomes.items()]
    whole = [outcome for outcome in outcomes.values() if "error" not in outcome]
    return [*lines, "", _sum(whole, len(outcomes))]


def _row(seed: int, outcome: dict[str, Any]) -> str:
    if "error" in outcome:
        return f"| {seed} | did not come to its end: {outcome['error']} | | | | |"
    against = ", ".join(outcome["owner_alerts"]) or "nothing"
    captured = f"{outcome['events_captured']} of {outcome['events_played']}"
    return (
        f"| {seed} | {against} | {outcome['owner_actions']}, {outcome['owner_trust_lowest']} "
        f"| {_seconds(outcome['intruder_s'])} | {_seconds(outcome['lock_s'])} | {captured} |"
    )


def _sum(whole: list[dict[str, Any]], seeds: int) -> str:
    locked_out = sum(any("lock" in kind or kind == "intruder" for kind in o["owner_alerts"]) for o in whole)
    suspected = sum(bool(o["owner_alerts"]) for o in whole) - locked_out
    times_s = sorted(o["lock_s"] for o in whole if o["intruder_locked_out"] and o["lock_s"] >= 0)
    shown = (
        f", after {median(times_s):.1f} s in the median and {times_s[-1]:.1f} s at most" if times_s else ""
    )
    return (
        f"Of {seeds} seeds {len(whole)} came to their end. The owner was locked out in {locked_out} and only suspected "
        f"in {suspected}; the intruder was locked out in {len(times_s)}{shown}."
    )


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "never"
    return f"after {seconds:.1f} s" if seconds >= 0 else "already, as the owner"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
