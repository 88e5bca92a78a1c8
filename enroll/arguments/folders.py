"""What the commands about the HTTPS folders take: the signed policy, recordings that were handed over."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from enroll.arguments.common import add_command, add_dry_run, add_passphrase, add_root


def add_receive(commands: Any) -> None:
    """Recordings that agents handed over."""
    command = add_command(
        commands,
        "receive",
        "Open recordings that agents handed over, and keep them encrypted with this user's key.",
        "receive /srv/recordings --key recordings.pem --out recordings",
    )
    command.add_argument("folder", type=Path, help="the folder that central.recordings_url leads to")
    command.add_argument("--key", type=Path, required=True, help="what key --recordings made")
    add_passphrase(command)
    command.add_argument("--out", type=Path, required=True, help="folder of recordings to write")
    add_unsigned(command)
    add_dry_run(command, "open them all, write nothing")
    add_root(command)


def add_unsigned(command: argparse.ArgumentParser) -> None:
    """What agents of earlier versions handed over."""
    command.add_argument(
        "--unsigned",
        action="store_true",
        help="take unsigned recordings of agents before admission was asked for, too: whoever may upload could have "
        "made them",
    )


def add_computers(commands: Any) -> None:
    """Admission of the computers that hand recordings over."""
    command = add_command(
        commands,
        "computers",
        "List the computers that hand recordings over; admit each once, or revoke it.",
        "computers admit 0123456789abcdef",
    )
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="every account and computer that handed something over")
    listing.add_argument("--json", action="store_true", help="print JSON")
    admit = actions.add_parser("admit", help="take recordings of these from now on")
    revoke = actions.add_parser("revoke", help="take no recordings of these any more")
    for action in (admit, revoke):
        action.add_argument(
            "keys", nargs="*", metavar="KEY", help="16 hexadecimal digits, as list shows them"
        )
    admit.add_argument("--all-waiting", action="store_true", help="every one that waits")
    for action in (listing, admit, revoke):
        action.add_argument(
            "--office", type=Path, help="folder of the office (default: this folder, if it is one)"
        )
        add_root(action)


def add_policy(commands: Any) -> None:
    """A policy for the folder that agents ask."""
    command = add_command(
        commands,
        "policy",
        "Sign a policy for the HTTPS folder that agents ask by themselves.",
        "policy policy.json --key admin.pem --out profiles/steadyhand.policy",
    )
    command.add_argument("policy", type=Path, help="the policy, as a file of JSON")
    command.add_argument("--key", type=Path, required=True, help="administrator's signing key")
    add_passphrase(command)
    command.add_argument("--out", type=Path, required=True, help="the signed policy to write")
    command.add_argument(
        "--sequence", type=int, default=0, help="its version (default: one more than what is at --out)"
    )
    add_dry_run(command, "check the policy and the key, write nothing")
