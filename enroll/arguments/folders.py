"""What the commands about the HTTPS folders take: the signed policy, recordings that were handed over."""

from __future__ import annotations

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
    add_dry_run(command, "open them all, write nothing")
    add_root(command)


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
