"""Arguments of the `steadyhand` command, and its help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from agent.commands.command_parser import Handler, described
from agent.commands.running_arguments import add_running
from agent.commands.service_arguments import add_services
from agent.commands.signals_arguments import add_signals
from agent.completion import SHELLS
from agent.files.version import agent_version


def build_parser(handlers: Mapping[str, Handler]) -> argparse.ArgumentParser:
    """The parser of `steadyhand`; `handlers` names what each command runs."""
    parser = described(
        argparse.ArgumentParser,
        prog="steadyhand",
        description="Watches, from the way the mouse is moved, that the person at this computer is its owner.",
        epilog="examples:\n  steadyhand                 run the tray agent\n  steadyhand status --json\n"
        "  steadyhand demo            see it work on a display of its own",
    )
    parser.add_argument("--verbose", action="store_true", help="log what happens to standard error")
    parser.add_argument("--version", action=PrintVersion, nargs=0, help="print the version and end")
    parser.set_defaults(
        run=handlers["run"], source=None, no_tray=False, autostart=False, speed=0.0, json=False
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in _COMMANDS:
        add(commands, handlers)
    return parser


class PrintVersion(argparse.Action):
    """Prints the program's name and version, and ends."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """See `argparse.Action`."""
        sys.stdout.write(f"{parser.prog} {agent_version()}\n")
        parser.exit(0)


def _add_run(commands: Any, handlers: Mapping[str, Handler]) -> None:
    command = described(
        commands.add_parser,
        "run",
        help="the tray agent (the default)",
        epilog="examples:\n  steadyhand run --no-tray\n  steadyhand run --source replay:session.rec --json",
    )
    command.add_argument("--no-tray", action="store_true", help="run without a tray icon")
    command.add_argument(
        "--autostart", action="store_true", help="end without a word where an agent runs already"
    )
    command.add_argument(
        "--source", type=_replay_source, help="replay:FILE judges a recording instead of the mouse"
    )
    command.add_argument(
        "--speed", type=float, default=0.0, help="replay at this multiple of real time; 0 = at once"
    )
    command.add_argument("--json", action="store_true", help="with --source: one JSON object a judgement")
    command.set_defaults(run=handlers["run"])


def _add_status(commands: Any, handlers: Mapping[str, Handler]) -> None:
    command = described(
        commands.add_parser,
        "status",
        help="what the running agent sees",
        epilog="examples:\n  steadyhand status --json\n  steadyhand status --policy",
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--page", type=Path, metavar="FILE", help="write the tray's status page there")
    command.add_argument(
        "--policy", action="store_true", help="every setting that holds, and where it comes from"
    )
    command.set_defaults(run=handlers["status"])


def _add_config(commands: Any, handlers: Mapping[str, Handler]) -> None:
    command = described(
        commands.add_parser,
        "config",
        help="print a settings file with every setting, its meaning and its default, commented out",
        epilog="example:\n  steadyhand config > ~/.config/steadyhand/settings.toml",
    )
    command.set_defaults(run=handlers["config"])


def _add_doctor(commands: Any, handlers: Mapping[str, Handler]) -> None:
    command = described(
        commands.add_parser,
        "doctor",
        help="what works on this computer, and how to mend what doesn't",
        epilog="examples:\n  steadyhand doctor --json\n  steadyhand doctor --test-alert",
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument(
        "--test-lock", action="store_true", help="really lock the screen, to see that it locks"
    )
    command.add_argument(
        "--test-alert", action="store_true", help="really send an alert to every destination"
    )
    command.set_defaults(run=handlers["doctor"])


def _add_demo(commands: Any, handlers: Mapping[str, Handler]) -> None:
    command = described(
        commands.add_parser,
        "demo",
        help="owner works, an intruder takes over, the screen locks, the alert arrives",
        epilog="examples:\n  steadyhand demo\n  steadyhand demo --data build/data/balabit",
    )
    command.add_argument("--here", action="store_true", help="on the display in front of you, after asking")
    command.add_argument(
        "--data",
        type=Path,
        help="a Balabit folder: two of its accounts play the two people (takes about four minutes)",
    )
    command.add_argument("--out", type=Path, help="folder for the screenshots and the report")
    command.add_argument("--seed", type=int, default=0, help="other movements of the same two people (0)")
    command.set_defaults(run=handlers["demo"])


def _add_recordings(commands: Any, handlers: Mapping[str, Handler]) -> None:
    command = described(
        commands.add_parser,
        "recordings",
        help="list or erase what was recorded for enrolment",
        epilog="examples:\n  steadyhand recordings\n  steadyhand recordings --erase --dry-run",
    )
    command.add_argument(
        "--erase", action="store_true", help="erase all of them, after asking for your password"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--dry-run", action="store_true", help="with --erase: only say what would go")
    command.set_defaults(run=handlers["recordings"])


def _add_fetch(commands: Any, handlers: Mapping[str, Handler]) -> None:
    command = described(
        commands.add_parser,
        "fetch",
        help="install the administrator's signed policy, and profiles for this user and the connected mice",
        epilog="examples:\n  steadyhand fetch\n  steadyhand fetch https://profiles.example/steadyhand",
    )
    command.add_argument(
        "url",
        nargs="?",
        default="",
        help="the published folder behind HTTPS (default: policy's)",
    )
    command.add_argument(
        "--copy", dest="copied", type=Path, help="a copy of the published folder, as on a stick, instead"
    )
    command.add_argument("--ca", default="", help="file of authorities to believe (default: the system's)")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=handlers["fetch"])


def _add_completion(commands: Any, handlers: Mapping[str, Handler]) -> None:
    command = described(
        commands.add_parser,
        "completion",
        help="print the rules by which a shell completes this command",
        epilog="example:\n  steadyhand completion bash > ~/.local/share/bash-completion/completions/steadyhand",
    )
    command.add_argument("shell", choices=SHELLS)
    command.set_defaults(run=handlers["completion"])


def _add_verify(commands: Any, handlers: Mapping[str, Handler]) -> None:
    command = described(
        commands.add_parser,
        "verify",
        help="are exported alerts all there, and as they were sent",
        epilog="examples:\n  steadyhand verify\n  steadyhand verify exported-from-the-siem.jsonl",
    )
    command.add_argument(
        "file", nargs="?", type=Path, help="events, one a line, or a CSV export; else this user's own file"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=handlers["verify"])


def _replay_source(text: str) -> Path:
    scheme, _, name = text.partition(":")
    if scheme != "replay" or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not replay:FILE")
    return Path(name)


_COMMANDS: Final = (
    _add_run,
    _add_status,
    add_running,
    _add_config,
    _add_doctor,
    _add_demo,
    _add_recordings,
    _add_fetch,
    _add_completion,
    _add_verify,
    add_signals,
    add_services,
)
