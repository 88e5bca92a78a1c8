"""The keeper as a service under Wine's service manager, over a scripted wtsapi32.dll: Wine knows no sessions.

Real are the service, its processes, their ends and the registry; sessions, tokens and the lock are scripted.
STEADYHAND_WINDOWS_TEST=1, root and the rig; two minutes.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.wine import DRIVE, ROOT, WindowsDesktop, wait_for, windows_desktop

FOLDER = DRIVE / "keeper"
SERVICE = "SteadyhandKeeper"
OVERRIDE = r"HKCU\Software\Wine\AppDefaults\steadyhand-keeper.exe\DllOverrides"
POLICY = r"HKLM\Software\Policies\Steadyhand\absence"
NOBODY, AT_WORK, LOCKED = "0 0 0", "1 1 0", "1 1 1"
SOON_S = 12.0
QUIT_BY_OWNER = 3

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("STEADYHAND_WINDOWS_TEST") or not DRIVE.exists() or os.geteuid() != 0,
        reason="runs under Wine, as root, with the rig: make windows-rig",
    ),
]


class Keeper:
    """The installed service, and what a bystander sees of the agents that it starts."""

    def __init__(self, desktop: WindowsDesktop) -> None:
        self.desktop = desktop

    def session(self, state: str) -> None:
        (FOLDER / "session.new").write_text(state)
        (FOLDER / "session.new").replace(FOLDER / "session.txt")

    def end_agent(self, code: int) -> None:
        (FOLDER / "end.new").write_text(str(code))
        (FOLDER / "end.new").replace(FOLDER / "end.txt")
        wait_for("end of the agent", lambda: not self.agents(), 20.0)

    def agents(self) -> list[int]:
        return self.desktop.processes("steadyhand-agent.exe")

    def starts(self) -> list[str]:
        return self._lines("started.txt")

    def locks(self) -> int:
        return len(self._lines("disconnected.txt"))

    def state(self) -> str:
        return self.desktop.run("sc", "query", SERVICE).output

    def _lines(self, name: str) -> list[str]:
        return (FOLDER / name).read_text().splitlines() if (FOLDER / name).exists() else []


def compile_programs() -> None:
    here = Path(__file__).parent / "keeper"
    compiler = "x86_64-w64-mingw32-gcc"
    subprocess.run(["sh", "packaging/windows/keeper.sh", str(FOLDER)], cwd=ROOT, check=True, timeout=120)
    for words in (
        ["-shared", "-o", str(FOLDER / "wtsapi32.dll"), str(here / "wtsapi32.c")],
        ["-mwindows", "-o", str(FOLDER / "steadyhand-agent.exe"), str(here / "agent.c")],
    ):
        subprocess.run([compiler, "-O2", *words], check=True, timeout=120)


@pytest.fixture(scope="module")
def keeper() -> Iterator[Keeper]:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    compile_programs()
    with windows_desktop() as desktop:
        made = Keeper(desktop)
        made.session(NOBODY)
        desktop.run("reg", "delete", POLICY, "/f")
        desktop.run("reg", "add", OVERRIDE, "/v", "wtsapi32", "/d", "native", "/f")
        program = r"C:\keeper\steadyhand-keeper.exe"
        created = desktop.run("sc", "create", SERVICE, "binPath=", program, "start=", "demand")
        assert created.code == 0, created.output
        assert desktop.run("sc", "start", SERVICE).code == 0
        yield made
        desktop.run("sc", "stop", SERVICE)
        desktop.run("sc", "delete", SERVICE)
        desktop.run("reg", "delete", OVERRIDE, "/f")
        desktop.run("reg", "delete", POLICY, "/f")
    shutil.rmtree(FOLDER, ignore_errors=True)


def test_it_starts_an_agent_once_somebody_is_logged_on(keeper: Keeper) -> None:
    wait_for("service", lambda: "RUNNING" in keeper.state(), 30.0)
    time.sleep(SOON_S)
    assert keeper.starts() == []
    keeper.session(AT_WORK)
    wait_for("agent", lambda: keeper.starts() == ["run --autostart"], SOON_S)
    assert len(keeper.agents()) == 1


def test_it_starts_one_that_was_killed_again(keeper: Keeper) -> None:
    before = len(keeper.starts())
    (pid,) = keeper.agents()
    os.kill(pid, signal.SIGKILL)
    wait_for("agent", lambda: len(keeper.starts()) == before + 1 and len(keeper.agents()) == 1, SOON_S)


def test_it_leaves_an_owner_alone_who_has_quit_until_the_next_logon(keeper: Keeper) -> None:
    before = len(keeper.starts())
    keeper.end_agent(QUIT_BY_OWNER)
    time.sleep(SOON_S)
    assert len(keeper.starts()) == before
    keeper.session(NOBODY)
    time.sleep(SOON_S)
    keeper.session(AT_WORK)
    wait_for("agent", lambda: len(keeper.starts()) == before + 1, SOON_S)


def test_it_disconnects_an_open_session_whose_agent_cannot_be_started(keeper: Keeper) -> None:
    for name, text in (("answer", "lock"), ("after_s", "15.0")):
        assert keeper.desktop.run("reg", "add", POLICY, "/v", name, "/d", text, "/f").code == 0
    (FOLDER / "steadyhand-agent.exe").rename(FOLDER / "away.exe")
    keeper.session(LOCKED)
    keeper.end_agent(1)
    time.sleep(25.0)
    assert keeper.locks() == 0, "a locked screen is left alone"
    keeper.session(AT_WORK)
    began_s = time.monotonic()
    wait_for("disconnected session", lambda: keeper.locks() == 1, 40.0)
    assert 10.0 < time.monotonic() - began_s < 30.0
    (FOLDER / "away.exe").rename(FOLDER / "steadyhand-agent.exe")
    wait_for("agent", lambda: len(keeper.agents()) == 1, 80.0)


def test_it_ends_when_it_is_asked_to_and_leaves_the_agent(keeper: Keeper) -> None:
    assert keeper.desktop.run("sc", "stop", SERVICE).code == 0
    wait_for("end of the service", lambda: "STOPPED" in keeper.state(), 20.0)
    assert len(keeper.agents()) == 1
    keeper.end_agent(0)
