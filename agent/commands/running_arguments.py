"""Arguments of the commands that speak with the running agent, and their help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from agent.commands.command_parser import Handler, described

DRILL_CONSENT: Final = (
    "A colleague takes your mouse for five minutes, or until Steadyhand notices. Their movements are judged and not\n"
    "recorded; nothing locks meanwhile, and nothing counts as a false alarm or is learnt. The security team sees that\n"
    "there was a drill and whether it was noticed, not who the colleague was. You stay beside the computer, and are\n"
    "asked for your password now."
)
_REQUESTS: Final = {
    "was-me": "tell the running agent that it was you, after asking for your password",
    "pause": "pause the running agent, after asking for your password",
    "resume": "end a pause",
    "enrol": "have the running agent learn the mouse in use, after asking for your password",
    "enrol-anew": "have the running agent learn anew how you move the mouse, after asking for your password; no reason "
    "is asked for, and nothing locks meanwhile",
}


def add_running(commands: Any, handlers: Mapping[str, Handler]) -> None:
    """What the tray's menu offers, for desktops without a tray."""
    for request, text in _REQUESTS.items():
        command = described(
            commands.add_parser, request, help=text, epilog=f"example:\n  steadyhand {request}"
        )
        command.set_defaults(run=handlers["ask"], request=request)
    command = described(
        commands.add_parser,
        "open",
        help="open the status page in the browser",
        epilog="example:\n  steadyhand open",
    )
    command.set_defaults(run=handlers["open"])
    command = described(
        commands.add_parser,
        "drill",
        help="a colleague takes the mouse for five minutes, to measure whether and how soon that is found",
        epilog="examples:\n  steadyhand drill\n  steadyhand drill --results",
    )
    command.add_argument("--results", action="store_true", help="what all drills so far add up to")
    command.add_argument("--json", action="store_true", help="with --results: print JSON")
    command.set_defaults(run=handlers["drill"])
