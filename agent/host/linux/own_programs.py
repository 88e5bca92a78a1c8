"""Own programs: what processes of this account run, also those whose program the kernel hides from the account."""

from __future__ import annotations

import errno
import logging
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.files.decode import Fields, decode_json
from agent.files.undo import undo_on_failure
from agent.files.unix_sockets import peer_process
from agent.host.linux.processes import Program, program_of
from agent.host.linux.program_checker import PROCESS_NUMBER

SOCKET: Final = Path("/run/steadyhand-own-program-check/socket")
_ANSWER_S: Final = 0.5
_BELIEVED_S: Final = 1.0
_MOST_ANSWER: Final = 8192
_ROOT: Final = 0

_log = logging.getLogger(__name__)


def _runs(handle: int) -> bool:
    """Whether the process that a descriptor holds still runs."""
    return not select.select([handle], [], [], 0)[0]


def has_capabilities(path: str) -> bool:
    """Whether a program has file capabilities, or may have them; root sees every process, and is told False."""
    if os.geteuid() == _ROOT:
        return False
    try:
        return bool(os.getxattr(path, "security.capability"))
    except OSError as why:
        # Unreadable is not none: then nobody knows what the program brings.
        return why.errno not in (errno.ENODATA, errno.EOPNOTSUPP)


@dataclass(frozen=True, slots=True)
class _Named:
    """A program that the check has named.

    Attributes
    ----------
    pid, handle : int
        The process, and the descriptor that holds it: its number is nobody else's meanwhile.
    program : Program
    until_s : float
    """

    pid: int
    handle: int
    program: Program
    until_s: float


class OwnPrograms:
    """Looks itself, and asks the own program check where the kernel shows nothing. Any thread.

    A program that the check has named is believed for a second: a lock is looked at thirty times a second while it is
    waited for, and nobody but the program itself can put another one in its place.

    Parameters
    ----------
    see : callable
        What a process runs, as far as this process may see it.
    path : Path
        The check's socket.
    server_uid : int
        The account that must have opened it.
    brings_rights : callable
        Whether a program has file capabilities, for an account that has not itself every right.
    clock : callable
        Monotonic seconds.
    """

    def __init__(
        self,
        see: Callable[[int], Program] = program_of,
        path: Path = SOCKET,
        server_uid: int = _ROOT,
        brings_rights: Callable[[str], bool] = has_capabilities,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._see = see
        self._path = path
        self._server_uid = server_uid
        self._brings_rights = brings_rights
        self._clock = clock
        self._guard = threading.Lock()
        self._named: _Named | None = None

    def __call__(self, pid: int) -> Program:
        """What a process runs; not known where nobody answers within half a second."""
        seen = self._see(pid)
        if seen.path:
            # Were it there with its rights, this account could not see it: a tracer keeps a program from having them.
            is_bare = not seen.doubt and self._brings_rights(seen.path)
            return Program(seen.path, "it was started without the rights that it brings") if is_bare else seen
        with self._guard:
            named = self._named
            if (
                named is not None
                and named.pid == pid
                and self._clock() < named.until_s
                and _runs(named.handle)
            ):
                return named.program
            try:
                return self._ask_and_keep(pid)
            except (OSError, ValueError) as why:
                _log.debug("the own program check does not say what process %d runs: %s", pid, why)
                return seen

    def _ask_and_keep(self, pid: int) -> Program:
        handle = os.pidfd_open(pid)
        with undo_on_failure(lambda: os.close(handle)):
            program = self._ask(pid)
        before, self._named = self._named, None
        if before is not None:
            os.close(before.handle)
        if program.name:
            self._named = _Named(pid, handle, program, self._clock() + _BELIEVED_S)
        else:
            os.close(handle)
        return program

    def _ask(self, pid: int) -> Program:
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)) as channel:
            channel.settimeout(_ANSWER_S)
            channel.connect(str(self._path))
            if peer_process(channel)[1] != self._server_uid:
                raise OSError("its socket is another account's")
            channel.send(PROCESS_NUMBER.pack(pid))
            fields = Fields.of(
                decode_json(channel.recv(_MOST_ANSWER), _MOST_ANSWER), required=("path", "doubt"), optional=()
            )
            path, doubt = fields.text("path", most=4096), fields.text("doubt", most=4096)
        return Program(path, doubt or ("" if path else "the own program check names no program"))
