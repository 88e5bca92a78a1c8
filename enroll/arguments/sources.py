"""Arguments about what is read: recordings, sealed recordings and tables."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from enroll.arguments.common import add_command, add_dry_run, add_root

UNITS = ("s", "ms", "us", "ns")


def add_opening_key(command: argparse.ArgumentParser) -> None:
    """What opens sealed recordings."""
    command.add_argument(
        "--opening-key",
        type=Path,
        metavar="FILE",
        help="what `key --recordings` made, where recordings are sealed",
    )


def add_time_unit(command: argparse.ArgumentParser) -> None:
    """The unit of times in tables."""
    command.add_argument(
        "--time-unit", choices=UNITS, help="unit of the times in tables (default: by the table's columns)"
    )


def add_import(commands: Any) -> None:
    """`import`: tables to recordings."""
    command = add_command(
        commands,
        "import",
        "Keep CSV tables or a data set's folder as encrypted recordings; a second run does only what is missing.",
        "import balabit/training_files/user7 --out recordings",
    )
    command.add_argument("source", type=Path, help="a table of events, or a folder of them")
    command.add_argument("--out", type=Path, help="folder of recordings (default: the user's own)")
    add_time_unit(command)
    add_dry_run(command, "list what would be imported, write nothing")
    add_root(command)


def add_export(commands: Any) -> None:
    """`export`: recordings to tables."""
    command = add_command(
        commands,
        "export",
        "Write recordings as tables of events, in the columns of the Balabit data set. The tables are not encrypted.",
        "export recordings/ada --out tables",
    )
    command.add_argument("source", type=Path, help="a recording, or a folder of them")
    command.add_argument("--out", type=Path, required=True, help="folder of tables to write, by person")
    add_opening_key(command)
    add_dry_run(command, "list what would be written, write nothing")
    add_root(command)


def add_features(commands: Any) -> None:
    """`features`: a row for each action."""
    command = add_command(
        commands,
        "features",
        "Write the feature row of every action as a table.",
        "features balabit/training_files --schema full --out features.csv",
    )
    command.add_argument("source", type=Path, help="recordings or tables: a file, or a folder of them")
    command.add_argument(
        "--schema",
        choices=("full", "antal39"),
        default="full",
        help="which features: all, or the 39 of arXiv 1810.04668 (default: full)",
    )
    command.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    add_opening_key(command)
    add_time_unit(command)
    add_root(command)
