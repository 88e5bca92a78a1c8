"""Argument parser of `steadyhand-enroll office`. Imports no scientific library: help must not wait for one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from enroll.arguments.common import add_command
from enroll.arguments.folders import add_unsigned

_PERSON = "the person's id, name or account"


def add_office(commands: Any) -> None:
    """`office`: the administrator's one folder."""
    command = add_command(
        commands,
        "office",
        "The administrator's one folder: people, recordings, profiles, keys, and what agents may fetch.",
        "office init /srv/steadyhand",
    )
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_founding(actions)
    _add_person(actions)
    _add_recordings(actions)
    _add_publication(actions)
    _add_keys(actions)
    _add_care(actions)


def _action(
    actions: Any, name: str, about: str, *, key: bool = False, changes: bool = True
) -> argparse.ArgumentParser:
    action: argparse.ArgumentParser = actions.add_parser(
        name, help=about, description=f"{about[0].upper()}{about[1:]}."
    )
    action.add_argument("--office", type=Path, help="the office (default: the one that this folder lies in)")
    if changes:
        action.add_argument("--why", default="", help="reason, for the journal")
    if key:
        action.add_argument("--key", type=Path, help="signing key (default: the office's own)")
    if name in ("train", "receive"):
        action.add_argument("--quiet", action="store_true", help="show no progress on standard error")
    if key or name in ("init", "receive"):
        action.add_argument(
            "--passphrase-file", type=Path, help="0600 file with the passphrase (default: it is asked for)"
        )
    return action


def _add_founding(actions: Any) -> None:
    init = _action(actions, "init", "make an office with its keys", changes=False)
    init.add_argument("folder", type=Path, help="a new or empty folder")
    init.add_argument(
        "--no-passphrase", action="store_true", help="keys without a passphrase, as files alone"
    )
    init.add_argument(
        "--keys", default="keys", help="folder of secret keys, such as on a stick (default: keys)"
    )
    init.add_argument(
        "--published", default="published", help="folder that the web server hands out (default: published)"
    )
    init.add_argument("--inbox", default="", help="folder that agents hand recordings over to")
    init.add_argument(
        "--keep-days", type=int, default=90, help="days after which expire deletes recordings (default: 90)"
    )


def _add_person(actions: Any) -> None:
    person = actions.add_parser("person", help="who is who: add, join, rename, group, list")
    what = person.add_subparsers(dest="person_action", required=True, metavar="WHAT")
    add = _action(what, "add", "somebody new, with one account")
    add.add_argument("name", help="a label for people; may be a pseudonym")
    _account(add)
    add.add_argument(
        "--group", default="default", help="pilot, exempt, or the name of a wave (default: default)"
    )
    join = _action(what, "join", "one account more for somebody: a second computer")
    join.add_argument("person", help=_PERSON)
    _account(join)
    merge = _action(what, "merge", "two entries that are one person: recordings and accounts go to the first")
    merge.add_argument("person", help=_PERSON)
    merge.add_argument("other", help="who turns out to be the same")
    rename = _action(what, "rename", "another label; the id stays")
    rename.add_argument("person", help=_PERSON)
    rename.add_argument("name", help="the new label")
    group = _action(what, "group", "another group, and with it another policy")
    group.add_argument("person", help=_PERSON)
    group.add_argument("group", help="pilot, exempt, default, or the name of a wave")
    listing = _action(what, "list", "everybody", changes=False)
    listing.add_argument("--json", action="store_true", help="report as JSON")


def _account(action: argparse.ArgumentParser) -> None:
    action.add_argument("--account", required=True, help="the account, as ada, CORP\\ada or ada@corp.example")
    action.add_argument(
        "--computer", default="*", help="the computer's name; needed for a local account (default: any)"
    )


def _add_recordings(actions: Any) -> None:
    receive = _action(actions, "receive", "open what agents handed over, and sort it by person and mouse")
    receive.add_argument(
        "folder", type=Path, nargs="?", help="folder of sealed recordings (default: the inbox)"
    )
    receive.add_argument("--opening-key", type=Path, help="key that opens them (default: the office's own)")
    add_unsigned(receive)
    imported = _action(actions, "import", "keep tables as somebody's recordings")
    imported.add_argument("source", type=Path, help="a table of events, or a folder of them")
    imported.add_argument("--person", required=True, help=_PERSON)
    _action(actions, "cohort", "build the cohort of everybody's actions, to tell people apart", key=True)
    train = _action(actions, "train", "make the profiles that are due", key=True)
    train.add_argument("--person", help=f"only this one: {_PERSON}")
    train.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    train.add_argument(
        "--backend", choices=("loky", "dask"), default="loky", help="this computer, or a dask cluster"
    )
    train.add_argument(
        "--scheduler", help="dask: its address, as tcp://host:8786 (default: on this computer)"
    )
    train.add_argument("--json", action="store_true", help="report as JSON")


def _add_publication(actions: Any) -> None:
    _action(actions, "publish", "write the folder that agents ask, with its signed index", key=True)
    shadow = _action(actions, "shadow-all", "put everybody back into shadow mode, and publish that", key=True)
    shadow.add_argument("--end", action="store_true", help="let the policies hold again")
    excuse = _action(actions, "excuse", "the helpdesk: nothing is locked at somebody's desk for some hours")
    excuse.add_argument("person", help=_PERSON)
    excuse.add_argument("--hours", type=float, required=True, help="at most 72")
    excuse.add_argument("--key", type=Path, help="the helpdesk's key (default: the office's own)")
    excuse.add_argument("--passphrase-file", type=Path, help="0600 file with the passphrase")


def _add_keys(actions: Any) -> None:
    keys = actions.add_parser("keys", help="the office's keys: list, rotate, replace, add, helpdesk, revoke")
    what = keys.add_subparsers(dest="keys_action", required=True, metavar="WHAT")
    _action(what, "list", "every key, and whether it counts", changes=False)
    _action(what, "rotate", "a new signing key that the present one vouches for; both count", key=True)
    replace = _action(what, "replace", "a new signing key in the place of one that is lost or stolen")
    replace.add_argument("--recovery", type=Path, help="the recovery key, which vouches for the new one")
    replace.add_argument("--none-left", action="store_true", help="no key is left to vouch for it")
    replace.add_argument("--passphrase-file", type=Path, help="0600 file with the passphrase, of both keys")
    add = _action(what, "add", "vouch for another administrator's key", key=True)
    add.add_argument("public", type=Path, help="its public half")
    add.add_argument("--holder", required=True, help="whose it is, a label")
    helpdesk = _action(what, "helpdesk", "a key that can only sign excuses")
    helpdesk.add_argument("--holder", default="helpdesk", help="whose it is, a label")
    helpdesk.add_argument("--passphrase-file", type=Path, help="0600 file with its passphrase")
    revoke = _action(what, "revoke", "have a key count no longer, from the next publication on")
    revoke.add_argument("key_id", help="its id, or the beginning of it")


def _add_care(actions: Any) -> None:
    leave = _action(
        actions, "leave", "delete everything of somebody, revoke their profiles, and publish that", key=True
    )
    leave.add_argument("person", help=_PERSON)
    leave.add_argument("--dry-run", action="store_true", help="say what would go, change nothing")
    expire = _action(actions, "expire", "delete recordings that are older than the office keeps them")
    expire.add_argument("--days", type=int, help="days to keep (default: as the office says)")
    expire.add_argument("--dry-run", action="store_true", help="say what would go, change nothing")
    about = _action(actions, "about", "everything that is held of somebody: the answer to an access request")
    about.add_argument("person", help=_PERSON)
    about.add_argument("--json", action="store_true", help="report as JSON")
    backup = _action(actions, "backup", "keep the whole office as one file")
    backup.add_argument("file", type=Path, help="the file to write, 0600")
    restore = actions.add_parser(
        "restore", help="bring an office back; its versions go on from what is published"
    )
    restore.add_argument("file", type=Path, help="what backup wrote")
    restore.add_argument("folder", type=Path, help="a new or empty folder")
    restore.add_argument("--published", type=Path, help="the published folder as it stands now")
    restore.add_argument("--why", default="", help="reason, for the journal")
    check = _action(
        actions, "check", "whether everything is whole, and private where it must be", changes=False
    )
    check.add_argument("--json", action="store_true", help="report as JSON")
    journal = _action(actions, "journal", "who changed or opened what, when and why", changes=False)
    journal.add_argument("--person", help=f"only lines on this one: {_PERSON}")
