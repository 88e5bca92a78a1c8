"""What processes of this account run, where the kernel shows it to root's service alone; the service is scripted."""

from __future__ import annotations

import errno
import json
import os
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.host.linux.own_programs import OwnPrograms, has_capabilities
from agent.host.linux.processes import Program

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Linux")

KWIN = Program("/usr/bin/kwin_wayland")
HIDDEN = Program("", "its executable cannot be read (Permission denied)")
PID = os.getpid()


@contextmanager
def check(path: Path, *replies: bytes | None) -> Iterator[list[bytes]]:
    """A service that answers its questions in turn; None leaves one without an answer."""
    questions: list[bytes] = []
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(path))
    listener.listen()
    kept: list[socket.socket] = []

    def serve() -> None:
        for reply in replies:
            channel, _ = listener.accept()
            kept.append(channel)
            questions.append(channel.recv(100))
            if reply is not None and questions[-1]:
                channel.send(reply)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield questions
    thread.join(5.0)
    listener.close()
    for channel in kept:
        channel.close()


def programs(path: Path, seen: Program = HIDDEN) -> OwnPrograms:
    return OwnPrograms(lambda pid: seen, path / "socket", os.getuid())


def told(path: str, doubt: str = "") -> bytes:
    return json.dumps({"path": path, "doubt": doubt}).encode()


def test_a_hidden_program_is_the_one_that_the_service_names(tmp_path: Path) -> None:
    with check(tmp_path / "socket", told("/usr/bin/kwin_wayland")) as questions:
        program = programs(tmp_path)(PID)
    assert (program, program.name) == (KWIN, "kwin_wayland")
    assert questions == [struct.pack("=i", PID)]


def test_what_the_service_doubts_has_no_name(tmp_path: Path) -> None:
    with check(tmp_path / "socket", told("", "another process traces it")):
        program = programs(tmp_path)(PID)
    assert (program.name, program.doubt) == ("", "another process traces it")


def test_a_named_program_is_believed_for_a_second_and_no_longer(tmp_path: Path) -> None:
    now = [100.0]
    asked = OwnPrograms(lambda pid: HIDDEN, tmp_path / "socket", os.getuid(), clock=lambda: now[0])
    replies = told("/usr/bin/kwin_wayland"), told("", "another process traces it"), told("", "it has ended")
    with check(tmp_path / "socket", *replies) as questions:
        assert [asked(PID) for _ in range(30)] == [KWIN] * 30
        assert len(questions) == 1
        now[0] += 1.0
        assert asked(PID).doubt == "another process traces it"
        assert asked(PID).doubt == "it has ended", "a doubt is never kept"
        assert len(questions) == 3


def test_a_named_program_that_ended_is_asked_for_again(tmp_path: Path) -> None:
    asked = programs(tmp_path)
    with subprocess.Popen(["/bin/sleep", "60"]) as running:
        with check(tmp_path / "socket", told("/usr/bin/kwin_wayland")):
            assert asked(running.pid) == KWIN
        running.kill()
        running.wait()
        assert asked(running.pid) == HIDDEN


def test_another_process_is_asked_for_at_once(tmp_path: Path) -> None:
    asked = programs(tmp_path)
    with check(tmp_path / "socket", told("/usr/bin/kwin_wayland"), told("", "it has ended")) as questions:
        assert asked(PID) == KWIN
        assert asked(os.getppid()).name == ""
    assert questions == [struct.pack("=i", PID), struct.pack("=i", os.getppid())]


def test_no_name_and_no_doubt_is_no_trust(tmp_path: Path) -> None:
    with check(tmp_path / "socket", told("")):
        program = programs(tmp_path)(PID)
    assert program.name == ""
    assert program.doubt != ""


@pytest.mark.parametrize(
    "seen",
    [
        Program("/usr/bin/gnome-shell"),
        Program("/home/ada/kwin_wayland", "it runs /home/ada/kwin_wayland, which not only root can write"),
    ],
    ids=["root's", "the account's own"],
)
def test_what_can_be_seen_is_asked_of_nobody(seen: Program, tmp_path: Path) -> None:
    with check(tmp_path / "socket") as questions:
        assert programs(tmp_path, seen)(PID) == seen
    assert questions == []


def test_a_program_that_was_kept_from_the_rights_it_brings_is_doubted(tmp_path: Path) -> None:
    asked = OwnPrograms(lambda pid: KWIN, tmp_path / "socket", os.getuid(), lambda path: path == KWIN.path)
    assert asked(PID) == Program(KWIN.path, "it was started without the rights that it brings")
    without = OwnPrograms(lambda pid: KWIN, tmp_path / "socket", os.getuid(), lambda path: False)
    assert without(PID) == KWIN


@pytest.mark.parametrize(
    "reply",
    [b"", b"no json", b"[]", b'{"path": "/usr/bin/kwin_wayland"}', b'{"path": 1, "doubt": ""}', b"{" * 9000],
)
def test_an_answer_of_another_form_leaves_it_unknown(reply: bytes, tmp_path: Path) -> None:
    with check(tmp_path / "socket", reply):
        assert programs(tmp_path)(PID) == HIDDEN


def test_without_the_service_it_stays_unknown(tmp_path: Path) -> None:
    assert programs(tmp_path)(PID) == HIDDEN


def test_a_silent_service_is_waited_for_half_a_second(tmp_path: Path) -> None:
    with check(tmp_path / "socket", None):
        began = time.monotonic()
        assert programs(tmp_path)(PID) == HIDDEN
        assert 0.4 < time.monotonic() - began < 2.0


def test_a_socket_that_another_account_opened_is_not_asked(tmp_path: Path) -> None:
    with check(tmp_path / "socket", told("/usr/bin/kwin_wayland")) as questions:
        asked = OwnPrograms(lambda pid: HIDDEN, tmp_path / "socket", os.getuid() + 1)
        assert asked(PID) == HIDDEN
    assert questions in ([], [b""])


@pytest.mark.parametrize(
    ("refused", "brings_rights"),
    [(errno.ENODATA, False), (errno.EOPNOTSUPP, False), (errno.EACCES, True), (errno.EIO, True)],
)
def test_rights_that_cannot_be_read_are_not_taken_for_none(
    monkeypatch: pytest.MonkeyPatch, refused: int, brings_rights: bool
) -> None:
    def refuse(_path: str, _name: str) -> bytes:
        raise OSError(refused, os.strerror(refused))

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "getxattr", refuse)
    assert has_capabilities("/usr/bin/kwin_wayland") is brings_rights
