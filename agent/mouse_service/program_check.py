"""Program check: a service of one question, which program a process runs. It has the one right that the answer needs.

Another account's executable is shown to CAP_SYS_PTRACE alone. The mouse service, which opens devices, does not have it;
this one does, and opens nothing else: systemd starts it when the mouse service asks, and it ends when nothing is asked.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import struct
from pathlib import Path
from typing import Final

from agent.files.decode import Fields, decode_json
from agent.host.linux.bus import account_uids
from agent.host.linux.processes import program_of
from agent.host.peer import peer_process
from agent.mouse_service.admission import ListenerProgram, ProgramKind

SOCKET: Final = Path("/run/steadyhand-program-check/socket")
ASKS: Final = ("root", "steadyhand-mouse")
_PID: Final = struct.Struct("=i")
_IDLE_S: Final = 30.0
_ANSWER_S: Final = 60.0
_MOST_ANSWER: Final = 8192
_FIRST_PASSED: Final = 3

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
                channel.send(_PID.pack(pid))
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


def serve(listener: socket.socket, askers: frozenset[int], idle_s: float = _IDLE_S) -> None:
    """Answer until nobody has asked for a while."""
    listener.settimeout(idle_s)
    while True:
        try:
            channel, _ = listener.accept()
        except TimeoutError:
            return
        with channel:
            try:
                channel.settimeout(1.0)
                if peer_process(channel)[1] in askers:
                    channel.send(answer(channel.recv(_PID.size + 1)))
            except OSError as why:
                _log.warning("an answer was not taken: %s", why)


def answer(question: bytes, proc: Path = Path("/proc")) -> bytes:
    """The answer to one question; nothing to what is none."""
    if len(question) != _PID.size:
        return b""
    # The service sees files in a way of its own: paths mean what they mean to the first process.
    program = program_of(_PID.unpack(question)[0], proc, reference="1")
    return json.dumps({"path": program.path[:4096], "doubt": program.doubt[:4096]}).encode()


def main() -> int:
    """Serve on the socket that systemd passes; the exit code: 0 done, 2 started by hand."""
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
    if os.environ.get("LISTEN_FDS") != "1":
        logging.getLogger(__name__).error("steadyhand program-check: systemd starts it with its socket")
        return 2
    with socket.socket(fileno=_FIRST_PASSED) as listener:
        serve(listener, account_uids(*ASKS))
    return 0
