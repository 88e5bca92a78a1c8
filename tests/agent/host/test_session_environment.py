"""The environment against logind's word, on a scripted bus and real sockets."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.host.linux.bus import BusError, BusOwner
from agent.host.linux.session_environment import Correction, correct, correction
from agent.host.linux.session_facts import SessionFacts, devices_controller, session_facts
from tests.agent.host.conftest import ScriptedBus

if sys.platform != "linux":
    pytest.skip("logind is Linux's", allow_module_level=True)

ME = os.getuid()
HOME = pwd.getpwuid(ME).pw_dir
MANAGER = "org.freedesktop.login1.Manager"
USER = "org.freedesktop.login1.User"
SESSION = "org.freedesktop.login1.Session"
OWN, SHOWN = "/org/freedesktop/login1/session/_35", "/org/freedesktop/login1/session/_32"


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A runtime folder whose name is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="sh-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def listening(runtime: Path) -> Iterator[Callable[[str], None]]:
    """Sockets at which this process listens."""
    made = []

    def listen(name: str) -> None:
        here = socket.socket(socket.AF_UNIX)
        here.bind(str(runtime / name))
        here.listen(8)
        made.append(here)

    yield listen
    for each in made:
        each.close()


def facts(runtime: Path, kind: str = "x11", display: str = ":0", compositor_pid: int = 0) -> SessionFacts:
    return SessionFacts("2", kind, display, runtime, compositor_pid, "/home/ada")


def names(made: Correction) -> set[str]:
    return {line.split(" ")[0] for line in made.differences}


def test_without_a_session_at_logind_the_environment_stands() -> None:
    assert correction(None, {"DISPLAY": ":9"}, ME) == Correction()


def test_what_agrees_is_left_alone(runtime: Path, listening: Callable[[str], None]) -> None:
    listening("bus")
    environ = {
        "XDG_SESSION_ID": "2",
        "XDG_SESSION_TYPE": "x11",
        "XDG_RUNTIME_DIR": f"{runtime}/",
        "HOME": "/home/ada/",
        "DISPLAY": "unix:0.0",
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus,guid=0a1b",
    }
    assert correction(facts(runtime), environ, ME) == Correction()


@pytest.mark.parametrize(
    ("name", "foreign"),
    [
        ("HOME", "/tmp/mine"),
        ("DISPLAY", ":77"),
        ("WAYLAND_DISPLAY", "wayland-9"),
        ("XDG_SESSION_ID", "c9"),
        ("XDG_SESSION_TYPE", "wayland"),
        ("XDG_RUNTIME_DIR", "/tmp/mine"),
        ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/tmp/mine"),
    ],
)
def test_a_foreign_value_is_replaced_and_named(
    runtime: Path, listening: Callable[[str], None], name: str, foreign: str
) -> None:
    listening("bus")
    made = correction(facts(runtime), {name: foreign}, ME)
    assert names(made) == {name}
    assert repr(foreign) in made.differences[0]
    wanted = {
        "HOME": "/home/ada",
        "DISPLAY": ":0",
        "WAYLAND_DISPLAY": None,
        "XDG_SESSION_ID": "2",
        "XDG_SESSION_TYPE": "x11",
        "XDG_RUNTIME_DIR": str(runtime),
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus",
    }
    assert made.changes[name] == wanted[name]


def test_what_is_missing_is_set_without_a_word(runtime: Path, listening: Callable[[str], None]) -> None:
    listening("bus")
    made = correction(facts(runtime), {}, ME)
    assert made.differences == ()
    assert made.changes["DISPLAY"] == ":0"
    assert made.changes["DBUS_SESSION_BUS_ADDRESS"] == f"unix:path={runtime}/bus"


def test_a_bus_that_is_no_socket_of_the_account_in_a_closed_folder_is_not_taken(
    runtime: Path, listening: Callable[[str], None]
) -> None:
    def is_taken(uid: int = ME) -> bool:
        return "DBUS_SESSION_BUS_ADDRESS" in correction(facts(runtime), {}, uid).changes

    assert not is_taken()
    (runtime / "bus").touch()
    assert not is_taken()
    (runtime / "bus").unlink()
    listening("bus")
    assert is_taken()
    assert not is_taken(ME + 1)
    runtime.chmod(0o777)
    assert not is_taken()


ELSEWHERE = """
import socket, sys
here = socket.socket(socket.AF_UNIX)
here.bind(sys.argv[1])
here.listen(8)
print("listening", flush=True)
sys.stdin.read()
"""


def test_the_wayland_socket_is_the_one_of_the_process_that_controls_the_session(
    runtime: Path, listening: Callable[[str], None]
) -> None:
    listening("wayland-0")
    nested = subprocess.Popen(
        [sys.executable, "-S", "-c", ELSEWHERE, str(runtime / "wayland-1")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert nested.stdout is not None
    assert nested.stdout.readline()
    here = facts(runtime, "wayland", "", os.getpid())
    made = correction(here, {"WAYLAND_DISPLAY": "wayland-1"}, ME)
    assert names(made) == {"WAYLAND_DISPLAY"}
    assert made.changes["WAYLAND_DISPLAY"] == "wayland-0"
    assert "WAYLAND_DISPLAY" not in correction(here, {"WAYLAND_DISPLAY": "wayland-0"}, ME).changes
    unknown = facts(runtime, "wayland", "", 0)
    assert "WAYLAND_DISPLAY" not in correction(unknown, {"WAYLAND_DISPLAY": "wayland-1"}, ME).changes
    nested.communicate()


@pytest.fixture
def bus() -> ScriptedBus:
    bus = ScriptedBus()
    bus.present = {"org.freedesktop.login1"}
    bus.answers = {
        f"{MANAGER}.GetUser": ("/org/freedesktop/login1/user/_1000",),
        f"{MANAGER}.GetSession": (OWN,),
        f"{SESSION}.User": (ME, "/org/freedesktop/login1/user/_1000"),
        f"{SESSION}.Type": "wayland",
        f"{SESSION}.Remote": False,
        f"{SESSION}.Id": "5",
        f"{SESSION}.Display": "",
        f"{USER}.Display": ("2", SHOWN),
        f"{USER}.RuntimePath": "/run/user/1000",
    }
    return bus


def test_the_own_session_is_read_with_the_process_that_controls_it(bus: ScriptedBus, tmp_path: Path) -> None:
    (tmp_path / "5").write_text("UID=1000\nCONTROLLER=:1.23\nLEADER=9\n")
    bus.owners[":1.23"] = BusOwner(":1.23", ME, 812)
    assert session_facts(bus, ME, tmp_path) == SessionFacts(
        "5", "wayland", "", Path("/run/user/1000"), 812, HOME
    )
    bus.owners[":1.23"] = BusOwner(":1.23", ME + 1, 812)
    assert session_facts(bus, ME, tmp_path) == SessionFacts(
        "5", "wayland", "", Path("/run/user/1000"), 0, HOME
    )


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        (f"{MANAGER}.GetSession", BusError("NoSessionForPID")),
        (f"{SESSION}.User", (ME + 1, "/")),
        (f"{SESSION}.Type", ["tty", "x11"]),
        (f"{SESSION}.Remote", [True, False]),
    ],
)
def test_a_process_outside_a_graphical_session_gets_the_one_its_account_shows(
    bus: ScriptedBus, tmp_path: Path, what: str, answer: Any
) -> None:
    bus.answers |= {f"{SESSION}.Type": "x11", f"{SESSION}.Id": "2", f"{SESSION}.Display": ":0"}
    bus.answers[what] = answer
    assert session_facts(bus, ME, tmp_path) == SessionFacts("2", "x11", ":0", Path("/run/user/1000"), 0, HOME)


def test_an_account_without_a_graphical_session_has_none(bus: ScriptedBus, tmp_path: Path) -> None:
    bus.answers[f"{SESSION}.Type"] = "tty"
    assert session_facts(bus, ME, tmp_path) is None
    bus.answers[f"{USER}.Display"] = ("", "/")
    assert session_facts(bus, ME, tmp_path) is None
    bus.answers[f"{MANAGER}.GetUser"] = BusError("org.freedesktop.login1.NoSuchUser: not logged in")
    assert session_facts(bus, ME, tmp_path) is None


def test_a_computer_without_logind_has_none_but_one_that_hangs_is_said(bus: ScriptedBus) -> None:
    bus.present = set()
    environ = {"DISPLAY": ":9"}
    assert correct(bus, environ) == ()
    assert devices_controller(bus, ME) == 0
    bus.problems["SYSTEM"] = "no answer in time from the system bus"
    assert devices_controller(bus, ME) == -1
    (line,) = correct(bus, environ)
    assert line.startswith("logind does not say which session this is (no answer in time")
    assert environ == {"DISPLAY": ":9"}


def test_a_word_that_fails_once_is_asked_for_again(bus: ScriptedBus, tmp_path: Path) -> None:
    bus.answers[f"{USER}.RuntimePath"] = [BusError("no answer in time"), "/run/user/1000"]
    assert session_facts(bus, ME, tmp_path) is not None
    bus.answers[f"{USER}.RuntimePath"] = BusError("no answer in time")
    with pytest.raises(BusError):
        session_facts(bus, ME, tmp_path)


def test_the_process_itself_is_corrected(bus: ScriptedBus) -> None:
    bus.answers |= {f"{SESSION}.Type": "x11", f"{SESSION}.Display": ":0"}
    environ = {"DISPLAY": ":77", "WAYLAND_DISPLAY": "wayland-9", "HOME": HOME, "LANG": "C"}
    lines = correct(bus, environ)
    assert len(lines) == 2
    assert environ == {
        "DISPLAY": ":0",
        "HOME": HOME,
        "LANG": "C",
        "XDG_SESSION_ID": "5",
        "XDG_SESSION_TYPE": "x11",
        "XDG_RUNTIME_DIR": "/run/user/1000",
    }
