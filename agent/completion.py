"""Shell completion of a command, from its parser."""

from __future__ import annotations

import argparse
from typing import Final

SHELLS: Final = ("bash", "zsh", "fish")


def complete(parser: argparse.ArgumentParser, shell: str) -> str:
    """The rules by which `shell`, one of `SHELLS`, completes the command of `parser`; files where paths belong."""
    import shtab

    _complete_files(parser)
    return shtab.complete(parser, shell)


def _complete_files(parser: argparse.ArgumentParser) -> None:
    """Tell shtab which arguments are paths: all whose type is a path, or begins with one."""
    import shtab

    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_files(command)
        elif getattr(action.type, "__name__", "") in ("Path", "_replay_source"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # where shtab looks for it
