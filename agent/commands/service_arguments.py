"""Arguments of the commands that service managers start, and their help."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from agent.commands.command_parser import Handler, described


class RelayHelp(NamedTuple):
    """What the help says of the relay: a line, and examples."""

    line: str
    examples: str


_LINUX: Final = RelayHelp(
    "the system service that brings all users' alerts on; systemd starts it",
    "examples:\n  systemctl enable --now steadyhand-relay\n  steadyhand relay           what systemd runs",
)
_ELSEWHERE: Final = MappingProxyType(
    {
        "win32": RelayHelp(
            "the service SteadyhandRelay, which brings all users' alerts on; Windows' service manager starts it",
            "examples:\n  sc start SteadyhandRelay\n  steadyhand relay           what the service runs",
        ),
        "darwin": RelayHelp(
            "the system service that brings all users' alerts on: on Linux and Windows, not here",
            "example:\n  steadyhand relay --help\nHere each agent sends its alerts itself.",
        ),
    }
)


def relay_help(platform: str) -> RelayHelp:
    """What a `sys.platform` is told of its relay."""
    return _ELSEWHERE.get(platform, _LINUX)


class ServiceCommand(NamedTuple):
    """A command that a service manager starts: its name, and its help."""

    name: str
    line: str
    examples: str


_SERVICES: Final = (
    ServiceCommand(
        "mouse-service",
        "the system service that reads the mice for Wayland sessions' agents; systemd starts it",
        "examples:\n  systemctl status steadyhand-mouse\n  steadyhand mouse-service",
    ),
    ServiceCommand(
        "program-check",
        "tells the mouse service which program a process runs; systemd starts it",
        "examples:\n  systemctl status steadyhand-program-check.socket\n  steadyhand program-check",
    ),
    ServiceCommand(
        "own-program-check",
        "tells an agent which of root's programs a process of its account runs; systemd starts it",
        "examples:\n  systemctl status steadyhand-own-program-check.socket\n  steadyhand own-program-check",
    ),
)


def add_services(commands: Any, handlers: Mapping[str, Handler]) -> None:
    """Every command that a service manager starts."""
    for service in (ServiceCommand("relay", *relay_help(sys.platform)), *_SERVICES):
        command = described(commands.add_parser, service.name, help=service.line, epilog=service.examples)
        command.set_defaults(run=handlers[service.name])
