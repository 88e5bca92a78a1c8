"""Arguments of the commands that train users."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from enroll.arguments.common import add_command, add_dry_run, add_passphrase, add_root
from enroll.arguments.rates import add_rates
from enroll.arguments.sources import add_opening_key, add_time_unit


def add_train(commands: Any) -> None:
    """`train`: one user."""
    command = add_command(
        commands,
        "train",
        "Make a profile from recordings or tables of one user.",
        "train recordings/user7 --user user7 --key admin.pem --out user7.profile",
    )
    command.add_argument("source", type=Path, help="a folder of recordings, a folder of tables, or one file")
    command.add_argument("--user", required=True, help="the account's name or pseudonym")
    command.add_argument(
        "--out",
        type=Path,
        required=True,
        help="the profile to write; in a folder it gets the name that agents ask for",
    )
    command.add_argument("--cohort-number", type=int, help="the user's own number in the cohort, left out")
    command.add_argument(
        "--on-file",
        type=Path,
        help="a folder of profiles that the user is compared with (default: those installed here)",
    )
    add_time_unit(command)
    add_dry_run(command, "train and report, write nothing")
    _add_background(command)
    _add_training(command)


def add_fleet(commands: Any) -> None:
    """`fleet`: many users."""
    command = add_command(
        commands,
        "fleet",
        "Make the profiles of many users; a second run does only what is missing.",
        "fleet users.csv --key admin.pem --jobs 8 --out profiles",
    )
    command.add_argument(
        "manifest",
        type=Path,
        help="CSV with the columns user, source and, where needed, mouse and cohort_number; or an office",
    )
    command.add_argument(
        "--out", type=Path, help="folder of profiles and their figures; an office has its own"
    )
    command.add_argument(
        "--backend", choices=("loky", "dask"), default="loky", help="this computer, or a dask cluster"
    )
    command.add_argument(
        "--scheduler", help="dask: its address, as tcp://host:8786 (default: on this computer)"
    )
    command.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    _add_background(command)
    _add_training(command)


def add_transfer(commands: Any) -> None:
    """`transfer`: one user to another mouse."""
    command = add_command(
        commands,
        "transfer",
        "Carry a user's profile over to another mouse: it watches there until the mouse is enrolled.",
        "transfer user7.profile --sample recordings/new-mouse --key admin.pem --out user7-new.profile",
    )
    command.add_argument("profile", type=Path, help="the profile as it was enrolled")
    command.add_argument("--out", type=Path, required=True, help="the profile to write")
    command.add_argument(
        "--sample", type=Path, help="recordings or tables of the user with the new mouse: 50 actions or more"
    )
    command.add_argument(
        "--to", metavar="KEY", help="with a cohort and no sample: the new mouse's key, see `cohort inspect`"
    )
    command.add_argument("--cohort-number", type=int, help="the user's own number in the cohort, left out")
    add_time_unit(command)
    add_dry_run(command, "transfer and report, write nothing")
    _add_training(command)


def named_detectors(options: argparse.Namespace) -> list[str] | None:
    """What ``--detectors`` names; None without it."""
    return [name.strip() for name in options.detectors.split(",")] if options.detectors else None


def _add_background(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--background",
        metavar="FILE|shipped",
        help="how people differ (`background build`, or what comes along): used where there is no cohort; such a "
        "profile is smaller and finds more",
    )


def _add_training(command: argparse.ArgumentParser) -> None:
    """What training one user and training many have in common."""
    command.add_argument(
        "--key", type=Path, help="administrator's signing key; without it: this computer's own"
    )
    add_passphrase(command)
    command.add_argument("--cohort", type=Path, help="other people's actions; used if the mouse is the same")
    command.add_argument(
        "--public",
        type=Path,
        help="administrator's public key for what is read; without it: the installed ones",
    )
    command.add_argument(
        "--detectors",
        metavar="NAME,…",
        help="'shipped', or others beside it, as 'shipped,hmm' (docs/choices.md says what each adds)",
    )
    command.add_argument("--sequence", type=int, default=1, help="version of the profile (default: 1)")
    add_rates(command)
    command.add_argument("--json", action="store_true", help="report as JSON")
    add_opening_key(command)
    add_root(command)
