"""What differs where PyInstaller packed the program: there is no interpreter to call, and its libraries come first."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from typing import Final

PARTS: Final = frozenset(("agent.demo.agent_process", "agent.demo.desktop"))
"""Modules of ours that are started as programs of their own."""

WINDOWED: Final = "steadyhand-agent"
"""The program without a console (packaging/frozen/steadyhand.spec)."""

_AS_MODULE: Final = "--as-module"
_LIBRARIES: Final = "LD_LIBRARY_PATH"


def is_frozen() -> bool:
    """True in a packed program."""
    return bool(getattr(sys, "frozen", False))


def is_windowed(platform: str = sys.platform) -> bool:
    """True in Windows' program without a console, and in any that was started without streams.

    The former may have streams all the same, from whoever started it; nobody reads them.
    """
    own = is_frozen() and Path(sys.executable).stem == WINDOWED
    return platform == "win32" and (own or sys.stderr is None)


def module_command(module: str, *words: str) -> list[str]:
    """How one of `PARTS` is started as a program of its own."""
    if is_frozen():
        return [sys.executable, _AS_MODULE, module, *words]
    return [sys.executable, "-m", module, *words]


def run_part(argv: Sequence[str]) -> bool:
    """Be the part that `module_command` asked for; False where something else was asked for."""
    if not is_frozen() or len(argv) < 3 or argv[1] != _AS_MODULE or argv[2] not in PARTS:
        return False
    sys.argv = list(argv[2:])
    runpy.run_module(argv[2], run_name="__main__", alter_sys=True)
    return True


def give_back_libraries(environ: MutableMapping[str, str] = os.environ) -> None:
    """Let children have the system's libraries: a locker that loads ours may crash and leave the screen open.

    PyInstaller's loader puts the program's own folder first and keeps what was there before.
    """
    if not is_frozen():
        return
    before = environ.pop(f"{_LIBRARIES}_ORIG", None)
    environ.pop(_LIBRARIES, None)
    if before is not None:
        environ[_LIBRARIES] = before
