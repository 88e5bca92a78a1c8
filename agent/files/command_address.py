"""Where the running agent takes its owner's commands: a socket in a private folder; on Windows a session's pipe."""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from pathlib import Path
from typing import Final

from agent.files.pipe_endpoints import pipe_name
from agent.files.windows_library import windows_library

_DIGITS: Final = 16


def command_address(folder: Path) -> Path:
    """The address of the agent that keeps its files in `folder`; a pipe is one session's alone."""
    if sys.platform == "win32":
        agent = hashlib.sha256(str(folder).casefold().encode()).hexdigest()[:_DIGITS]
        return Path(pipe_name(f"steadyhand-command-{_session_number()}-{agent}"))
    return folder / "command.sock"


def _session_number() -> int:
    session = ctypes.c_uint32()
    windows_library("kernel32").ProcessIdToSessionId(os.getpid(), ctypes.byref(session))
    return int(session.value)
