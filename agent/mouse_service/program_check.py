"""Program check: a service of one question, which program a process runs. It has the one right that the answer needs.

Another account's executable is shown to CAP_SYS_PTRACE alone. The mouse service, which opens devices, does not have it;
this one does, and opens nothing else: systemd starts it when the mouse service asks, and it ends when nothing is asked.
"""

from __future__ import annotations

import json
import logging
import socket
from pathlib import Path
from typing import Final

from agent.files.unix_sockets import peer_process
from agent.host.linux.bus import account_uids
from agent.host.linux.processes import program_of
from agent.host.linux.program_checker import PROCESS_NUMBER
from agent.mouse_service.activation import serve_activated

ASKS: Final = ("root", "steadyhand-mouse", "steadyhand-relay")
_IDLE_S: Final = 30.0

_log = logging.getLogger(__name__)


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
                    channel.send(answer(channel.recv(PROCESS_NUMBER.size + 1)))
            except OSError as why:
                _log.warning("an answer was not taken: %s", why)


def answer(question: bytes, proc: Path = Path("/proc")) -> bytes:
    """The answer to one question; nothing to what is none."""
    if len(question) != PROCESS_NUMBER.size:
        return b""
    # The service sees files in a way of its own: paths mean what they mean to the first process.
    program = program_of(PROCESS_NUMBER.unpack(question)[0], proc, reference="1")
    return json.dumps({"path": program.path[:4096], "doubt": program.doubt[:4096]}).encode()


def main() -> int:
    """Serve on the socket that systemd passes; the exit code: 0 done, 2 started by hand."""
    return serve_activated("program-check", lambda listener: serve(listener, account_uids(*ASKS)))
