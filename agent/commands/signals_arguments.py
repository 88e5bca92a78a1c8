"""Arguments of `steadyhand signals`, and their help."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from agent.commands.command_parser import Handler, described

NEW_KEY: Final = "new-key"
FORGET_KEY: Final = "forget-key"
PUBLIC_KEYS: Final = "public-keys"
PUBLISH: Final = "publish"
STATUS: Final = "status"
VERIFY: Final = "verify"
LEAD_H: Final = 24.0
"""Hours after which a new key signs: receivers may look at the published set no more often than daily."""
_MOST_LEAD_H: Final = 24.0 * 365


def add_signals(commands: Any, handlers: Mapping[str, Handler]) -> None:
    """The administrator's side of Shared Signals."""
    command = described(
        commands.add_parser,
        "signals",
        help="keys, published files and status of what the relay tells an identity provider",
        epilog="examples:\n  steadyhand signals publish /srv/www\n  steadyhand signals status --json",
    )
    command.set_defaults(run=handlers["signals"])
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_key_actions(actions)
    published = actions.add_parser(
        PUBLISH, help="write the transmitter's metadata and key set as static files"
    )
    published.add_argument("folder", type=Path, help="what is served at the root of the issuer's host")
    published.add_argument(
        "keys", type=Path, nargs="*", help="files of relays' public keys; without any, this relay's own"
    )
    status = actions.add_parser(STATUS, help="the stream as it is configured, and its keys")
    status.add_argument("--json", action="store_true", help="print JSON")
    actions.add_parser(VERIFY, help="send the receiver a verification event; as the relay's account")


def _add_key_actions(actions: Any) -> None:
    new = actions.add_parser(NEW_KEY, help="make a signing key; as the relay's account")
    new.add_argument(
        "--signs-after",
        type=_hours,
        default=LEAD_H,
        metavar="HOURS",
        help="hours until it signs, in which the new set is published (default: 24; the first key signs at once)",
    )
    forget = actions.add_parser(FORGET_KEY, help="remove a key that no longer signs; as the relay's account")
    forget.add_argument("kid", help="as the status names it")
    actions.add_parser(PUBLIC_KEYS, help="print this relay's public keys; as the relay's account")


def _hours(text: str) -> float:
    hours = float(text)
    if not 0.0 <= hours <= _MOST_LEAD_H:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and {_MOST_LEAD_H:g}")
    return hours
