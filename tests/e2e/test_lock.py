"""Locking a real X screen: believed when seen, and only then."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.host.api import LockResult
from agent.host.linux.lockers.daemons import XssLock
from agent.host.linux.lockers.programs import SpawnedLocker, i3lock, xsecurelock
from agent.host.linux.xcover import CoverWatch
from agent.host.linux.xscreen import look
from agent.host.locker import Locker
from agent.host.locking import CheckedLock, LockTimeouts

pytestmark = pytest.mark.display

needs_i3lock = pytest.mark.skipif(shutil.which("i3lock") is None, reason="i3lock is not installed")
QUICK = LockTimeouts(verify_s=1.0, free_s=0.3)


def checked(*lockers: Locker) -> CheckedLock:
    return CheckedLock(lockers, look, lambda: None, timeouts=QUICK)


@pytest.fixture
def locker(display: object) -> Iterator[SpawnedLocker]:
    made = i3lock()
    yield made
    made.withdraw()


class Grabber:
    """An open menu: holds pointer and keyboard, and lets go at Escape if it is polite."""

    def __init__(self, *, polite: bool) -> None:
        from Xlib import X
        from Xlib.display import Display

        self._x = Display()
        menu = self._x.screen().root.create_window(100, 100, 200, 300, 0, 24, override_redirect=1)
        menu.map()
        self._x.sync()
        asynchronous = (X.GrabModeAsync, X.GrabModeAsync)
        assert menu.grab_pointer(False, 0, *asynchronous, X.NONE, X.NONE, X.CurrentTime) == X.GrabSuccess
        assert menu.grab_keyboard(False, *asynchronous, X.CurrentTime) == X.GrabSuccess
        self._polite = polite

    def serve(self, seconds: float) -> None:
        """Answer the Escape key for a while."""
        from Xlib import X

        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            while self._x.pending_events():
                if self._x.next_event().type == X.KeyPress and self._polite:
                    self.close()
                    return
            time.sleep(0.01)

    def close(self) -> None:
        self._x.close()


@needs_i3lock
def test_i3lock_is_seen_to_lock_and_to_unlock(locker: SpawnedLocker) -> None:
    lock = checked(locker)
    assert lock.is_locked() is False
    began_ns = time.monotonic_ns()
    report = lock.lock()
    assert report.result is LockResult.LOCKED, report.tried
    assert report.locker == "i3lock"
    assert 0 < report.seen_ns - began_ns < 1e9
    assert lock.is_locked() is True
    assert lock.lock().tried == ("the screen was locked already",)
    locker.withdraw()
    assert lock.is_locked() is False


@pytest.mark.skipif(shutil.which("xsecurelock") is None, reason="xsecurelock is not installed")
def test_xsecurelock_is_seen_to_lock(display: object) -> None:
    made = xsecurelock()
    report = checked(made).lock()
    made.withdraw()
    assert report.result is LockResult.LOCKED, report.tried


@needs_i3lock
@pytest.mark.skipif(shutil.which("xss-lock") is None, reason="xss-lock is not installed")
def test_a_locker_behind_xss_lock_is_seen(display: Any) -> None:
    display.spawn("xss-lock", "--ignore-sleep", "--", "i3lock", "--nofork")
    time.sleep(0.3)
    lock = checked(XssLock())
    if lock.names() == ():
        pytest.skip("xss-lock does not start here: it wants logind")
    assert lock.lock().result is LockResult.LOCKED


@needs_i3lock
def test_a_menu_that_stays_open_blocks_and_is_not_taken_for_a_lock(locker: SpawnedLocker) -> None:
    menu = Grabber(polite=False)
    lock = checked(locker)
    report = lock.lock()
    assert report.result is LockResult.BLOCKED
    assert report.seen_ns == 0
    assert "holds the mouse or keyboard" in report.tried[0]
    assert lock.is_locked() is False
    menu.close()
    assert lock.lock().result is LockResult.LOCKED


@pytest.mark.skipif(shutil.which("xsecurelock") is None, reason="xsecurelock is not installed")
def test_a_menu_that_stays_open_is_overcome_by_a_locker_that_can(locker: SpawnedLocker) -> None:
    menu = Grabber(polite=False)
    strong = xsecurelock()
    lock = CheckedLock((locker, strong), look, lambda: None, timeouts=LockTimeouts(free_s=0.3))
    report = lock.lock()
    assert report.result is LockResult.LOCKED, report.tried
    assert report.tried[0].startswith("i3lock: blocked")
    strong.withdraw()
    menu.close()


@needs_i3lock
def test_a_menu_that_closes_when_asked_does_not_block(locker: SpawnedLocker) -> None:
    menu = Grabber(polite=True)
    served = threading.Thread(target=menu.serve, args=(2.0,))
    served.start()
    report = checked(locker).lock()
    served.join()
    assert report.result is LockResult.LOCKED, report.tried


def test_a_full_screen_program_that_grabs_is_not_taken_for_a_lock(display: object) -> None:
    from Xlib import X
    from Xlib.display import Display

    game = Display()
    window = game.screen().root.create_window(0, 0, 1280, 720, 0, 24, override_redirect=1)
    window.map()
    game.sync()
    assert window.grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime) == X.GrabSuccess
    assert checked().is_locked() is False
    game.close()


@needs_i3lock
def test_a_locker_that_ends_at_once_gives_way_to_the_next(locker: SpawnedLocker, tmp_path: Path) -> None:
    broken = script(tmp_path / "brokenlock", "echo 'cannot lock memory' >&2; exit 3")
    report = checked(SpawnedLocker("broken", (str(broken),), locate=str), locker).lock()
    assert report.result is LockResult.LOCKED
    assert report.tried[0] == "broken: ended at once with exit code 3 (cannot lock memory)"
    assert report.locker == "i3lock"


def test_a_locker_that_covers_nothing_is_not_believed(display: object, tmp_path: Path) -> None:
    idle = SpawnedLocker("idle", (str(script(tmp_path / "idlelock", "exec sleep 30")),), locate=str)
    report = checked(idle).lock()
    assert report.result is LockResult.FAILED
    assert "no window covers the screen" in report.tried[0]
    assert idle.died() == ""


def test_without_a_locker_it_says_what_to_install(display: object) -> None:
    report = checked(SpawnedLocker("none", ("no-such-locker",))).lock()
    assert report.result is LockResult.UNAVAILABLE
    assert report.tried[0] == "none: not available: no-such-locker is not installed by root"
    assert "install i3lock" in report.tried[-1]


@needs_i3lock
def test_a_lock_outlives_the_agent(display: Any) -> None:
    code = (
        "from agent.host.linux.lockers.programs import i3lock\n"
        "from agent.host.linux.xscreen import look\n"
        "from agent.host.locking import CheckedLock\n"
        "import os, signal\n"
        "assert CheckedLock([i3lock()], look, lambda: None).lock().locker == 'i3lock'\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    agent = display.spawn(sys.executable, "-c", code)
    assert agent.wait(10) == -signal.SIGKILL
    assert checked().is_locked() is True
    with look() as screen:
        for pid in screen.covered_by():
            os.kill(pid, signal.SIGTERM)


@needs_i3lock
def test_a_lock_by_hand_is_heard_and_so_is_its_end(display: Any) -> None:
    heard: list[bool] = []
    came = threading.Event()

    def told(covered: bool) -> None:
        heard.append(covered)
        came.set()

    watch = CoverWatch()
    assert watch.open()
    following = threading.Thread(target=watch.follow, args=(told,), daemon=True)
    following.start()
    by_hand = display.spawn("i3lock", "--nofork")
    assert came.wait(3)
    came.clear()
    by_hand.terminate()
    assert came.wait(3)
    began = time.monotonic()
    watch.stop()
    following.join(2)
    assert time.monotonic() - began < 0.5
    assert heard == [True, False]


def test_a_server_that_goes_while_locking_is_a_failed_lock(display: Any, tmp_path: Path) -> None:
    idle = SpawnedLocker("idle", (str(script(tmp_path / "idlelock", "exec sleep 30")),), locate=str)
    threading.Timer(0.3, display.server.terminate).start()
    report = checked(idle).lock()
    idle.withdraw()
    assert report.result is LockResult.FAILED
    assert report.tried[-1] == "the X server has gone"


def script(file: Path, text: str) -> Path:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file
