"""The `steadyhand-enroll` command: makes profiles, and says how good they are."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

from agent.arguments import PrintVersion
from agent.completion import SHELLS, complete
from agent.engine.errors import SteadyhandError
from agent.standard_streams import is_broken_pipe, provide_streams
from enroll.arguments.background import add_background
from enroll.arguments.common import add_command, add_root
from enroll.arguments.evaluation import add_evaluate, add_report
from enroll.arguments.files import add_cohort, add_key, add_sign, add_verify
from enroll.arguments.folders import add_computers, add_policy, add_receive
from enroll.arguments.guide import add_example, add_guide
from enroll.arguments.office import add_office
from enroll.arguments.overview import add_overview
from enroll.arguments.sources import add_export, add_features, add_import
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
    for add in _COMMANDS:
        add(commands)
    return parser


def _train_child(commands: Any) -> None:
    add_command(
        commands,
        "train-child",
        "For the agent: recordings on standard input become an unsigned profile on standard output.",
        "train-child < stream > profile",
    )


def _store(commands: Any) -> None:
    command = add_command(
        commands,
        "store",
        "The administrator's folder of signed profiles, by user and mouse configuration.",
        "store revoke profiles --user ada --why 'left the company' --key admin.pem --dry-run",
    )
    for action in store_actions(command):
        add_root(action)


def _completion(commands: Any) -> None:
    command = add_command(
        commands,
        "completion",
        "Print the rules by which a shell completes this command.",
        "completion bash > ~/.local/share/bash-completion/completions/steadyhand-enroll",
    )
    command.add_argument("shell", choices=SHELLS)


_COMMANDS: Final = (
    add_guide,
    add_example,
    add_import,
    add_export,
    add_receive,
    add_computers,
    add_train,
    add_transfer,
    _train_child,
    add_verify,
    add_sign,
    add_key,
    add_cohort,
    add_background,
    add_fleet,
    add_office,
    _store,
    add_policy,
    add_evaluate,
    add_report,
    add_overview,
    add_features,
    _completion,
)
