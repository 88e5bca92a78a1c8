"""Keys out of swap: the kernel's own count of locked pages."""

from __future__ import annotations

import re
import resource
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from agent.files.locked_memory import keep_from_swap
from agent.files.paths import Paths
from agent.files.recording_keys import RecordingKeys

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mlock is POSIX's, the count Linux's")


def locked_kb() -> int:
    found = re.search(r"^VmLck:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


def test_the_pages_of_a_secret_are_locked() -> None:
    before = locked_kb()
    secret = secrets.token_bytes(5 * resource.getpagesize())
    assert keep_from_swap(secret)
    assert locked_kb() - before >= 5 * resource.getpagesize() // 1024


def test_a_recordings_key_is_locked_when_made_and_when_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked: list[bytes] = []

    def lock(secret: bytes) -> bool:
        locked.append(secret)
        return True

    monkeypatch.setattr("agent.files.recording_keys.keep_from_swap", lock)
    keys = RecordingKeys(Paths.under(tmp_path))
    recording = tmp_path / "a.recording"
    made = keys.create(recording)
    assert keys.of(recording) == made
    assert locked == [made, made]


WITHOUT_ROOM = """
import ctypes, os, resource
resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
from agent.files.locked_memory import keep_from_swap
print(keep_from_swap(b"a" * 100))
"""


def test_a_system_that_refuses_stops_nothing() -> None:
    root = Path(__file__).parents[3]
    if not (root.stat().st_mode & 0o005):
        pytest.skip("another account cannot read this folder")
    command = [sys.executable, "-c", "import agent.files.locked_memory\n" + WITHOUT_ROOM]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "False"


def test_elsewhere_nothing_is_promised() -> None:
    assert not keep_from_swap(b"key", "win32")
    assert not keep_from_swap(b"")
