"""The packages in a clean Debian: installed, logged in with, enrolled, locked out as an intruder, removed.

Takes minutes, root, debootstrap and dist/*.deb: `make package package-test`. Screenshots and what the doctor said stay
in build/show.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.demo.hand import XTestPointer, play
from agent.demo.people import generated
from agent.demo.processes import punctual
from agent.demo.scenario import POLICY
from agent.demo.screenshot import screenshot
from agent.engine.events import EventBatch
from agent.files.keys import recording_key
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.recording import open_recording
from agent.files.stream import Session
from agent.host.linux.xdisplay import open_display
from agent.host.linux.xscreen import look
from agent.host.select import services
from tests.packaging.clean_root import DESKTOP, RECOMMENDED, USER, CleanRoot, clean_root

ROOT = Path(__file__).parents[2]
DEBS = sorted((ROOT / "dist").glob("*.deb"))
SHOW = ROOT / "build" / "show"
CACHE = ROOT / "build" / "clean-debian"
DISPLAY = 420

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("STEADYHAND_PACKAGE_TEST") or len(DEBS) != 2 or os.geteuid() != 0,
        reason="installs dist/*.deb into a clean Debian, as root: make package package-test",
    ),
]


def wait_for(what: str, ready: Callable[[], bool], timeout_s: float) -> None:
    end_s = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < end_s, f"no {what} after {timeout_s:.0f} s"
        time.sleep(0.25)


class Login:
    """Alice's session on a virtual display inside the clean root.

    Parameters
    ----------
    root : CleanRoot
    """

    def __init__(self, root: CleanRoot) -> None:
        self.root = root
        self.environ = {
            "DISPLAY": f":{DISPLAY}",
            "XDG_SESSION_TYPE": "x11",
            "XDG_RUNTIME_DIR": "/run/alice",
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/alice/bus",
            "NO_AT_BRIDGE": "1",
        }
        self.outside = {"DISPLAY": f":{DISPLAY}", "XDG_SESSION_TYPE": "x11"}
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str, user: str = USER) -> subprocess.Popen[bytes]:
        """Start one program of the session; its words go to build/show."""
        with (SHOW / f"{Path(command[0]).name}.log").open("ab") as log:
            child = subprocess.Popen(
                self.root.command(command, user, self.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(child)
        return child

    def begin(self) -> None:
        """The X server, the buses, a window manager, a panel."""
        self.root.run("install", "-d", "-m", "1777", "/tmp/.X11-unix")
        self.root.run("install", "-d", "-m", "700", "-o", USER, "-g", USER, "/run/alice")
        self.root.run("install", "-d", "/run/dbus")
        self.start("dbus-daemon", "--system", "--nofork", user="")
        if (self.root.folder / "usr/lib/polkit-1/polkitd").exists():
            self.start("/usr/lib/polkit-1/polkitd", "--no-debug", user="")
        server = self.start(
            "Xvfb", f":{DISPLAY}", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset", "-ac"
        )
        socket = self.root.folder / f"tmp/.X11-unix/X{DISPLAY}"
        wait_for("X server", socket.exists, 20)
        # X stamps input when it gets round to it, and a late stamp is another hand.
        punctual(server.pid)
        # The hand outside reaches the display inside.
        outside = Path(f"/tmp/.X11-unix/X{DISPLAY}")
        outside.parent.mkdir(exist_ok=True)
        outside.unlink(missing_ok=True)
        outside.symlink_to(socket)
        self.start(
            "dbus-daemon", "--session", "--nofork", f"--address={self.environ['DBUS_SESSION_BUS_ADDRESS']}"
        )
        wait_for("session bus", (self.root.folder / "run/alice/bus").exists, 20)
        for program in ("openbox", "tint2"):
            self.start(program)

    def end(self) -> None:
        """Log out."""
        Path(f"/tmp/.X11-unix/X{DISPLAY}").unlink(missing_ok=True)
        for child in reversed(self._started):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGTERM)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait(10)

    def steadyhand(self, *words: str) -> subprocess.CompletedProcess[str]:
        """What Alice types."""
        return self.root.run("steadyhand", *words, user=USER, environ=self.environ, check=False)

    def status(self) -> dict[str, Any]:
        """`steadyhand status --json`; empty before the first."""
        told = self.steadyhand("status", "--json").stdout
        return json.loads(told) if told else {}

    def alerts(self) -> list[str]:
        """The kinds of alerts that were raised."""
        file = self.root.folder / f"home/{USER}/.local/state/steadyhand/alerts.jsonl"
        return (
            [json.loads(line)["unmapped"]["kind"] for line in file.read_text().splitlines()]
            if file.exists()
            else []
        )

    def shoot(self, name: str) -> None:
        """A screenshot into build/show."""
        with contextlib.closing(open_display(self.outside)) as display:
            screenshot(display, SHOW / f"{name}.png")

    def play(self, events: EventBatch, stop: Callable[[], bool] = lambda: False) -> None:
        """Move the mouse as `events` say."""
        with XTestPointer(open_display(self.outside)) as pointer:
            play(events, pointer, longest_pause_s=3.0, stop=stop)


class Now:
    """`ready`, asked at most once a second: it starts a program each time."""

    def __init__(self, ready: Callable[[], bool]) -> None:
        self._ready = ready
        self._next_s = 0.0

    def __call__(self) -> bool:
        if time.monotonic() < self._next_s:
            return False
        self._next_s = time.monotonic() + 1.0
        return self._ready()


def install(root: CleanRoot) -> None:
    for deb in DEBS:
        os.link(deb, root.folder / "tmp" / deb.name)
    root.install(*(f"/tmp/{deb.name}" for deb in DEBS))
    for deb in DEBS:
        (root.folder / "tmp" / deb.name).unlink()


def kept_recordings(login: Login, sessions: tuple[EventBatch, ...]) -> None:
    """What Alice's agent would have recorded, had it watched these sessions under this mouse."""
    home = login.root.folder / "home" / USER
    paths = Paths(
        home / ".config/steadyhand", home / ".local/state/steadyhand", login.root.folder / "etc/steadyhand"
    )
    for folder in (paths.config_dir, paths.state_dir, paths.recordings_dir):
        folder.parent.mkdir(parents=True, exist_ok=True)
        private_dir(folder)
    mouse = services((), login.outside).mice.current()
    for number, events in enumerate(sessions):
        with open_recording(
            paths.recordings_dir / f"session-{number}.recording", recording_key(paths)
        ) as writer:
            writer.append([Session(mouse, int(events.t_ns[0]), time.time_ns()), events])
    login.root.run("chown", "-R", f"{USER}:{USER}", f"/home/{USER}")


def managed_policy(root: CleanRoot) -> None:
    """The demonstration's policy, as an administrator sets it."""
    import tomllib

    file = root.folder / "etc/steadyhand/policies/managed/show.json"
    file.write_text(json.dumps(tomllib.loads(POLICY)))
    file.chmod(0o644)


@pytest.fixture(scope="module", autouse=True)
def _show() -> None:
    SHOW.mkdir(parents=True, exist_ok=True)
    for old in SHOW.iterdir():
        old.unlink()


@pytest.fixture
def login(tmp_path: Path) -> Iterator[Login]:
    with clean_root(CACHE, tmp_path / "root", (*DESKTOP, *RECOMMENDED)) as root:
        session = Login(root)
        try:
            yield session
        finally:
            session.end()


def test_on_a_bare_debian_the_doctor_says_what_is_missing_and_removal_leaves_nothing(tmp_path: Path) -> None:
    with clean_root(CACHE, tmp_path / "root") as root:
        before = root.files()
        install(root)
        told = root.run("steadyhand", "doctor", "--json", user=USER, check=False)
        (SHOW / "doctor-bare.json").write_text(told.stdout)
        assert told.returncode == 1, told.stderr
        broken = {finding["part"] for finding in json.loads(told.stdout) if finding["health"] == "broken"}
        assert {"capture", "lock"} <= broken
        (SHOW / "doctor-bare.txt").write_text(root.run("steadyhand", "doctor", user=USER, check=False).stdout)
        assert root.run("steadyhand-enroll", "--help", user=USER).stdout.startswith(
            "usage: steadyhand-enroll"
        )
        root.run("apt-get", "purge", "--autoremove", "-y", "steadyhand", "steadyhand-enroll")
        assert root.files() - before == set()


def test_the_whole_show(login: Login) -> None:
    root, people = login.root, generated()
    before = root.files()
    install(root)
    managed_policy(root)
    login.begin()
    punctual()
    kept_recordings(login, people.enrolment)
    doctor = login.steadyhand("doctor")
    (SHOW / "doctor.txt").write_text(doctor.stdout)
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr

    # The desktop starts what /etc/xdg/autostart names.
    login.start("dex", "--autostart", "--environment", "Openbox")
    wait_for("protection", lambda: login.status().get("state") == "protecting", 180)
    time.sleep(2)
    login.shoot("1-protecting")

    login.play(people.owner)
    assert not {"intruder", "lock result"} & set(login.alerts()), "the owner was locked out"
    login.shoot("2-owner-at-work")

    login.play(people.intruder, Now(lambda: "lock result" in login.alerts()))
    wait_for("lock", lambda: "lock result" in login.alerts(), 20)
    with look(login.outside) as screen:
        assert screen.grabbed()
    login.shoot("3-locked")
    status = login.status()
    (SHOW / "status.json").write_text(json.dumps(status, indent=2))
    assert status["running"]
    assert status["last_lock"] == "locked"

    login.end()
    root.run("apt-get", "purge", "--autoremove", "-y", "steadyhand", "steadyhand-enroll")
    left = root.files() - before
    assert {path for path in left if "steadyhand" in path} == {"etc/steadyhand"} | {
        f"etc/steadyhand/{path}" for path in ("policies", "policies/managed", "policies/managed/show.json")
    }, "only the administrator's own policy stays"
