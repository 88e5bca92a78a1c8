"""`python -m bench.reliability`: alerts through crashes, refusals and bad disks; figures for docs/reliability.md.

A trial that loses an alert is an error: the exit code is 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from bench.page import fill
from bench.reliability_arrival import HEAD, Arrival
from bench.reliability_disk import stepped_clock, troubled_disk
from bench.reliability_http import troubled_http
from bench.reliability_kills import killed_agent
from bench.reliability_signals import killed_relay
from bench.reliability_syslog import Pace, killed_receiver
from tests.e2e import rsyslog, syslog_ng

PAGE: Final = Path(__file__).parents[1] / "docs" / "reliability.md"
MARK: Final = "alerts that arrive"
_LONG: Final = Pace(2000, 25.0, 4.0)
_SHORT: Final = Pace(200, 50.0, 1.0)


def trials(*, short: bool) -> dict[str, Callable[[Path], Arrival]]:
    """Every trial by name; each wants an empty folder."""
    pace = _SHORT if short else _LONG
    count, kills = (60, 5) if short else (1000, 100)
    return {
        "rsyslog": lambda at: _syslog("rsyslog", rsyslog.MISSING, rsyslog.Receiver(at / "r"), at, pace),
        "syslog-ng": lambda at: _syslog(
            "syslog-ng", syslog_ng.MISSING, syslog_ng.SyslogNg(at / "r"), at, pace
        ),
        "splunk": lambda at: troubled_http("splunk", at, count),
        "webhook": lambda at: troubled_http("webhook", at, count),
        "otlp": lambda at: troubled_http("otlp", at, count),
        "refused": lambda at: troubled_http("otlp", at, count, refused=7),
        "kills": lambda at: killed_agent(at, kills),
        "signals": lambda at: killed_relay(at, kills),
        "full": lambda at: troubled_disk("full", at, 30, from_the_start=False),
        "full-start": lambda at: troubled_disk("full", at, 30, from_the_start=True),
        "read-only": lambda at: troubled_disk("read-only", at, 30, from_the_start=True),
        "clock": lambda at: stepped_clock(at, count),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the trials and print a table; 1 where an alert was lost or a trial could not be run."""
    options = _parser().parse_args(argv)
    chosen = trials(short=options.short)
    rows, failed = list(HEAD), False
    for name in options.only or chosen:
        with tempfile.TemporaryDirectory(prefix="reliability-") as folder:
            try:
                figures = chosen[name](Path(folder))
            except SteadyhandError as error:
                row, lost = f"| {name} | not run: {error} | | | | |", True
            else:
                row, lost = figures.row(), bool(figures.missing)
        failed |= lost
        rows.append(row)
        print(row, flush=True)
    if options.write:
        fill(PAGE, MARK, rows)
    return int(failed)


def _syslog(name: str, missing: str, receiver: rsyslog.Receiver, folder: Path, pace: Pace) -> Arrival:
    if missing:
        raise SteadyhandError(missing, "run: make setup")
    receiver.prepare()
    return killed_receiver(name, receiver, folder, pace)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.reliability",
        description=__doc__,
        epilog="example: python -m bench.reliability --only rsyslog --only kills",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=list(trials(short=True)), metavar="NAME",
                        help=f"one of {', '.join(trials(short=True))}; repeatable")  # fmt: skip
    parser.add_argument("--short", action="store_true", help="fewer alerts and kills")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.name}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
