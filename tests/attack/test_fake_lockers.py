"""A locker is known by the program that it runs. On a real X server, with what an attacker puts in its place."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from agent.host.api import LockResult
from agent.host.linux.lockers.programs import SpawnedLocker, i3lock
from agent.host.linux.processes import installed_program, is_roots, program_of
from agent.host.linux.xscreen import look
from agent.host.locking import CheckedLock, LockTimeouts

pytestmark = [
    pytest.mark.display,
    pytest.mark.timeout(60),
    pytest.mark.skipif(shutil.which("i3lock") is None, reason="i3lock is not installed"),
]
QUICK = LockTimeouts(verify_s=0.9, free_s=0.3)

# Covers the screen with a window of the given class, grabs, and lets go after a while, as nobody's lock does.
FAKE = """\
import sys, time
from Xlib import X
from Xlib.display import Display
display = Display()
root = display.screen().root
size = root.get_geometry()
kind, seconds = int(sys.argv[1]), float(sys.argv[2])
depth = 0 if kind == X.InputOnly else 24
window = root.create_window(0, 0, size.width, size.height, 0, depth, kind, override_redirect=1)
window.map()
display.sync()
window.grab_pointer(False, 0, X.GrabModeAsync, X.GrabModeAsync, X.NONE, X.NONE, X.CurrentTime)
window.grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
display.sync()
time.sleep(seconds)
display.ungrab_pointer(X.CurrentTime); display.ungrab_keyboard(X.CurrentTime); window.unmap(); display.sync()
time.sleep(60)
"""
INPUT_OUTPUT, INPUT_ONLY = 1, 2


@pytest.fixture
def early_in_path(display: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the attacker's, first in PATH, with an `i3lock` of theirs in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    fake, body = folder / "i3lock", tmp_path / "fake.py"
    body.write_text(FAKE)
    fake.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexec {sys.executable} {body} {INPUT_ONLY} 0.6\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    return fake


def test_a_script_called_i3lock_earlier_in_path_is_not_started(early_in_path: Path, tmp_path: Path) -> None:
    assert shutil.which("i3lock") == str(early_in_path)
    locker = i3lock(os.environ)
    report = CheckedLock([locker], look, lambda: None, timeouts=QUICK).lock()
    locker.withdraw()
    assert report.result is LockResult.LOCKED, report.tried
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("window", [INPUT_ONLY, INPUT_OUTPUT])
@pytest.mark.parametrize("seconds", [0.6, 30.0])
def test_a_program_called_i3lock_that_covers_and_grabs_is_no_lock(
    early_in_path: Path, tmp_path: Path, window: int, seconds: float
) -> None:
    command = (str(early_in_path), str(tmp_path / "fake.py"), str(window), str(seconds))
    named = SpawnedLocker("i3lock", command, os.environ, locate=lambda name: sys.executable)
    fake = SpawnedLocker("i3lock", (sys.executable, *command[1:]), os.environ, locate=str)
    for locker in (fake, named):
        report = CheckedLock([locker], look, lambda: None, timeouts=QUICK).lock()
        locker.withdraw()
        assert report.result is LockResult.FAILED, report.tried
        assert report.seen_ns == 0


@pytest.fixture
def foreign_library(tmp_path: Path) -> Path:
    """A library that its owner can write, as an attacker's is."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        libc = next(line.split()[-1] for line in maps if "/libc.so" in line or "/libc-" in line)
    copied = tmp_path / "evil.so"
    # Any library will do, but the one that everybody has would not be loaded twice.
    other = next(file for file in Path(libc).parent.glob("libutil.so*"))
    shutil.copy(other, copied)
    return copied


def test_i3lock_with_a_library_of_the_attackers_is_no_lock(display: Any, foreign_library: Path) -> None:
    real = installed_program("i3lock")
    environ = {**os.environ, "LD_PRELOAD": str(foreign_library)}
    child = subprocess.Popen([real, "--nofork"], env=environ)
    lock = CheckedLock([], look, lambda: None)
    try:
        with look() as screen:
            deadline = time.monotonic() + 5
            while child.pid not in screen.covered_by():
                assert time.monotonic() < deadline, "i3lock does not cover the screen"
                time.sleep(0.02)
            time.sleep(0.3)
            assert screen.grabbed()
        assert program_of(child.pid).doubt == f"it runs {foreign_library}, which not only root can write"
        assert lock.is_locked() is False
    finally:
        child.kill()
        child.wait()
    honest = subprocess.Popen([real, "--nofork"])
    try:
        deadline = time.monotonic() + 5
        while lock.is_locked() is not True:
            assert time.monotonic() < deadline, "the same locker without it is one"
            time.sleep(0.05)
    finally:
        honest.kill()
        honest.wait()


def test_the_agents_own_lockers_are_started_without_what_the_agent_was_started_with(
    display: Any, foreign_library: Path
) -> None:
    locker = i3lock({**os.environ, "LD_PRELOAD": str(foreign_library)})
    report = CheckedLock([locker], look, lambda: None, timeouts=QUICK).lock()
    locker.withdraw()
    assert report.result is LockResult.LOCKED, report.tried


@pytest.mark.parametrize("change", ["copied", "writable", "linked"])
def test_only_what_root_installed_is_a_program_of_roots(tmp_path: Path, change: str) -> None:
    file = tmp_path / "i3lock"
    if change == "linked":
        file.symlink_to("/usr/bin/i3lock")
    else:
        shutil.copy("/usr/bin/i3lock", file)
        file.chmod(0o777 if change == "writable" else 0o755)
    assert not is_roots(str(file))
    assert is_roots(os.path.realpath("/usr/bin/i3lock"))


@pytest.mark.skipif(
    subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0,
    reason="no mount namespaces here",
)
def test_a_program_that_sees_other_files_under_the_same_names_is_not_trusted() -> None:
    child = subprocess.Popen(["unshare", "-m", "sleep", "30"])
    try:
        deadline = time.monotonic() + 5
        while program_of(child.pid).path != os.path.realpath("/usr/bin/sleep"):
            assert time.monotonic() < deadline, program_of(child.pid)
            time.sleep(0.02)
        assert "mount namespace" in program_of(child.pid).doubt
        assert program_of(child.pid).name == ""
    finally:
        child.kill()
        child.wait()


def test_a_process_that_cannot_be_read_or_has_ended_is_not_known() -> None:
    child = subprocess.Popen(["sleep", "30"])
    child.kill()
    child.wait()
    assert program_of(child.pid).name == ""
    assert program_of(child.pid).doubt == "it has ended"
