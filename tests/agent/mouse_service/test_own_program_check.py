"""Which of root's programs a process of the asker's account runs: whom the service answers, and what."""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.host.linux.processes import Program
from agent.mouse_service.own_program_check import AccountShare, OwnProgramCheck, verdict

ADA, EVE, PID = 1000, 1001, 701
STAT = "701 (a ) b) S " + " ".join(str(number) for number in range(4, 53))
MAPS = "55d0-55d1 r-xp 00000000 08:01 1 {}\n7f00-7f01 r-xp 00000000 08:01 2 /usr/lib/libexample.so\n"


def process(
    proc: Path,
    pid: int = PID,
    *,
    path: str = "/bin/sleep",
    uids: tuple[int, int, int, int] = (ADA,) * 4,
    tracer: int = 0,
    rights: tuple[int, int, int] = (1 << 23, 0, 0),
    user: str = "user:[1]",
    mount: str = "mnt:[1]",
    maps: str = "",
) -> Path:
    """One process of a made-up /proc, which the calling one stands in for where the kernel is asked."""
    folder = proc / str(pid)
    (folder / "ns").mkdir(parents=True)
    numbers = "\t".join(map(str, uids))
    sets = zip(("CapPrm", "CapInh", "CapAmb"), rights, strict=True)
    lines = [f"Name:\tkwin\nTracerPid:\t{tracer}\nUid:\t{numbers}"]
    lines += [f"{name}:\t{bits:016x}" for name, bits in sets]
    (folder / "status").write_text("\n".join(lines))
    (folder / "stat").write_text(STAT)
    real = os.path.realpath(path)
    (folder / "maps").write_text(maps or MAPS.format(real).replace("/usr/lib/libexample.so", real))
    (folder / "exe").symlink_to(real)
    (folder / "ns" / "user").symlink_to(user)
    (folder / "ns" / "mnt").symlink_to(mount)
    return folder


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    process(tmp_path, 1)
    return tmp_path


@pytest.fixture
def living() -> Iterator[int]:
    """A process number that is somebody's: the verdict holds it while it reads."""
    with subprocess.Popen(["/bin/sleep", "60"]) as running:
        yield running.pid
        running.kill()


def test_roots_program_of_the_account_is_named(proc: Path, living: int) -> None:
    process(proc, living)
    assert verdict(living, ADA, proc) == Program(os.path.realpath("/bin/sleep"))


@pytest.mark.parametrize(
    ("what", "doubt"),
    [
        ({"uids": (EVE,) * 4}, "it is no process of this account"),
        ({"uids": (ADA, 0, 0, 0)}, "it is no process of this account"),  # a setuid program
        ({"uids": (0, ADA, ADA, ADA)}, "it is no process of this account"),
        ({"tracer": 4711}, "another process traces it"),
        ({"user": "user:[2]"}, "it runs in a user namespace of its own"),
        ({"rights": (0, 0, 0)}, "it was started without the protection"),  # traced, or without new rights
        (
            {"rights": (1 << 35, 0, 1 << 35)},
            "it was started without the protection",
        ),  # the session's, not its own
        ({"rights": (1 << 35, 1 << 35, 0)}, "it was started without the protection"),
        ({"mount": "mnt:[2]"}, "it does not run root's program alone"),
        ({"maps": "7f00-7f01 r-xp 0 08:01 2 /home/ada/plugin.so\n"}, "it does not run root's program alone"),
    ],
)
def test_what_somebody_may_have_changed_is_not_named(
    what: dict[str, object], doubt: str, proc: Path, living: int
) -> None:
    process(proc, living, **what)  # type: ignore[arg-type]
    answer = verdict(living, ADA, proc)
    assert answer.path == ""
    assert answer.doubt.startswith(doubt)
    assert "ada" not in answer.doubt, "the account is told no file that the kernel hides from it"


def test_a_program_that_is_not_roots_is_not_named(proc: Path, living: int, tmp_path: Path) -> None:
    own = tmp_path / "kwin_wayland"
    own.write_bytes(b"")
    process(proc, living, path=str(own))
    assert verdict(living, ADA, proc) == Program("", "it does not run root's program alone")


@pytest.mark.parametrize("moved", [" 26 ", " 28 "], ids=["code", "stack"])
def test_a_program_that_is_another_after_the_look_is_not_named(
    moved: str, proc: Path, living: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = process(proc, living)

    def look(*_: object, **__: object) -> Program:
        (folder / "stat").write_text(STAT.replace(moved, " 4711 "))
        return Program("/usr/bin/kwin_wayland")

    monkeypatch.setattr("agent.mouse_service.own_program_check.program_of", look)
    assert verdict(living, ADA, proc) == Program("", "it began to run another program meanwhile")


@pytest.mark.parametrize("pid", [PID, 0, -1, 2**31 - 1, -(2**31)])
def test_a_number_that_is_no_process_has_no_program(pid: int, proc: Path) -> None:
    assert verdict(pid, ADA, proc) == Program("", "it has ended, or cannot be read")


@pytest.mark.parametrize("file", ["status", "stat"])
@pytest.mark.parametrize(
    "text", ["", "\n", "Uid:\n", "Uid:\t1000\t1000\t1000\t1000\nTracerPid:\t0\nCapPrm:\n", "701"]
)
def test_what_the_kernel_never_says_names_no_program(file: str, text: str, proc: Path, living: int) -> None:
    (process(proc, living) / file).write_text(text)
    assert verdict(living, ADA, proc).path == ""


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="gives a program rights, as root")
@pytest.mark.skipif(not shutil.which("setpriv") or not shutil.which("setcap"), reason="needs setpriv, setcap")
def test_the_kernels_own_word_of_a_program_with_capabilities(tmp_path: Path) -> None:
    """A real program with file capabilities, run by an account that may not see it, and so that they do not hold."""
    program = Path(f"/usr/local/bin/steadyhand-test-rights-{os.getpid()}")
    shutil.copy("/bin/sleep", program)
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    try:
        subprocess.run(["setcap", "cap_sys_nice=ep", str(program)], check=True)
        for words, named in (([], True), (["--no-new-privs"], False)):
            # Rights that setpriv keeps over the change of account end where env is started.
            with subprocess.Popen([*as_nobody, *words, "env", str(program), "60"]) as running:
                try:
                    # The first process sees files as this one does.
                    proc = tmp_path / str(running.pid)
                    proc.mkdir()
                    (proc / "1").symlink_to(f"/proc/{os.getpid()}")
                    (proc / str(running.pid)).symlink_to(f"/proc/{running.pid}")
                    answer = eventually(running.pid, proc, named)
                    assert answer.path == (str(program) if named else ""), answer
                    assert verdict(running.pid, 65533, proc).doubt == "it is no process of this account"
                finally:
                    running.kill()
    finally:
        program.unlink()


def eventually(pid: int, proc: Path, named: bool) -> Program:
    """What is seen once the program has been started by those before it in its process."""
    until_s = time.monotonic() + 5.0
    while time.monotonic() < until_s:
        answer = verdict(pid, 65534, proc)
        if answer.path if named else "protection" in answer.doubt:
            break
        time.sleep(0.02)
    return answer


@contextmanager
def serving(path: Path, answer: Callable[[int, int], Program], idle_s: float = 0.3) -> Iterator[None]:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(path))
    listener.listen(128)
    thread = threading.Thread(target=OwnProgramCheck(listener, answer).serve, args=(idle_s,))
    thread.start()
    try:
        yield
    finally:
        thread.join(10.0)
        listener.close()
    assert not thread.is_alive(), "it ends when nobody asks"


def connected(path: Path) -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    channel.settimeout(5.0)
    channel.connect(str(path))
    return channel


def reply(channel: socket.socket) -> bytes:
    try:
        return channel.recv(8192)
    except ConnectionResetError:
        return b""


def ask(path: Path, question: bytes) -> bytes:
    with connected(path) as channel:
        try:
            channel.send(question)
        except BrokenPipeError:
            return b""
        return reply(channel)


def test_an_account_is_asked_for_by_the_kernels_word_of_who_asks(tmp_path: Path) -> None:
    asked: list[tuple[int, int]] = []

    def answer(pid: int, uid: int) -> Program:
        asked.append((pid, uid))
        return Program("/usr/bin/kwin_wayland")

    with serving(tmp_path / "s", answer):
        assert json.loads(ask(tmp_path / "s", struct.pack("=i", PID))) == {
            "path": "/usr/bin/kwin_wayland",
            "doubt": "",
        }
        for garbage in (b"", b"abc", b"abcde", b"x" * 60_000):
            assert ask(tmp_path / "s", garbage) == b""
    assert asked == [(PID, os.getuid())]


def test_who_connects_and_says_nothing_keeps_nobody_waiting(tmp_path: Path) -> None:
    with serving(tmp_path / "s", lambda pid, uid: Program("/usr/bin/kwin_wayland")):
        silent = [connected(tmp_path / "s") for _ in range(7)]
        began = time.monotonic()
        assert ask(tmp_path / "s", struct.pack("=i", PID)) != b""
        assert time.monotonic() - began < 0.9
        over = [connected(tmp_path / "s") for _ in range(20)]
        assert [reply(channel) for channel in over[-10:]] == [b""] * 10, "an account has eight at a time"
        for channel in (*silent, *over):
            assert reply(channel) == b""
            channel.close()


def test_an_account_has_sixty_questions_at_once_and_ten_a_second() -> None:
    share = AccountShare(0.0)
    assert [share.take(0.0) for _ in range(61)] == [True] * 60 + [False]
    assert [share.take(1.0) for _ in range(11)] == [True] * 10 + [False]
    assert not share.is_full(3.0)
    assert share.is_full(8.0)


def test_more_questions_than_its_share_are_not_answered(tmp_path: Path) -> None:
    with serving(tmp_path / "s", lambda pid, uid: Program("/usr/bin/kwin_wayland")):
        answers = [ask(tmp_path / "s", struct.pack("=i", PID)) for _ in range(200)]
    assert all(answers[:60])
    assert not all(answers[60:])
