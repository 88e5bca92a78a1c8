"""Own program check: tells an account which of root's programs a process of that account runs, and nothing else.

The kernel hides a program with file capabilities, as KWin has them, from the account that runs it. This service has the
one right that the answer needs, CAP_SYS_PTRACE, and names a program only where neither the account nor another one can
have changed what it does: root's file, started with the capabilities' protection (the loader then ignores LD_PRELOAD,
and no debugger of the account's may attach), no foreign library mapped, no tracer, no namespace of its own. It is a
process apart from the check that the mouse service and the relay ask: an account that floods it holds neither up.
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.files.unix_sockets import peer_process
from agent.host.linux.processes import Program, program_of
from agent.host.linux.program_checker import PROCESS_NUMBER
from agent.mouse_service.activation import serve_activated

_IDLE_S: Final = 30.0
_QUESTION_S: Final = 1.0
_MOST_WAITING: Final = 64
_MOST_OF_ACCOUNT: Final = 8
_MOST_ACCOUNTS: Final = 1024
# A lock is looked at twice each 200 ms while it settles, and once each two seconds after that.
_BURST: Final = 60
_EACH_SECOND: Final = 10.0
# Of /proc/PID/stat, after the program's name: where its code and its stack begin (fields 26 and 28 of proc(5)).
_START_CODE, _START_STACK = 23, 25

_log = logging.getLogger(__name__)


def verdict(pid: int, uid: int, proc: Path = Path("/proc")) -> Program:
    """Which program a process runs, for the account that asks; named where it is root's and unchanged only.

    Parameters
    ----------
    pid : int
    uid : int
        The account that asks: the process must be wholly its own.
    proc : Path
    """
    process = proc / str(pid)
    try:
        before = _protection(process, proc / "1", uid)
        if isinstance(before, str):
            return Program("", before)
        program = program_of(pid, proc, reference="1")
        same = _protection(process, proc / "1", uid) == before
    except (OSError, LookupError, ValueError):
        return Program("", "it has ended, or cannot be read")
    if not same:
        return Program("", "it began to run another program meanwhile")
    # Neither files nor libraries are named: the account is told nothing that the kernel hides from it.
    return Program("", "it does not run root's program alone") if program.doubt else program


def _protection(process: Path, first: Path, uid: int) -> tuple[str, str] | str:
    """Where the program's code and stack lie, by chance anew at every start; else why the process is not trusted."""
    lines = (process / "status").read_text(errors="replace").splitlines()
    status = {name: text.split() for name, _, text in (line.partition(":") for line in lines)}
    if status.get("Uid") != [str(uid)] * 4:
        return "it is no process of this account"
    if status.get("TracerPid") != ["0"]:
        return "another process traces it"
    if os.readlink(process / "ns" / "user") != os.readlink(first / "ns" / "user"):
        return "it runs in a user namespace of its own"
    if not _gained_rights(status):
        return "it was started without the protection of a program with rights of its own"
    numbers = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
    return numbers[_START_CODE], numbers[_START_STACK]


def _gained_rights(status: Mapping[str, list[str]]) -> bool:
    """True where a process has capabilities that its program brought and its account did not have.

    The kernel gives them at a start that nobody traces, and has the loader ignore LD_PRELOAD then (AT_SECURE).
    """
    permitted, inherited, ambient = (int(status[name][0], 16) for name in ("CapPrm", "CapInh", "CapAmb"))
    return bool(permitted & ~inherited & ~ambient)


class AccountShare:
    """How many questions an account may still ask: some at once, and some each second.

    Parameters
    ----------
    now_s : float
    """

    def __init__(self, now_s: float) -> None:
        self._left = float(_BURST)
        self._counted_s = now_s

    def take(self, now_s: float) -> bool:
        """Take one question off it; False where none is left."""
        self._refill(now_s)
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    def is_full(self, now_s: float) -> bool:
        """True where the account has asked nothing for a while."""
        self._refill(now_s)
        return self._left >= _BURST

    def _refill(self, now_s: float) -> None:
        self._left = min(float(_BURST), self._left + (now_s - self._counted_s) * _EACH_SECOND)
        self._counted_s = now_s


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A connection whose question has not come yet."""

    uid: int
    until_s: float


class OwnProgramCheck:
    """Answers questions at one socket, one a connection. One thread.

    Parameters
    ----------
    listener : socket
        Of packets.
    answer : callable
        The program of a process, for an account.
    clock : callable
        Monotonic seconds.
    """

    def __init__(
        self,
        listener: socket.socket,
        answer: Callable[[int, int], Program] = verdict,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listener = listener
        self._answer = answer
        self._clock = clock
        self._waiting: dict[socket.socket, _Waiting] = {}
        self._shares: dict[int, AccountShare] = {}

    def serve(self, idle_s: float = _IDLE_S) -> None:
        """Answer until nobody has asked for a while."""
        self._listener.setblocking(False)
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            asked_s = self._clock()
            while self._waiting or self._clock() - asked_s < idle_s:
                for key, _ in selector.select(_QUESTION_S if self._waiting else idle_s):
                    asked_s = self._clock()
                    if key.fileobj is self._listener:
                        self._accept(selector)
                    elif isinstance(key.fileobj, socket.socket):
                        self._reply(key.fileobj, selector)
                self._drop_late(selector)

    def _accept(self, selector: selectors.BaseSelector) -> None:
        try:
            channel, _ = self._listener.accept()
        except OSError:
            return  # gone again
        try:
            uid = peer_process(channel)[1]
        except OSError:
            channel.close()
            return
        now_s = self._clock()
        of_account = sum(waiting.uid == uid for waiting in self._waiting.values())
        is_full = len(self._waiting) >= _MOST_WAITING or of_account >= _MOST_OF_ACCOUNT
        if is_full or not self._may_ask(uid, now_s):
            channel.close()
            return
        channel.setblocking(False)
        self._waiting[channel] = _Waiting(uid, now_s + _QUESTION_S)
        selector.register(channel, selectors.EVENT_READ)

    def _may_ask(self, uid: int, now_s: float) -> bool:
        if uid not in self._shares:
            if len(self._shares) >= _MOST_ACCOUNTS:
                self._shares = {u: share for u, share in self._shares.items() if not share.is_full(now_s)}
            if len(self._shares) >= _MOST_ACCOUNTS:
                return False
            self._shares[uid] = AccountShare(now_s)
        return self._shares[uid].take(now_s)

    def _reply(self, channel: socket.socket, selector: selectors.BaseSelector) -> None:
        uid = self._waiting[channel].uid
        try:
            question = channel.recv(PROCESS_NUMBER.size + 1)
            if len(question) == PROCESS_NUMBER.size:
                program = self._answer(PROCESS_NUMBER.unpack(question)[0], uid)
                channel.send(json.dumps({"path": program.path, "doubt": program.doubt}).encode())
        except OSError as why:
            _log.debug("an answer was not taken: %s", why)
        self._end(channel, selector)

    def _drop_late(self, selector: selectors.BaseSelector) -> None:
        now_s = self._clock()
        for channel in [each for each, waiting in self._waiting.items() if now_s >= waiting.until_s]:
            self._end(channel, selector)

    def _end(self, channel: socket.socket, selector: selectors.BaseSelector) -> None:
        selector.unregister(channel)
        del self._waiting[channel]
        channel.close()


def main() -> int:
    """Serve on the socket that systemd passes; the exit code: 0 done, 2 started by hand."""
    return serve_activated("own-program-check", lambda listener: OwnProgramCheck(listener).serve())
