"""The D-Bus services on a real bus, with python-dbusmock standing in for logind, desktops and polkit."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.engine.events import Boundary, Cause
from agent.host.api import LockResult
from agent.host.linux.bus import SESSION, SYSTEM, BusError, Service, single
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.lockers.dbus import GNOME, LogindLocker, ScreenSaverLocker
from agent.host.linux.lockers.programs import i3lock
from agent.host.linux.logind import LOGIND, LogindSession
from agent.host.linux.notify import DesktopNotifier
from agent.host.linux.reauthenticate import ACTION, PolkitConfirmation
from agent.host.linux.session import LinuxSession
from agent.host.linux.xcover import CoverWatch
from agent.host.linux.xscreen import look
from agent.host.locking import CheckedLock, LockTimeouts
from agent.runtime.pipeline.gate import Gate, Passage

PYTHON = "/usr/bin/python3"
MOCK = "org.freedesktop.DBus.Mock"
QUICK = LockTimeouts(verify_s=1.0)

# A bus that starts no services by itself.
BUS = """\
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

_has_mock = (
    subprocess.run([PYTHON, "-c", "import dbusmock"], capture_output=True, check=False).returncode == 0
)
pytestmark = [
    pytest.mark.timeout(20),
    pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed"),
    pytest.mark.skipif(not _has_mock, reason="python3-dbusmock is not installed"),
]


class Mocks:
    """A private bus that is both system and session bus, and the mocks on it."""

    def __init__(self, address: str) -> None:
        # dbusmock, not the agent, reads the second.
        environ = {"DBUS_SESSION_BUS_ADDRESS": address, "DBUS_SYSTEM_BUS_ADDRESS": address}
        self._environ = {**os.environ, **environ}
        self.bus = JeepneyBus(self._environ, Path(address.removeprefix("unix:path=")))
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, template: str, service: Service) -> Service:
        """Run one of dbusmock's templates; its control interface."""
        command = [PYTHON, "-m", "dbusmock", "--template", template]
        process = subprocess.Popen(command, env=self._environ, stdout=subprocess.DEVNULL)
        self._processes.append(process)
        deadline = time.monotonic() + 10
        while not self.bus.has(service):
            assert time.monotonic() < deadline, f"{template} did not start"
            time.sleep(0.02)
        return service.at(service.path, MOCK)

    def session(self) -> Service:
        """logind with one session; the session's object."""
        control = self.start("logind", LOGIND)
        body = ("auto", "seat0", 1000, "user", True)
        (path,) = self.bus.call(control, "AddSession", "ssusb", *body, timeout_s=2)
        return LOGIND.at(path, "org.freedesktop.login1.Session")

    def close(self) -> None:
        for process in self._processes:
            process.terminate()
            process.wait()


@pytest.fixture
def mocks(tmp_path: Path) -> Iterator[Mocks]:
    address = f"unix:path={tmp_path}/bus"
    configuration = tmp_path / "bus.conf"
    configuration.write_text(BUS.format(address=address))
    daemon = subprocess.Popen(
        ["dbus-daemon", "--nofork", f"--config-file={configuration}"], stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 5
    while not (tmp_path / "bus").exists():
        assert time.monotonic() < deadline, "dbus-daemon did not start"
        time.sleep(0.01)
    made = Mocks(address)
    yield made
    made.close()
    daemon.terminate()
    daemon.wait()


class Heard:
    """Boundaries as they are told, to be waited for."""

    def __init__(self) -> None:
        self._told: list[tuple[Cause, str]] = []
        self._changed = threading.Condition()

    def __call__(self, boundary: Boundary) -> None:
        with self._changed:
            self._told.append((boundary.cause, boundary.detail))
            self._changed.notify()

    def wait(self, count: int) -> list[tuple[Cause, str]]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._told) >= count, 3), self._told
            return list(self._told)


def refuse_to_be_deaf(line: str) -> None:
    raise AssertionError(f"no bus went away: {line}")


def test_locks_sleep_and_user_switches_are_heard(mocks: Mocks) -> None:
    session, heard, screen, unseen = mocks.session(), Heard(), {"locked": True}, list[str]()
    monitor = LinuxSession(mocks.bus, LogindSession(mocks.bus), CoverWatch({}), lambda: screen["locked"])
    monitor.start(heard, refuse_to_be_deaf, unseen.append)
    heard.wait(1)
    screen["locked"] = False
    mocks.bus.call(session, "SetLockedHint", "b", True)
    mocks.bus.call(session, "SetLockedHint", "b", False)
    heard.wait(2)
    control = LOGIND.at(LOGIND.path, MOCK)
    for begins in (True, False):
        body = ("", "PrepareForSleep", "b", [("b", begins)])
        mocks.bus.call(control, "EmitSignal", "sssav", *body)
    away = ("org.freedesktop.login1.Session", {"Active": ("b", False)})
    mocks.bus.call(session.at(session.path, MOCK), "UpdateProperties", "sa{sv}", *away)
    assert heard.wait(5) == [
        (Cause.SCREEN_LOCKED, "seen"),
        (Cause.SCREEN_UNLOCKED, "LockedHint"),
        (Cause.SLEEP, "begins"),
        (Cause.SLEEP, "ends"),
        (Cause.USER_SWITCH, "away"),
    ]
    began = time.monotonic()
    monitor.stop()
    assert time.monotonic() - began < 1


def test_of_two_users_agents_only_the_one_whose_screen_is_shown_watches(mocks: Mocks) -> None:
    control = mocks.start("logind", LOGIND)
    sessions = {}
    for name, uid, active in (("c1", 1000, True), ("c2", 1001, False)):
        body = (name, "seat0", uid, f"user{uid}", active)
        (path,) = mocks.bus.call(control, "AddSession", "ssusb", *body, timeout_s=2)
        sessions[name] = LOGIND.at(path, "org.freedesktop.login1.Session")
    agents = {}
    for name in sessions:
        watches = Watches()
        monitor = LinuxSession(mocks.bus, LogindSession(mocks.bus, name), CoverWatch({}), lambda: False)
        monitor.start(watches, lambda line: None, lambda line: None)
        agents[name] = (monitor, watches)

    def show(name: str) -> None:
        """Another virtual terminal, as logind tells of it: the one goes, the other comes."""
        for one in sorted(sessions, key=lambda each: each == name):
            changed = ("org.freedesktop.login1.Session", {"Active": ("b", one == name)})
            at = sessions[one].at(sessions[one].path, MOCK)
            mocks.bus.call(at, "UpdateProperties", "sa{sv}", *changed)

    first, second = agents["c1"][1], agents["c2"][1]
    assert first.become(open=True)
    assert second.become(open=False), "it started behind the first one's screen"
    show("c2")
    assert first.become(open=False)
    assert second.become(open=True)
    show("c1")
    assert second.become(open=False)
    assert first.become(open=True)
    for monitor, _ in agents.values():
        monitor.stop()


class Watches:
    """What an agent's gate makes of what its session tells; the screen itself is never locked."""

    def __init__(self) -> None:
        self._gate = Gate(lambda: False)
        self._now_ns = 0

    def __call__(self, boundary: Boundary) -> None:
        self._gate.boundary(boundary.cause)

    def become(self, *, open: bool) -> bool:
        """Whether events soon pass, or no longer."""
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            self._now_ns += 2_000_000_000
            if (self._gate.events(self._now_ns) is not Passage.CLOSED) is open:
                return True
            time.sleep(0.01)
        return False


@pytest.mark.display
@pytest.mark.skipif(shutil.which("i3lock") is None, reason="i3lock is not installed")
def test_logind_is_believed_only_where_somebody_listens(mocks: Mocks, display: Any) -> None:
    session = mocks.session()
    asked, logind = LogindLocker(mocks.bus), LogindSession(mocks.bus)
    lock = CheckedLock([asked], look, lambda: None, timeouts=QUICK)
    report = lock.lock()
    assert report.result is LockResult.FAILED
    assert "no window covers the screen" in report.tried[0]

    # A desktop: starts a locker when logind asks, and then tells logind.
    listening = mocks.bus.listen(SYSTEM, [{"interface": session.interface, "member": "Lock"}])
    locker = i3lock()

    def desktop() -> None:
        next(listening.signals())
        locker.fire()
        mocks.bus.call(session, "SetLockedHint", "b", True)

    thread = threading.Thread(target=desktop, daemon=True)
    thread.start()
    report = lock.lock()
    thread.join(5)
    assert report.result is LockResult.LOCKED, report.tried
    assert lock.is_locked() is True
    locker.withdraw()
    # LockedHint still says locked, as any program of the user could make it say: nobody holds the screen.
    assert logind.locked_hint() is True
    assert lock.is_locked() is False
    listening.close()


@pytest.mark.display
def test_a_screen_saver_that_says_locked_over_an_open_screen_is_not_believed(
    mocks: Mocks, display: Any
) -> None:
    mocks.start("gnome_screensaver", GNOME)
    asked = ScreenSaverLocker("gnome", (GNOME,), mocks.bus)
    report = CheckedLock([asked], look, lambda: None, timeouts=QUICK).lock()
    assert report.result is LockResult.FAILED
    assert single(mocks.bus.call(GNOME, "GetActive"), bool) is True
    assert "no window covers the screen" in report.tried[0]


def test_polkit_is_asked(mocks: Mocks) -> None:
    polkit = Service(
        SYSTEM,
        "org.freedesktop.PolicyKit1",
        "/org/freedesktop/PolicyKit1/Authority",
        "org.freedesktop.PolicyKit1.Authority",
    )
    control = mocks.start("polkitd", polkit)
    confirmation = PolkitConfirmation(mocks.bus, trusted_uids=frozenset({os.getuid()}))
    assert confirmation.confirm("a test") is False
    mocks.bus.call(control, "SetAllowed", "as", [ACTION])
    assert confirmation.confirm("a test") is True
    assert confirmation.available() is False


def test_a_notification_is_shown(mocks: Mocks) -> None:
    shown = Service(
        SESSION,
        "org.freedesktop.Notifications",
        "/org/freedesktop/Notifications",
        "org.freedesktop.Notifications",
    )
    assert DesktopNotifier(mocks.bus).show("a", "b") is False
    mocks.start("notification_daemon", shown)
    assert DesktopNotifier(mocks.bus).show("a", "b <c>", urgent=True) is True


def test_without_a_bus_every_question_is_a_bus_error(tmp_path: Path) -> None:
    nowhere = JeepneyBus({}, tmp_path / "none")
    for service in (LOGIND, GNOME):
        assert not nowhere.has(service)
        with pytest.raises(BusError, match=r"no (system|session) bus"):
            nowhere.call(service, "Anything")
    with pytest.raises(BusError):
        nowhere.listen(SYSTEM, [])


def test_listening_ends_when_it_is_closed(mocks: Mocks) -> None:
    control = mocks.start("gnome_screensaver", GNOME)
    listening = mocks.bus.listen(SESSION, [{"member": "ActiveChanged"}])
    signals = listening.signals()
    body = (GNOME.interface, "ActiveChanged", "b", [("b", True)])
    mocks.bus.call(control, "EmitSignal", "sssav", *body)
    assert next(signals).body == (True,)
    listening.close()
    assert list(signals) == []
