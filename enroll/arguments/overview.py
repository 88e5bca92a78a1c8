"""Arguments of `steadyhand-enroll overview`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from enroll.arguments.common import add_command, add_events, add_language, add_root


def add_overview(commands: Any) -> None:
    """`overview`: everybody and every mouse on one page."""
    command = add_command(
        commands,
        "overview",
        "One page on everybody and every mouse: what is learnt, what holds, and what waits for you.",
        "overview --events latest.jsonl --out overview.html",
    )
    command.add_argument("--office", type=Path, help="the office (default: the one that this folder lies in)")
    command.add_argument("--profiles", type=Path, help="without an office: the folder of profiles")
    command.add_argument("--recordings", type=Path, help="without an office: the folder of recordings")
    command.add_argument(
        "--public",
        type=Path,
        help="without an office: administrator's public key (default: the installed ones)",
    )
    add_events(
        command, "alerts and heartbeats as JSON lines, or a SIEM's latest state of each agent (docs/siem.md)"
    )
    command.add_argument("--ids", action="store_true", help="ids in the place of names")
    command.add_argument("--out", type=Path, help="the HTML file to write")
    add_language(command)
    command.add_argument("--json", type=Path, help="file for the same as JSON; - for standard output")
    add_root(command)
