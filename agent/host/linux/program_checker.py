"""Program checker: asks the program check, a service of its own, which program another account's process runs."""

from __future__ import annotations

import logging
import socket
import struct
from pathlib import Path
from typing import Final

from agent.files.decode import Fields, decode_json
from agent.host.listener_program import ListenerProgram, ProgramKind

SOCKET: Final = Path("/run/steadyhand-program-check/socket")
PROCESS_NUMBER: Final = struct.Struct("=i")
_ANSWER_S: Final = 60.0
_MOST_ANSWER: Final = 8192

_log = logging.getLogger(__name__)


class ProgramChecker:
    """Asks the check.

    Parameters
    ----------
    own : str
        This program's executable, which is the agent's as well.
    path : Path
        The check's socket.
    """

    def __init__(self, own: str, path: Path = SOCKET) -> None:
        self._own = own
        self._path = path

    def check(self, pid: int) -> ListenerProgram:
        """What a process runs; blocks as long as the check takes to start, 60 s at most."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as channel:
                channel.settimeout(_ANSWER_S)
                channel.connect(str(self._path))
                channel.send(PROCESS_NUMBER.pack(pid))
                fields = Fields.of(
                    decode_json(channel.recv(_MOST_ANSWER), _MOST_ANSWER),
                    required=("path", "doubt"),
                    optional=(),
                )
                path, doubt = fields.text("path", most=4096), fields.text("doubt", most=4096)
        except (OSError, ValueError) as why:
            _log.warning("which program process %d runs is not known: %s", pid, why)
            return ListenerProgram(ProgramKind.UNKNOWN, "")
        return judged_program(path, doubt, self._own)


def judged_program(path: str, doubt: str, own: str) -> ListenerProgram:
    """What the check's answer means.

    Parameters
    ----------
    path : str
        The executable; empty where it could not be read.
    doubt : str
        Why it may be somebody else's.
    own : str
        The agent's executable.
    """
    if not path:
        return ListenerProgram(ProgramKind.UNKNOWN, doubt)
    if path.removesuffix(" (deleted)") != own:
        return ListenerProgram(ProgramKind.FOREIGN, path)
    return ListenerProgram(ProgramKind.FOREIGN, doubt) if doubt else ListenerProgram(ProgramKind.AGENT, path)
