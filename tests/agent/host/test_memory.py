"""Memory of the agent: no core file, and closed to other programs of the same user."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli import main as steadyhand
from agent.host.memory import keep_memory_private

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="dumpable is Linux's")

NOBODY = 65534
# Becoming another user closes a process by itself: it is opened again first, as after a start of a program.
PROCESS = """
import ctypes, os, resource, sys
import agent.host.linux.memory
from agent.host.memory import keep_memory_private
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
assert ctypes.CDLL(None).prctl(4, 1, 0, 0, 0) == 0
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
if sys.argv[1] == "private":
    assert keep_memory_private()
print("ready", flush=True)
sys.stdin.read()
"""


def started(how: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def can_be_read_by_its_user(process: subprocess.Popen[bytes]) -> bool:
    user = NOBODY if os.geteuid() == 0 else None
    command = ["/bin/cat", f"/proc/{process.pid}/environ"]
    reading = subprocess.run(command, user=user, group=user, capture_output=True, timeout=10, check=False)
    return reading.returncode == 0


@pytest.mark.parametrize(("how", "readable"), [("open", True), ("private", False)])
def test_programs_of_the_same_user_cannot_read_it(how: str, readable: bool) -> None:
    with started(how) as process:
        assert can_be_read_by_its_user(process) is readable
        process.kill()


def test_a_crash_leaves_no_core(tmp_path: Path) -> None:
    with started("private") as process:
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        process.send_signal(signal.SIGABRT)
        status = os.waitpid(process.pid, 0)[1]
        process.returncode = -signal.SIGABRT
    assert os.WTERMSIG(status) == signal.SIGABRT
    assert not os.WCOREDUMP(status)
    (line,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert line.split()[4] == "0"


def test_the_environment_at_the_start_is_read_before_memory_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps: list[str] = []

    def cleaned(_environ: object) -> tuple[str, ...]:
        steps.append("environment read")
        return ()

    def run(*_where: object, **_how: object) -> int:
        steps.append("agent")
        return 0

    monkeypatch.setattr("agent.cli.clean_start", cleaned)
    monkeypatch.setattr("agent.cli.keep_memory_private", lambda: steps.append("memory closed"))
    monkeypatch.setattr("agent.ui.main.run_agent", run)
    assert steadyhand(["run", "--no-tray"]) == 0
    assert steps == ["environment read", "memory closed", "agent"]


def test_memory_that_is_freed_goes_back_to_the_system() -> None:
    """Blocks over 128 KiB are mapped one by one, also after a larger one was freed; glibc's own limit would grow."""
    program = """
from pathlib import Path
from agent.host.memory import keep_memory_small

def resident_pages():
    return int(Path("/proc/self/statm").read_text().split()[1])

keep_memory_small()
bytearray(16 << 20)
before = resident_pages()
blocks = [bytearray(200_000) for _ in range(100)]
held = resident_pages()
blocks.clear()
print(before, held, resident_pages())
"""
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    ).stdout
    before, held, after = map(int, printed.split())
    assert held - before > 4000
    assert after - before < 500


def test_elsewhere_nothing_is_claimed() -> None:
    assert not keep_memory_private("win32")
    assert not keep_memory_private("darwin")
