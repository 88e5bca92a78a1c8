"""The `steadyhand-enroll` command: makes profiles, and says how good they are."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.arguments import PrintVersion
from agent.completion import SHELLS, complete
from agent.engine.errors import SteadyhandError
from agent.standard_streams import is_broken_pipe, provide_streams
from enroll.arguments.background import add_background
from enroll.arguments.common import add_command, add_dry_run, add_passphrase, add_root, numbers
from enroll.arguments.folders import add_policy, add_receive
from enroll.arguments.guide import add_example, add_guide
from enroll.arguments.office import add_office
from enroll.arguments.overview import add_overview
from enroll.arguments.sources import add_export, add_features, add_import, add_opening_key
from enroll.arguments.store import store_actions
from enroll.arguments.training import add_fleet, add_train, add_transfer

DONE, FOUND_WRONG, CALLED_WRONGLY = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 found something wrong, 2 called wrongly."""
    provide_streams()
    options = _parser().parse_args(argv)
    try:
        code = _run(options)
        sys.stdout.flush()
    except OSError as error:
        if not is_broken_pipe(error):
            raise
        # The reader has seen enough (`| head`). Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND_WRONG
    return code


def _run(options: argparse.Namespace) -> int:
    if options.command == "completion":
        print(complete(_parser(), options.shell))
        return DONE
    # Commands bring scikit-learn along: help and errors should not wait for it.
    from enroll.commands import run as commands

    try:
        code: int = getattr(commands, options.command.replace("-", "_") + "_command")(options)
    except SteadyhandError as error:
        print(f"steadyhand-enroll: {error}", file=sys.stderr)
        return CALLED_WRONGLY
    except KeyboardInterrupt:
        return FOUND_WRONG
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="steadyhand-enroll",
        description="Makes profiles, and says how good they are.",
        epilog="Example: steadyhand-enroll evaluate balabit DIR --mode own --json result.json",
    )
    parser.add_argument("--version", action=PrintVersion, nargs=0, help="print the version and end")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (
        add_guide,
        add_example,
        add_import,
        add_export,
        add_receive,
        add_train,
        add_transfer,
        _train_child,
        _verify,
        _sign,
        _key,
        _cohort,
        add_background,
        add_fleet,
        add_office,
        _store,
        add_policy,
        _evaluate,
        _report,
        add_overview,
        add_features,
        _completion,
    ):
        add(commands)
    return parser


def _train_child(commands: Any) -> None:
    add_command(
        commands,
        "train-child",
        "For the agent: recordings on standard input become an unsigned profile on standard output.",
        "train-child < stream > profile",
    )


def _verify(commands: Any) -> None:
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


def _sign(commands: Any) -> None:
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


def _key(commands: Any) -> None:
    command = add_command(
        commands, "key", "Make a signing key and, beside it, its public half.", "key admin.pem"
    )
    command.add_argument("file", type=Path, help="the private key to write; its public half gets .pub.pem")
    command.add_argument(
        "--recordings",
        action="store_true",
        help="a key that opens recordings handed over for central training; its public half is printed for policy",
    )


def _cohort(commands: Any) -> None:
    command = add_command(
        commands,
        "cohort",
        "Collect other people's actions, without names, to tell users from them.",
        "cohort build recordings --key admin.pem --out office.cohort",
    )
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    build = actions.add_parser("build", help="from a folder with a folder of recordings for each person")
    build.add_argument("source", type=Path, help="the folder of folders, of recordings or tables")
    add_opening_key(build)
    build.add_argument(
        "--sketches",
        action="store_true",
        help="with the shape of every movement, for detectors that look at it (docs/privacy.md says what that is)",
    )
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


def _store(commands: Any) -> None:
    command = add_command(
        commands,
        "store",
        "The administrator's folder of signed profiles, by user and mouse configuration.",
        "store revoke profiles --user ada --why 'left the company' --key admin.pem --dry-run",
    )
    for action in store_actions(command):
        add_root(action)


def _evaluate(commands: Any) -> None:
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
        "--simulate",
        type=Path,
        metavar="FOLDER",
        help="transfer: Balabit's, for a made-up second mouse as well",
    )
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


def _report(commands: Any) -> None:
    command = add_command(
        commands,
        "report",
        "Turn results into one HTML file, for those who decide whether to switch locking on.",
        "report --out report.html --scores scores.csv balabit.json stream.json",
    )
    command.add_argument("results", type=Path, nargs="+", metavar="RESULT", help="a file of evaluate --json")
    command.add_argument("--out", type=Path, required=True, help="the HTML file to write")
    command.add_argument(
        "--scores", type=Path, nargs="+", action="extend", default=[], help="files of evaluate --scores"
    )
    command.add_argument(
        "--people", type=int, default=1_000, help="whom locking would be switched on for (default: 1,000)"
    )
    command.add_argument(
        "--hours", type=float, default=40.0, help="active hours of each in a week (default: 40)"
    )
    for who in ("owner", "intruder"):
        command.add_argument(
            f"--{who}-trace", type=Path, help=f"steadyhand run --source replay:FILE --json, of an {who}"
        )
        command.add_argument(
            f"--{who}-movements", type=Path, help=f"a recording or table of events to draw, of an {who}"
        )
    add_opening_key(command)
    add_root(command)


def _completion(commands: Any) -> None:
    command = add_command(
        commands,
        "completion",
        "Print the rules by which a shell completes this command.",
        "completion bash > ~/.local/share/bash-completion/completions/steadyhand-enroll",
    )
    command.add_argument("shell", choices=SHELLS)
