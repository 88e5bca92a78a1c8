"""The words of the `steadyhand` command: what it can be asked, and its help."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from agent.completion import SHELLS

Handler = Callable[[argparse.Namespace], int]


def build_parser(handlers: Mapping[str, Handler]) -> argparse.ArgumentParser:
    """The parser of `steadyhand`; `handlers` names what each command runs."""
    parser = _command(
        argparse.ArgumentParser,
        prog="steadyhand",
        description="Watches, from the way the mouse is moved, that the person at this computer is its owner.",
        epilog="examples:\n  steadyhand                 run the tray agent\n  steadyhand status --json\n"
        "  steadyhand demo            see it work on a display of its own",
    )
    parser.add_argument("--verbose", action="store_true", help="log what happens to standard error")
    parser.set_defaults(run=handlers["run"], source=None, no_tray=False, speed=0.0, json=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    run = _command(
        commands.add_parser,
        "run",
        help="the tray agent (the default)",
        epilog="examples:\n  steadyhand run --no-tray\n  steadyhand run --source replay:session.rec --json",
    )
    run.add_argument("--no-tray", action="store_true", help="run without a tray icon")
    run.add_argument(
        "--source", type=_replay_source, help="replay:FILE judges a recording instead of the mouse"
    )
    run.add_argument(
        "--speed", type=float, default=0.0, help="replay at this multiple of real time; 0 = at once"
    )
    run.add_argument("--json", action="store_true", help="with --source: one JSON object a judgement")
    run.set_defaults(run=handlers["run"])

    status = _command(
        commands.add_parser,
        "status",
        help="what the running agent sees",
        epilog="examples:\n  steadyhand status --json\n  steadyhand status --policy",
    )
    status.add_argument("--json", action="store_true", help="print JSON")
    status.add_argument("--page", type=Path, metavar="FILE", help="write the tray's status page there")
    status.add_argument(
        "--policy", action="store_true", help="every setting that holds, and where it comes from"
    )
    status.set_defaults(run=handlers["status"])

    config = _command(
        commands.add_parser,
        "config",
        help="print a settings file with every setting, its meaning and its default, commented out",
        epilog="example:\n  steadyhand config > ~/.config/steadyhand/settings.toml",
    )
    config.set_defaults(run=handlers["config"])

    doctor = _command(
        commands.add_parser,
        "doctor",
        help="what works on this computer, and how to mend what doesn't",
        epilog="examples:\n  steadyhand doctor --json\n  steadyhand doctor --test-alert",
    )
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.add_argument(
        "--test-lock", action="store_true", help="really lock the screen, to see that it locks"
    )
    doctor.add_argument("--test-alert", action="store_true", help="really send an alert to every destination")
    doctor.set_defaults(run=handlers["doctor"])

    demo = _command(
        commands.add_parser,
        "demo",
        help="owner works, an intruder takes over, the screen locks, the alert arrives",
        epilog="examples:\n  steadyhand demo\n  steadyhand demo --data build/data/balabit",
    )
    demo.add_argument("--here", action="store_true", help="on the display in front of you, after asking")
    demo.add_argument(
        "--data",
        type=Path,
        help="a Balabit folder: two of its accounts play the two people (takes about four minutes)",
    )
    demo.add_argument("--out", type=Path, help="folder for the screenshots and the report")
    demo.set_defaults(run=handlers["demo"])

    recordings = _command(
        commands.add_parser,
        "recordings",
        help="list or erase what was recorded for enrolment",
        epilog="examples:\n  steadyhand recordings\n  steadyhand recordings --erase --dry-run",
    )
    recordings.add_argument(
        "--erase", action="store_true", help="erase all of them, after asking for your password"
    )
    recordings.add_argument("--json", action="store_true", help="print JSON")
    recordings.add_argument("--dry-run", action="store_true", help="with --erase: only say what would go")
    recordings.set_defaults(run=handlers["recordings"])

    fetch = _command(
        commands.add_parser,
        "fetch",
        help="install the administrator's signed policy, and profiles for this user and the connected mice",
        epilog="examples:\n  steadyhand fetch\n  steadyhand fetch https://profiles.example/steadyhand",
    )
    fetch.add_argument(
        "url",
        nargs="?",
        default="",
        help="the published folder behind HTTPS (default: policy's)",
    )
    fetch.add_argument(
        "--copy", dest="copied", type=Path, help="a copy of the published folder, as on a stick, instead"
    )
    fetch.add_argument("--ca", default="", help="file of authorities to believe (default: the system's)")
    fetch.add_argument("--json", action="store_true", help="print JSON")
    fetch.set_defaults(run=handlers["fetch"])

    completion = _command(
        commands.add_parser,
        "completion",
        help="print the rules by which a shell completes this command",
        epilog="example:\n  steadyhand completion bash > ~/.local/share/bash-completion/completions/steadyhand",
    )
    completion.add_argument("shell", choices=SHELLS)
    completion.set_defaults(run=handlers["completion"])

    verify = _command(
        commands.add_parser,
        "verify",
        help="are exported alerts all there, and as they were sent",
        epilog="examples:\n  steadyhand verify\n  steadyhand verify exported-from-the-siem.jsonl",
    )
    verify.add_argument(
        "file", nargs="?", type=Path, help="OCSF events, one a line; else this user's own file"
    )
    verify.add_argument("--json", action="store_true", help="print JSON")
    verify.set_defaults(run=handlers["verify"])

    relay = _command(
        commands.add_parser,
        "relay",
        help="the system service that brings all users' alerts on; systemd starts it",
        epilog="examples:\n  systemctl enable --now steadyhand-relay\n  steadyhand relay",
    )
    relay.set_defaults(run=handlers["relay"])
    return parser


def _command(make, *args: str, **told: str) -> argparse.ArgumentParser:  # type: ignore[no-untyped-def]
    parser: argparse.ArgumentParser = make(
        *args, formatter_class=argparse.RawDescriptionHelpFormatter, **told
    )
    return parser


def _replay_source(told: str) -> Path:
    scheme, _, name = told.partition(":")
    if scheme != "replay" or not name:
        raise argparse.ArgumentTypeError(f"{told!r} is not replay:FILE")
    return Path(name)
