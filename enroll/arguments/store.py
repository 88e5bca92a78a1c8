"""Argument parser of `steadyhand-enroll store`. Imports no scientific library: help must not wait for one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from enroll.arguments.common import add_passphrase
from enroll.arguments.rates import add_rates
from enroll.arguments.sources import add_opening_key

_SEEN: Final = {"list": "every profile and its state", "show": "everything about one user's profiles"}
_CHANGED: Final = {
    "add": "sign profiles and keep them in the folder",
    "expire": "end profiles' time now: they go on alerting for two weeks, and lock no more",
    "revoke": "have profiles judge nobody any more, at once",
    "re-enrol": "train a new version from new recordings",
}


def store_actions(command: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Give the command its actions; each is handed out once it is complete."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, about in {**_SEEN, **_CHANGED}.items():
        action = actions.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        action.add_argument("folder", type=Path, help="the folder of profiles")
        _what(action, name)
        _how(action, name)
        yield action


def _what(action: argparse.ArgumentParser, name: str) -> None:
    """Which profiles it is about."""
    if name == "add":
        action.add_argument("profiles", type=Path, nargs="+", help="profiles that this computer believes")
    else:
        action.add_argument("--user", required=name != "list", default="", help="the account's name")
    if name in ("show", "expire", "revoke"):
        action.add_argument(
            "--mouse", default="", help="the configuration's key, or its beginning (default: all of them)"
        )
    if name == "revoke":
        action.add_argument("--why", required=True, help="the reason, which the employee's agent tells")
    if name == "re-enrol":
        action.add_argument("source", type=Path, help="recordings or tables of the user")
        action.add_argument(
            "--cohort", type=Path, help="other people's actions; used if the mouse is the same"
        )
        action.add_argument("--cohort-number", type=int, help="the user's own number in the cohort, left out")
        add_rates(action)
        add_opening_key(action)


def _how(action: argparse.ArgumentParser, name: str) -> None:
    """Keys and the form of the report."""
    if name in _CHANGED:
        action.add_argument("--key", type=Path, required=True, help="administrator's signing key")
        add_passphrase(action)
        action.add_argument(
            "--dry-run", action="store_true", help="say what would change, and change nothing"
        )
    else:
        action.add_argument(
            "--public", type=Path, help="administrator's public key; without it: the installed ones"
        )
    action.add_argument("--json", action="store_true", help="report as JSON")
