"""A lock is believed when it is seen, whoever says that there is one. On a real session bus, with real attackers."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.engine.events import Boundary, Cause
from agent.host.linux.compositor import Compositor, wayland_compositor
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.logind import LogindSession
from agent.host.linux.processes import Program, program_of
from agent.host.linux.session import LinuxSession
from agent.host.linux.shield import LockShield
from agent.host.linux.xcover import CoverWatch
from agent.host.locker import NoScreen
from agent.host.locking import CheckedLock
from tests.attack.impostor import Impostor, bus_of

SAVER, SHIELD = "org.freedesktop.ScreenSaver", "org.gnome.Shell.ScreenShield"
ACTIVE = {"GetActive": ("b", (True,)), "Lock": ("", ())}
SHELL = Program("/usr/bin/gnome-shell")

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon"),
]


@pytest.fixture
def bus() -> Iterator[tuple[Path, JeepneyBus]]:
    with bus_of(os.getuid()) as sock:
        environ = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={sock}"}
        yield sock, JeepneyBus(environ, Path("/nonexistent"))


class Heard:
    """What a session monitor tells, over a screen that shows no lock unless `seen` says so."""

    def __init__(self, bus: JeepneyBus, seen: Callable[[], bool | None]) -> None:
        self.boundaries: list[Boundary] = []
        self.deaf: list[str] = []
        self.unseen: list[str] = []
        self.session = LinuxSession(bus, LogindSession(bus), CoverWatch({}), seen)
        self.session.start(self.boundaries.append, self.deaf.append, self.unseen.append)


def soon(happened: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize(
    ("name", "interface"),
    [
        (SAVER, SAVER),
        ("org.gnome.ScreenSaver", "org.gnome.ScreenSaver"),
        (SHIELD, "org.gnome.ScreenSaver"),
        ("org.xfce.ScreenSaver", "org.xfce.ScreenSaver"),
        ("com.example.Eve", "org.cinnamon.ScreenSaver"),
    ],
)
def test_a_program_that_says_locked_stops_nothing_and_is_reported(
    bus: tuple[Path, JeepneyBus], name: str, interface: str
) -> None:
    sock, session_bus = bus
    shield = LockShield(session_bus, Compositor(lambda: os.getpid(), may_restart=False), lambda pid: SHELL)
    heard, eve = Heard(session_bus, shield.is_shown), Impostor(sock, name, ACTIVE)
    try:
        eve.signal("/ScreenSaver", interface, "ActiveChanged", "b", True)
        assert soon(lambda: bool(heard.unseen))
    finally:
        heard.session.stop()
        eve.end()
    assert heard.boundaries == []
    assert heard.unseen[0].startswith(f"{interface} says that the screen is locked")
    assert heard.deaf == []


MALFORMED: list[tuple[Any, ...]] = [
    ("",),
    ("s", "true"),
    ("i", 1),
    ("y", 1),
    ("d", 1.0),
    ("bb", True, True),
    ("v", ("b", True)),
    ("ab", [True]),
    ("(b)", (True,)),
    ("a{sv}", {"locked": ("b", True)}),
    ("o", "/true"),
    ("g", "b"),
    ("ay", b"\x00" * 100_000),
    ("v", ("v", ("v", ("v", ("s", "deep"))))),
    ("sa{sv}as", "x", {"LockedHint": ("b", True)}, []),
]


def test_no_malformed_signal_ends_what_listens(bus: tuple[Path, JeepneyBus]) -> None:
    sock, session_bus = bus
    screen = {"locked": False}
    heard, eve = Heard(session_bus, lambda: screen["locked"]), Impostor(sock, SAVER, ACTIVE)
    try:
        for signature, *body in MALFORMED:
            for path in ("/ScreenSaver", "/org/freedesktop/login1/session/_31"):
                eve.signal(path, SAVER, "ActiveChanged", signature, *body)
        screen["locked"] = True
        eve.signal("/ScreenSaver", SAVER, "ActiveChanged", "b", True)
        assert soon(lambda: bool(heard.boundaries)), "nobody listens any more"
    finally:
        heard.session.stop()
        eve.end()
    assert [b.cause for b in heard.boundaries] == [Cause.SCREEN_LOCKED]
    assert (heard.deaf, heard.unseen) == ([], [])


@pytest.mark.parametrize(
    "answer", [("", ()), ("s", ("true",)), ("i", (1,)), ("bb", (True, True)), ("ab", ([True],))]
)
def test_an_answer_of_another_form_is_no_lock(bus: tuple[Path, JeepneyBus], answer: Any) -> None:
    sock, session_bus = bus
    shell = Impostor(sock, SHIELD, {"GetActive": answer})
    try:
        shield = LockShield(session_bus, Compositor(lambda: shell.pid, may_restart=False), lambda pid: SHELL)
        assert shield.is_shown() is None
    finally:
        shell.end()


def test_only_the_compositors_own_process_answers_for_its_lock_screen(bus: tuple[Path, JeepneyBus]) -> None:
    sock, session_bus = bus
    owner = Impostor(sock, SHIELD, ACTIVE)
    try:
        same = Compositor(lambda: owner.pid, may_restart=False)
        other = Compositor(lambda: os.getpid(), may_restart=False)
        assert LockShield(session_bus, same, lambda pid: SHELL).is_shown() is True
        owner.now("GetActive", ("b", (False,)))
        assert LockShield(session_bus, same, lambda pid: SHELL).is_shown() is False
        assert LockShield(session_bus, other, lambda pid: SHELL).is_shown() is None, "a nested shell"
        assert LockShield(session_bus, same).is_shown() is None, "a Python program, by its executable"
        doubted = Program("/usr/bin/gnome-shell", "it runs /tmp/evil.so, which not only root can write")
        assert LockShield(session_bus, same, lambda pid: doubted).is_shown() is None
        unreadable = Program("", "its executable cannot be read")
        assert LockShield(session_bus, same, lambda pid: unreadable).is_shown() is None
    finally:
        owner.end()


def test_a_compositor_that_is_another_program_after_it_answered_has_said_nothing(
    bus: tuple[Path, JeepneyBus],
) -> None:
    sock, session_bus = bus
    owner = Impostor(sock, SHIELD, ACTIVE)
    looks = iter([SHELL, Program("/usr/bin/python3.11")])
    try:
        compositor = Compositor(lambda: owner.pid, may_restart=False)
        assert LockShield(session_bus, compositor, lambda pid: next(looks)).is_shown() is None
    finally:
        owner.end()


@pytest.mark.skipif(shutil.which("gjs") is None, reason="gjs is not installed")
def test_a_gjs_script_that_owns_gnomes_names_is_no_lock(bus: tuple[Path, JeepneyBus], tmp_path: Path) -> None:
    sock, session_bus = bus
    script = tmp_path / "evil.js"
    script.write_text(
        "const {Gio, GLib} = imports.gi;\n"
        'const xml = \'<node><interface name="org.gnome.ScreenSaver"><method name="GetActive">'
        '<arg type="b" direction="out"/></method><signal name="ActiveChanged"><arg type="b"/></signal>'
        "</interface></node>';\n"
        "const it = Gio.DBusExportedObject.wrapJSObject(xml, {GetActive() { return true; }});\n"
        "it.export(Gio.DBus.session, '/org/gnome/ScreenSaver');\n"
        f"Gio.DBus.session.own_name('{SHIELD}', 0, () => {{\n"
        "  it.emit_signal('ActiveChanged', new GLib.Variant('(b)', [true])); print('owned'); }, null);\n"
        "new GLib.MainLoop(null, false).run();\n"
    )
    environ = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={sock}"}
    heard: Heard | None = None
    with subprocess.Popen(["gjs", str(script)], env=environ, stdout=subprocess.PIPE) as eve:
        try:
            shield = LockShield(session_bus, Compositor(lambda: eve.pid, may_restart=False))
            heard = Heard(session_bus, shield.is_shown)
            assert eve.stdout is not None
            assert eve.stdout.readline() == b"owned\n"
            assert shield.is_shown() is None
            assert soon(lambda: bool(heard and heard.unseen))
            assert heard.boundaries == []
        finally:
            eve.kill()
            if heard:
                heard.session.stop()


def test_a_claim_never_keeps_a_lock_from_being_tried(bus: tuple[Path, JeepneyBus]) -> None:
    sock, session_bus = bus
    fired: list[str] = []
    eve = Impostor(sock, SAVER, ACTIVE)
    try:
        shield = LockShield(session_bus, Compositor(lambda: eve.pid, may_restart=False))
        report = CheckedLock([_Fired(fired)], _unseen, shield.is_shown).lock()
    finally:
        eve.end()
    assert fired == ["fired"]
    assert report.seen_ns == 0


class _Fired:
    """A locker that counts how often it is fired, and never locks."""

    name, tells, takes = "counts", True, False

    def __init__(self, fired: list[str]) -> None:
        self._fired = fired

    def missing(self) -> str:
        return ""

    def fire(self) -> None:
        self._fired.append("fired")

    def died(self) -> str:
        return ""

    def says_locked(self) -> bool | None:
        return None

    def withdraw(self) -> None:
        pass


class _unseen:
    """A Wayland session: nothing can be seen of the screen."""

    def __enter__(self) -> NoScreen:
        return NoScreen()

    def __exit__(self, *_: object) -> None:
        pass


def test_the_compositor_is_who_listens_at_the_sessions_socket_and_stays_it(tmp_path: Path) -> None:
    import socket

    environ = {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-7"}
    assert wayland_compositor(environ) == 0
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "wayland-7"))
        listener.listen()
        assert wayland_compositor(environ) == os.getpid()
        compositor = Compositor(lambda: wayland_compositor(environ), may_restart=False)
        assert compositor.pid() == os.getpid()
        (tmp_path / "wayland-7").unlink()
        assert compositor.pid() == os.getpid(), "another socket in its place changes nothing"


def test_a_compositor_that_ended_is_not_found_again_on_wayland() -> None:
    child = subprocess.Popen(["sleep", "30"])
    found = iter([child.pid, os.getpid()])
    compositor = Compositor(lambda: next(found), may_restart=False)
    assert compositor.pid() == child.pid
    child.kill()
    child.wait()
    assert compositor.pid() == 0


@pytest.mark.parametrize("interpreter", ["python3", "bash", "perl", "gjs", "sh"])
def test_an_interpreter_is_known_by_its_executable_whatever_it_calls_itself(interpreter: str) -> None:
    found = shutil.which(interpreter)
    if found is None:
        pytest.skip(f"{interpreter} is not installed")
    child = subprocess.Popen(["gnome-shell"], executable=found, stdin=subprocess.PIPE)
    try:
        assert program_of(child.pid).name != "gnome-shell"
    finally:
        child.kill()
        child.communicate()
