"""Which program a process runs: the answer, and what the mouse service makes of it."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.host.linux.program_checker import ProgramChecker, judged_program
from agent.host.listener_program import ProgramKind
from agent.mouse_service.program_check import answer, serve

ME = os.getuid()
OWN = "/usr/lib/steadyhand/steadyhand"


@pytest.mark.parametrize(
    ("path", "doubt", "kind"),
    [
        (OWN, "", ProgramKind.AGENT),
        (f"{OWN} (deleted)", "", ProgramKind.AGENT),  # updated since it was started
        (OWN, "it runs /home/anna/x.so, which not only root can write", ProgramKind.FOREIGN),
        ("/usr/bin/python3.11", "", ProgramKind.FOREIGN),
        ("/home/anna/steadyhand", "", ProgramKind.FOREIGN),
        ("", "its executable cannot be read (Permission denied)", ProgramKind.UNKNOWN),
        ("", "it has ended", ProgramKind.UNKNOWN),
    ],
)
def test_only_the_services_own_executable_is_the_agent(path: str, doubt: str, kind: ProgramKind) -> None:
    assert judged_program(path, doubt, OWN).kind is kind


@pytest.fixture
def sleeper() -> Iterator[int]:
    with subprocess.Popen(["/bin/sleep", "60"]) as process:
        yield process.pid
        process.kill()


def proc_of(pid: int, root: Path) -> Path:
    """A /proc in which the first process sees files as this one does."""
    for name, of in (("1", os.getpid()), (str(pid), pid)):
        (root / name).symlink_to(f"/proc/{of}")
    return root


def test_an_answer_names_the_executable(sleeper: int, tmp_path: Path) -> None:
    named = json.loads(answer(struct.pack("=i", sleeper), proc_of(sleeper, tmp_path)))
    assert named["path"] == os.path.realpath("/bin/sleep")
    assert named["doubt"] == ""


def test_a_process_that_ended_is_none_and_garbage_has_no_answer(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert json.loads(answer(struct.pack("=i", ended.pid)))["path"] == ""
    assert answer(b"xxx") == b""
    assert answer(b"xxxxx") == b""


def served(path: Path, askers: frozenset[int]) -> threading.Thread:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(path))
    listener.listen()
    thread = threading.Thread(target=lambda: (serve(listener, askers, 0.5), listener.close()))
    thread.start()
    return thread


def test_the_checker_asks_and_the_check_ends_when_nobody_does(sleeper: int, tmp_path: Path) -> None:
    thread = served(tmp_path / "check", frozenset([ME]))
    program = ProgramChecker(OWN, tmp_path / "check").check(sleeper)
    assert program.kind is not ProgramKind.AGENT
    thread.join(5.0)
    assert not thread.is_alive()


def test_nobody_else_is_answered(sleeper: int, tmp_path: Path) -> None:
    thread = served(tmp_path / "check", frozenset([ME + 1]))
    assert ProgramChecker(OWN, tmp_path / "check").check(sleeper).kind is ProgramKind.UNKNOWN
    thread.join(5.0)


def test_without_the_check_nothing_is_known(tmp_path: Path) -> None:
    assert ProgramChecker(OWN, tmp_path / "nowhere").check(1).kind is ProgramKind.UNKNOWN
