"""Argument parsers of the commands about single files: profiles, keys and cohorts. Import no scientific library."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from enroll.arguments.common import add_command, add_dry_run, add_passphrase, add_root
from enroll.arguments.sources import add_opening_key


def add_verify(commands: Any) -> None:
    """`verify`: a profile, or recordings."""
    command = add_command(
        commands,
        "verify",
        "Check a profile's signature, arrays and time, or recordings and tables, and tell what is in it.",
        "verify user7.profile --public admin.pub.pem",
    )
    command.add_argument("profile", type=Path, help="a profile, or recordings or tables: a file or a folder")
    command.add_argument(
        "--public", type=Path, help="administrator's public key; without it: the installed ones"
    )
    command.add_argument("--json", action="store_true", help="report as JSON")
    add_opening_key(command)
    add_root(command)


def add_sign(commands: Any) -> None:
    """`sign`: the administrator's signature."""
    command = add_command(
        commands,
        "sign",
        "Sign a profile that this computer made with the administrator's key.",
        "sign local.profile --key admin.pem --out user7.profile",
    )
    command.add_argument("profile", type=Path)
    command.add_argument("--key", type=Path, required=True, help="administrator's signing key")
    add_passphrase(command)
    command.add_argument("--out", type=Path, required=True, help="the profile to write")
    add_dry_run(command, "check both the profile and the key, write nothing")
    add_root(command)


def add_key(commands: Any) -> None:
    """`key`: a new key."""
    command = add_command(
        commands, "key", "Make a signing key and, beside it, its public half.", "key admin.pem"
    )
    command.add_argument("file", type=Path, help="the private key to write; its public half gets .pub.pem")
    command.add_argument(
        "--recordings",
        action="store_true",
        help="a key that opens recordings handed over for central training; its public half is printed for policy",
    )


def add_cohort(commands: Any) -> None:
    """`cohort`: other people's actions."""
    command = add_command(
        commands,
        "cohort",
        "Collect other people's actions, without names, to tell users from them.",
        "cohort build recordings --key admin.pem --out office.cohort",
    )
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    build = _cohort_build(actions)
    inspect = actions.add_parser("inspect", help="by mouse configuration: people and their actions")
    remove = actions.add_parser("remove", help="make a cohort without one person")
    for action in (inspect, remove):
        action.add_argument("cohort", type=Path)
        action.add_argument(
            "--public", type=Path, help="administrator's public key; without it: the installed ones"
        )
    remove.add_argument("--person", type=int, required=True, help="the person's number")
    inspect.add_argument("--json", action="store_true", help="report as JSON")
    for action in (build, remove):
        action.add_argument("--key", type=Path, required=True, help="administrator's signing key")
        add_passphrase(action)
        action.add_argument("--out", type=Path, required=True, help="the cohort to write")
    for action in (build, inspect, remove):
        add_root(action)


def _cohort_build(actions: Any) -> argparse.ArgumentParser:
    """`cohort build`."""
    build: argparse.ArgumentParser = actions.add_parser(
        "build", help="from a folder with a folder of recordings for each person"
    )
    build.add_argument("source", type=Path, help="the folder of folders, of recordings or tables")
    add_opening_key(build)
    build.add_argument(
        "--sketches",
        action="store_true",
        help="with the shape of every movement, for detectors that look at it (docs/privacy.md says what that is)",
    )
    return build
