"""Arguments of the commands that lead the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from enroll.arguments.common import add_command


def add_guide(commands: Any) -> None:
    """`guide`: where one stands, and what comes next."""
    command = add_command(
        commands,
        "guide",
        "From recordings to a decision on locking: what is done in a folder, and what to type next.",
        "guide pilot",
    )
    command.add_argument(
        "folder", type=Path, nargs="?", default=Path(), help="where you work (default: this folder)"
    )


def add_example(commands: Any) -> None:
    """`example`: made-up people."""
    command = add_command(
        commands, "example", "Make up people and their sessions, to try every command on.", "example pilot"
    )
    command.add_argument("folder", type=Path, help="the folder to make")
    command.add_argument("--people", type=int, choices=range(3, 9), default=3, help="3 to 8 (default: 3)")
    command.add_argument("--sessions", type=int, default=6, help="of each (default: 6)")
    command.add_argument("--actions", type=int, default=320, help="in each session (default: 320)")
