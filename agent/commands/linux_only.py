"""Commands that need what one operating system has: the demonstration, services. Elsewhere they refuse in one line."""

from __future__ import annotations

import argparse
import sys

from agent.engine.errors import SteadyhandError


def demo(options: argparse.Namespace) -> int:
    """Play the demonstration."""
    _only_on_linux("the demonstration", "it plays on an X server of its own")
    from agent.demo.demo import run_demo

    return run_demo(here=options.here, data=options.data, out=options.out, show=print, seed=options.seed)


def relay(_options: argparse.Namespace) -> int:
    """Be the service that takes alerts from all users' agents and brings them on."""
    if sys.platform == "win32":
        from agent.relay.windows_main import main as windows_main

        return windows_main()
    _only_on_linux("the relay", "it knows its clients by the numbers of their Unix accounts")
    from agent.relay.__main__ import main

    return main()


def mouse_service(_options: argparse.Namespace) -> int:
    """Be the service that reads the mice for all users' agents."""
    _only_on_linux("the mouse service", "it reads the kernel's input devices")
    from agent.mouse_service.__main__ import main

    return main()


def program_check(_options: argparse.Namespace) -> int:
    """Check the program for the mouse service."""
    _only_on_linux("the program check", "it serves the mouse service")
    from agent.mouse_service.program_check import main

    return main()


def own_program_check(_options: argparse.Namespace) -> int:
    """Check programs for the agents of their own accounts."""
    _only_on_linux("the own program check", "it reads what Linux's kernel tells of processes")
    from agent.mouse_service.own_program_check import main

    return main()


def _only_on_linux(what: str, why: str) -> None:
    if not sys.platform.startswith("linux"):
        raise SteadyhandError(f"{what} runs on Linux only: {why}", "run it on a Linux computer")
