"""The session's starter: one agent, whoever asks, and back whenever it ends. systemctl and the agent are stand-ins."""

from __future__ import annotations

import os
import shlex
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest

STARTER = Path(__file__).parents[2] / "packaging" / "linux" / "steadyhand-session"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell script of Linux packages")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def program(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def systemctl(folder: Path, log: Path, pid: int = 0) -> None:
    """A user manager that answers and writes down what it is asked for."""
    program(folder, "systemctl", f'echo "$*" >>{log}\ncase "$*" in *MainPID*) echo {pid};; esac')


def start(folder: Path, **environ: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(STARTER)], env={"PATH": f"{folder}:/usr/bin:/bin", **environ}, timeout=10, check=False
    )


def test_the_user_manager_starts_the_unit_with_the_sessions_display(programs: Path, tmp_path: Path) -> None:
    systemctl(programs, tmp_path / "log")
    program(programs, "steadyhand", f"touch {tmp_path}/agent")
    assert start(programs, WAYLAND_DISPLAY="wayland-1", XDG_SESSION_TYPE="wayland").returncode == 0
    asked = (tmp_path / "log").read_text().splitlines()
    assert "--user import-environment WAYLAND_DISPLAY" in asked
    assert "--user import-environment DISPLAY" not in asked
    assert asked[-1] == "--user --no-block start steadyhand.service"
    assert not (tmp_path / "agent").exists(), "the unit's is the only one"


@pytest.mark.parametrize(("display", "verb"), [("wayland-1", "start"), ("wayland-2", "restart")])
def test_an_agent_of_an_earlier_session_is_started_anew_and_one_of_this_session_left_alone(
    programs: Path, tmp_path: Path, display: str, verb: str
) -> None:
    running = subprocess.Popen(["sleep", "30"], env={"WAYLAND_DISPLAY": "wayland-1"})
    try:
        deadline = time.monotonic() + 5
        while b"WAYLAND" not in Path(f"/proc/{running.pid}/environ").read_bytes():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        systemctl(programs, tmp_path / "log", running.pid)
        start(programs, WAYLAND_DISPLAY=display)
    finally:
        running.kill()
        running.wait()
    assert (tmp_path / "log").read_text().splitlines()[-1] == f"--user --no-block {verb} steadyhand.service"


@pytest.mark.parametrize(("display", "verb"), [("wayland-1", "start"), ("wayland-2", "restart")])
def test_the_display_that_the_unit_noted_counts_where_the_agents_environment_is_closed(
    programs: Path, tmp_path: Path, display: str, verb: str
) -> None:
    unit = (STARTER.parents[1] / "systemd" / "user" / "steadyhand.service").read_text()
    (line,) = (line for line in unit.splitlines() if line.startswith("ExecStartPre="))
    command = shlex.split(line.removeprefix("ExecStartPre=-").replace("%t", str(tmp_path)))
    subprocess.run(command, env={"PATH": "/usr/bin:/bin", "WAYLAND_DISPLAY": "wayland-1"}, check=True)
    assert (tmp_path / "steadyhand-display").read_text() == "WAYLAND_DISPLAY=wayland-1\n"
    systemctl(programs, tmp_path / "log", 2**22 + 1)
    start(programs, WAYLAND_DISPLAY=display, XDG_RUNTIME_DIR=str(tmp_path))
    assert (tmp_path / "log").read_text().splitlines()[-1] == f"--user --no-block {verb} steadyhand.service"


def test_without_a_user_manager_it_comes_back_until_its_owner_ended_it(
    programs: Path, tmp_path: Path
) -> None:
    program(programs, "systemctl", "exit 1")
    program(programs, "sleep", f'echo "$1" >>{tmp_path}/waited')
    program(
        programs,
        "steadyhand",
        f"echo $1 >>{tmp_path}/runs\nset -- $(wc -l <{tmp_path}/runs)\n"
        "[ $1 -lt 4 ] || exit 3\n[ $1 -ne 2 ] || exit 2\nkill -9 $$",
    )
    assert start(programs).returncode == 0
    assert (tmp_path / "runs").read_text().split() == ["run"] * 4
    assert (tmp_path / "waited").read_text().split() == ["1", "30", "1"]


def test_without_a_user_manager_it_ends_once_the_package_is_removed(programs: Path, tmp_path: Path) -> None:
    program(programs, "systemctl", "exit 1")
    program(programs, "sleep", f'echo "$1" >>{tmp_path}/waited')
    program(programs, "steadyhand", f"rm {programs}/steadyhand; exit 1")
    assert start(programs).returncode == 0
    assert (tmp_path / "waited").read_text().split() == ["1", "30"]


def test_without_a_user_manager_it_ends_with_the_desktop_that_started_it(
    programs: Path, tmp_path: Path
) -> None:
    program(programs, "systemctl", "exit 1")
    program(programs, "steadyhand", f"echo x >>{tmp_path}/runs; sleep 0.5")
    desktop = subprocess.Popen(
        ["/bin/sh", "-c", f"{STARTER} & echo $! >{tmp_path}/pid; sleep 0.2; exit 0"],
        env={"PATH": f"{programs}:/usr/bin:/bin"},
    )
    desktop.wait(5)
    starter = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 8
    while (
        Path(f"/proc/{starter}").exists() and "Z" not in Path(f"/proc/{starter}/stat").read_text().split()[2]
    ):
        assert time.monotonic() < deadline, "it outlived the session"
        time.sleep(0.05)
    assert (tmp_path / "runs").read_text().split() == ["x"]


@pytest.mark.parametrize(
    ("answer", "goes_on"),
    [
        ("echo State=active", True),
        ("echo State=closing", False),
        ("echo Failed to get session path: No session c7 known >&2; exit 1", False),
        ("echo Failed to connect to bus >&2; exit 1", True),
    ],
)
def test_without_a_user_manager_it_ends_with_its_session_whoever_its_parent_is(
    programs: Path, tmp_path: Path, answer: str, goes_on: bool
) -> None:
    program(programs, "systemctl", "exit 1")
    program(programs, "sleep", "exit 0")
    program(programs, "loginctl", answer)
    program(
        programs,
        "steadyhand",
        f"echo x >>{tmp_path}/runs\n[ $(wc -l <{tmp_path}/runs) -lt 3 ] || exit 3\nexit 2",
    )
    assert start(programs, XDG_SESSION_ID="c7").returncode == 0
    assert len((tmp_path / "runs").read_text().split()) == (3 if goes_on else 1)


def test_without_a_user_manager_it_ends_with_its_compositors_socket(programs: Path, tmp_path: Path) -> None:
    program(programs, "systemctl", "exit 1")
    program(programs, "sleep", "exit 0")
    program(
        programs,
        "steadyhand",
        f"echo x >>{tmp_path}/runs\n[ $(wc -l <{tmp_path}/runs) -lt 2 ] || rm -f {tmp_path}/wayland-1\nexit 2",
    )
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "wayland-1"))
        started = start(programs, WAYLAND_DISPLAY="wayland-1", XDG_RUNTIME_DIR=str(tmp_path))
    assert started.returncode == 0
    assert (tmp_path / "runs").read_text().split() == ["x", "x"]
