"""What arguments of several commands have in common."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from agent.language.language import language_codes


def add_command(commands: Any, name: str, about: str, example: str) -> argparse.ArgumentParser:
    """A command with its help and one example, to be typed after the program's name."""
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=about, epilog=f"Example: steadyhand-enroll {example}"
    )
    command.add_argument("--quiet", action="store_true", help="show no progress on standard error")
    return command


def add_dry_run(command: argparse.ArgumentParser, effect: str) -> None:
    """An option to look first."""
    command.add_argument("--dry-run", action="store_true", help=effect)


def add_root(command: argparse.ArgumentParser) -> None:
    """Where keys and recordings are kept."""
    command.add_argument(
        "--root",
        type=Path,
        help="keep keys and recordings below this folder instead of the user's own places",
    )


def add_language(command: argparse.ArgumentParser) -> None:
    """In which language a page is written."""
    command.add_argument(
        "--language", choices=language_codes(), help="language of the page (default: your session's)"
    )


def add_events(command: argparse.ArgumentParser, purpose: str) -> None:
    """Which exports of alerts are read."""
    command.add_argument(
        "--events", type=Path, nargs="+", action="extend", default=[], metavar="FILE", help=purpose
    )


def add_passphrase(command: argparse.ArgumentParser) -> None:
    """Where the passphrase of a secret key is."""
    command.add_argument(
        "--passphrase-file", type=Path, help="0600 file with the key's passphrase (default: it is asked for)"
    )


def numbers(text: str) -> range:
    """A range of numbers like ``1-72``.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is none.
    """
    first, dash, last = text.partition("-")
    if not (first.isdecimal() and dash and last.isdecimal() and int(first) <= int(last)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a range like 1-72")
    return range(int(first), int(last) + 1)
