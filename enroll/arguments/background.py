"""Arguments of `background`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from enroll.arguments.common import add_command, add_passphrase, add_root
from enroll.arguments.sources import add_opening_key


def add_background(commands: Any) -> None:
    """`background`: how people differ, for those who learn by own data."""
    command = add_command(
        commands,
        "background",
        "Measure how people differ from one another, whatever their mice, to tell users from strangers by own data.",
        "background build recordings --key admin.pem --out office.background",
    )
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    build = actions.add_parser("build", help="from a folder with a folder of recordings for each person")
    build.add_argument("source", type=Path, help="the folder of folders, of recordings or tables")
    build.add_argument("--key", type=Path, required=True, help="administrator's signing key")
    build.add_argument("--out", type=Path, required=True, help="the background to write")
    build.add_argument(
        "--same-people",
        type=Path,
        help="folder with other copies of these people's tables, which `evaluate` then refuses as well",
    )
    build.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    add_opening_key(build)
    add_passphrase(build)
    inspect = actions.add_parser("inspect", help="classes of report rate, and how many people are in each")
    inspect.add_argument("background", type=Path)
    inspect.add_argument(
        "--public", type=Path, help="administrator's public key; without it: the installed ones"
    )
    inspect.add_argument("--json", action="store_true", help="report as JSON")
    for action in (build, inspect):
        add_root(action)
