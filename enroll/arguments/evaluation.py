"""Argument parsers of the commands that measure: `evaluate` and `report`. Import no scientific library."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from enroll.arguments.common import add_command, add_events, add_language, add_root, numbers
from enroll.arguments.sources import add_opening_key


def add_evaluate(commands: Any) -> None:
    """`evaluate`: one protocol."""
    command = add_command(
        commands,
        "evaluate",
        "Run a published protocol and report its error rates.",
        "evaluate balabit DIR --mode own --jobs 2 --json result.json",
    )
    command.add_argument("protocol", choices=("balabit", "sapimouse", "stream", "sufficiency", "transfer"))
    command.add_argument("folder", type=Path, help="the data set's folder")
    command.add_argument(
        "--mode", choices=("own", "cohort"), default="own", help="what a model may see (default: own)"
    )
    _add_protocol_options(command)
    _add_stream_options(command)
    command.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    command.add_argument("--json", type=Path, help="file for the figures; - for standard output")
    command.add_argument(
        "--cache", type=Path, help="folder for feature rows (default: the user's own cache; safe to delete)"
    )
    command.add_argument(
        "--scores", type=Path, help="CSV file for the single scores, for the report's curves"
    )
    command.add_argument(
        "--mouse",
        metavar="KEY",
        default="",
        help="stream, sufficiency: of recordings, those under this mouse configuration (default: most people's)",
    )
    add_opening_key(command)
    add_root(command)


def _add_protocol_options(command: argparse.ArgumentParser) -> None:
    """What is learnt from whom."""
    command.add_argument("--detectors", help="names, separated by commas (default: the shipped ones)")
    command.add_argument(
        "--background",
        metavar="A-B|FILE|none",
        help="sapimouse: numbers of people who are only learnt from; balabit and stream, own data: a background of "
        "differences (default: the one that comes along)",
    )
    command.add_argument(
        "--public",
        type=Path,
        help="administrator's public key of the background; without it: the installed ones",
    )
    command.add_argument(
        "--test",
        type=numbers,
        metavar="A-B",
        help="sapimouse: people who are tested (default: three rotations)",
    )
    command.add_argument(
        "--seconds", type=float, default=60.0, help="sapimouse: length of a tested piece (default: 60)"
    )


def _add_stream_options(command: argparse.ArgumentParser) -> None:
    """Which sessions, and made-up ones."""
    command.add_argument(
        "--folds",
        choices=("last", "all", "forward"),
        default="last",
        help="stream: which sessions (default: the last two); forward: enrolled on earlier ones alone",
    )
    command.add_argument(
        "--days",
        action="store_true",
        help="stream: the folder holds USER/session_KK_dayDDD, and the recordings of a day are one session",
    )
    command.add_argument(
        "--parts",
        type=Path,
        metavar="FOLDER",
        help="stream: keep what single folds show, so that an interrupted run goes on (safe to delete)",
    )
    command.add_argument(
        "--simulate",
        type=Path,
        metavar="FOLDER",
        help="transfer: Balabit's, for a made-up second mouse as well",
    )


def add_report(commands: Any) -> None:
    """`report`: results as a page."""
    command = add_command(
        commands,
        "report",
        "Turn results into one HTML file, for those who decide whether to switch locking on.",
        "report --out report.html --scores scores.csv balabit.json stream.json",
    )
    command.add_argument("results", type=Path, nargs="+", metavar="RESULT", help="a file of evaluate --json")
    command.add_argument("--out", type=Path, required=True, help="the HTML file to write")
    add_language(command)
    command.add_argument(
        "--scores", type=Path, nargs="+", action="extend", default=[], help="files of evaluate --scores"
    )
    add_events(command, "alerts of shadow mode as JSON lines, to count what locking would have done here")
    command.add_argument(
        "--people", type=int, default=1_000, help="whom locking would be switched on for (default: 1,000)"
    )
    command.add_argument(
        "--hours", type=float, default=40.0, help="active hours of each in a week (default: 40)"
    )
    _add_examples(command)
    add_opening_key(command)
    add_root(command)


def _add_examples(command: argparse.ArgumentParser) -> None:
    """What is drawn of an owner and of an intruder."""
    for who in ("owner", "intruder"):
        command.add_argument(
            f"--{who}-trace", type=Path, help=f"steadyhand run --source replay:FILE --json, of an {who}"
        )
        command.add_argument(
            f"--{who}-movements", type=Path, help=f"a recording or table of events to draw, of an {who}"
        )
