"""Lockers that are programs or wait for a word, without a display."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agent.host.linux.lockers.daemons import XScreenSaver, XssLock
from agent.host.linux.lockers.programs import SpawnedLocker
from agent.host.linux.lockers.session_lock import SessionLockProgram, running
from agent.host.linux.processes import Program
from agent.host.locker import LockerError


def spawned(*command: str, **environ: str) -> SpawnedLocker:
    return SpawnedLocker("test", command, {"DISPLAY": ":9", "PATH": os.environ["PATH"], **environ})


def test_a_program_needs_a_display_and_to_be_installed() -> None:
    assert spawned("sh", DISPLAY="").missing() == "DISPLAY is not set"
    assert spawned("no-such-program").missing() == "no-such-program is not installed by root"
    assert spawned("sh").missing() == ""


def test_a_program_lives_until_it_is_taken_back() -> None:
    locker = spawned("sleep", "30")
    locker.fire()
    assert locker.died() == ""
    assert locker.says_locked() is None
    locker.withdraw()
    assert locker.died() == ""


def test_a_program_that_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LockerError, match="cannot be started"):
        spawned(str(tmp_path / "absent")).fire()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 2", "ended at once with exit code 2"),
        ("echo; echo no memory >&2; exit 1", "ended at once with exit code 1 (no memory)"),
        ("kill -9 $$", "was killed by signal 9"),
    ],
)
def test_a_program_that_ends_says_how(script: str, said: str) -> None:
    locker = spawned("sh", "-c", script)
    locker.fire()
    process: Any = locker._process
    process.wait(5)
    assert locker.died() == said
    locker.withdraw()


def test_the_process_is_cut_loose(tmp_path: Path) -> None:
    def popen(command: tuple[str, ...], **how: Any) -> Any:
        kept.update(how)
        raise OSError("a test")

    kept: dict[str, Any] = {}
    locker = SpawnedLocker("test", ("x",), {"DISPLAY": ":9", "LD_PRELOAD": "/tmp/x.so"}, popen)
    with pytest.raises(LockerError):
        locker.fire()
    assert kept["start_new_session"] is True
    assert kept["env"]["DISPLAY"] == ":9"
    assert "LD_PRELOAD" not in kept["env"]
    assert kept["stdin"] == kept["stdout"] == subprocess.DEVNULL
    assert kept["stderr"] != subprocess.PIPE


def test_xss_lock_must_be_running() -> None:
    assert XssLock({}, lambda name: False).missing() == "xss-lock is not running"
    assert XssLock({}, lambda name: name == "xss-lock").missing() == ""
    assert XssLock({}, lambda name: False).died() == "xss-lock ended"
    with pytest.raises(LockerError, match="DISPLAY is not set"):
        XssLock({}, lambda name: True).fire()


def xscreensaver(code: int = 0, error: str = "", running: bool = True) -> XScreenSaver:
    def run(command: tuple[str, ...], **how: Any) -> subprocess.CompletedProcess[str]:
        assert command == ("/usr/bin/xscreensaver-command", "-lock")
        return subprocess.CompletedProcess(command, code, "", error)

    return XScreenSaver({}, lambda name: running, run, lambda name: f"/usr/bin/{name}")


def test_xscreensaver_is_told() -> None:
    locker = xscreensaver()
    assert locker.missing() == ""
    locker.fire()
    assert locker.died() == ""


def test_xscreensaver_refuses() -> None:
    with pytest.raises(LockerError, match="locking is disabled"):
        xscreensaver(255, "locking is disabled\n").fire()


def test_xscreensaver_is_missing_or_not_running() -> None:
    assert XScreenSaver({}, locate=lambda name: "").missing() == "xscreensaver-command is not installed"
    assert xscreensaver(running=False).missing() == "the xscreensaver daemon is not running"


def test_processes_are_found_by_the_kernels_short_name(tmp_path: Path) -> None:
    for pid, name in ((10, "xfce4-screensav"), (11, "bash")):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "comm").write_text(f"{name}\n")
    (tmp_path / "12").mkdir()

    def program_of(pid: int) -> Program:
        return Program("/usr/bin/xfce4-screensaver") if pid == 10 else Program("/home/eve/bash", "not root's")

    assert running("xfce4-screensaver", tmp_path, program_of) == {10}
    assert not running("zsh", tmp_path, program_of)
    assert not running("bash", tmp_path, program_of), "a name is not a program"


class Left:
    """A stand-in for swaylock: a shell that may leave a process behind, and what is found of it."""

    def __init__(self, script: str) -> None:
        self.found: frozenset[int] = frozenset()
        self.locker = SessionLockProgram(
            "swaylock",
            ("-c", script),
            {"WAYLAND_DISPLAY": "wayland-0"},
            locate=lambda name: "/bin/sh",
            find=lambda name: self.found,
        )

    def ended(self) -> None:
        starter: Any = self.locker._starter
        starter.wait(5)


def test_a_session_locker_is_believed_once_it_returned_and_while_what_it_left_lives() -> None:
    left = Left("exit 0")
    assert left.locker.says_locked() is None
    left.locker.fire()
    left.ended()
    assert left.locker.says_locked() is False, "it returned, and nobody stayed behind"
    behind = subprocess.Popen(["sleep", "30"])
    left.found = frozenset({behind.pid})
    assert left.locker.says_locked() is True
    assert left.locker.died() == ""
    behind.kill()
    behind.wait()
    assert left.locker.says_locked() is False
    assert left.locker.died() == "locked and ended at once"
    left.locker.withdraw()
    assert left.locker.says_locked() is None


def test_a_session_locker_that_lives_without_having_locked_is_no_lock() -> None:
    left = Left("sleep 30")
    left.locker.fire()
    left.found = frozenset({os.getpid()})
    assert left.locker.says_locked() is False
    left.locker.withdraw()


def test_a_locker_that_was_there_before_is_not_this_ones() -> None:
    left = Left("exit 0")
    left.found = frozenset({os.getpid()})
    left.locker.fire()
    left.ended()
    assert left.locker.says_locked() is False


def test_a_session_locker_that_the_compositor_refuses_says_why() -> None:
    left = Left("echo 'Compositor does not support ext-session-lock' >&2; exit 1")
    left.locker.fire()
    left.ended()
    assert left.locker.died() == "ended with exit code 1 (Compositor does not support ext-session-lock)"
    assert left.locker.says_locked() is False
    left.locker.withdraw()


def test_a_session_locker_needs_wayland_and_a_program_of_roots() -> None:
    assert SessionLockProgram("swaylock", (), {}).missing() == "this is no Wayland session"
    here = {"WAYLAND_DISPLAY": "wayland-0"}
    absent = SessionLockProgram("swaylock", (), here, locate=lambda name: "")
    assert absent.missing() == "swaylock is not installed by root"
    assert spawned("sh", WAYLAND_DISPLAY="wayland-0").missing().startswith("it covers X11 screens")
