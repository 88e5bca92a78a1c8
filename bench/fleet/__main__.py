"""``python -m bench.fleet``: a month of 200 computers against the rules and `steadyhand verify`."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import repeat
from pathlib import Path

from bench.fleet.computers import month_begin_s
from bench.fleet.fleet import SEALED_EVERY, FleetPlan, months
from bench.fleet.happenings import DAY_S
from bench.fleet.judge import MonthOutcome
from bench.fleet.page import figures
from bench.fleet.receiver_table import read_rules
from bench.page import fill
from docs.make_siem import SILENCE

_SILENCE_QUERY = SILENCE / "sqlite.sql"
_PAGE = Path(__file__).parents[2] / "docs" / "month.md"
_PART = 10


def main(arguments: list[str]) -> int:
    """Print the figures as tables in Markdown, and how far it is to standard error."""
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    parser.add_argument("--computers", type=int, default=200)
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--attacks-per-day", type=float, default=0.02, help="of each computer")
    parser.add_argument("--silence", type=Path, default=_SILENCE_QUERY, help="another query of silence")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/month.md")
    options = parser.parse_args(arguments)
    plan = FleetPlan(options.computers, options.days, options.seed, options.attacks_per_day)
    tables = figures(plan, judged_in_parts(plan, options.silence, options.jobs))
    print(tables)
    if options.write:
        fill(_PAGE, "month", tables.splitlines())
    return 0


def judged_in_parts(plan: FleetPlan, silence: Path, jobs: int) -> MonthOutcome:
    """The outcome of a plan, ten computers at a time in each of `jobs` processes."""
    parts = [
        replace(plan, first=first, computers=min(_PART, plan.computers - first))
        for first in range(0, plan.computers, _PART)
    ]
    whole = MonthOutcome()
    with ProcessPoolExecutor(jobs) as pool:
        for part in pool.map(judged, parts, repeat(silence)):
            whole.merge(part)
            print(f"{whole.computers} computers: {whole.records} records", file=sys.stderr, flush=True)
    return whole


def judged(plan: FleetPlan, silence: Path = _SILENCE_QUERY) -> MonthOutcome:
    """The outcome of a plan, or a part of one."""
    rules = read_rules(silence)
    outcome = MonthOutcome()
    until_s = month_begin_s() + (plan.days + 1) * DAY_S
    for month in months(plan):
        outcome.add(month, rules, until_s, verifies=month.history.computer.number % SEALED_EVERY == 0)
    return outcome


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
