"""Files, accounts and streams on a Windows Python, as `make windows-test` runs them under Wine."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from agent.files.private import private_dir, read_private, write_private
from agent.host.account import account_name
from agent.host.usage import own_usage
from agent.runtime.status.snapshot import State, Status
from agent.runtime.status.status_file import read_status, write_status

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="runs on a Windows Python: make windows-test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return private_dir(tmp_path / "state")


def test_a_status_is_replaced_again_and_again_and_leaves_nothing_beside_it(folder: Path) -> None:
    for actions in range(5):
        write_status(folder / "status.json", Status(State.PROTECTING, actions=actions))
    assert read_status(folder / "status.json", folder / "lock")["actions"] == 4
    assert [path.name for path in folder.iterdir()] == ["status.json"]


def test_a_file_that_somebody_reads_is_replaced_when_they_are_done(folder: Path) -> None:
    path = folder / "alerts"
    write_private(path, b"before")
    reader = path.open("rb")
    threading.Timer(0.1, reader.close).start()
    write_private(path, b"after")
    assert read_private(path, 100) == b"after"


def test_windows_says_whose_account_it_is() -> None:
    name = subprocess.run(["whoami"], capture_output=True, text=True, check=False).stdout.strip()
    assert account_name()
    assert not name or name.lower().endswith(account_name().lower())


def test_usage_is_told_without_the_memory_of_another_system() -> None:
    usage = own_usage()
    assert usage.cpu_ns > 0
    assert usage.rss_mb is None


@pytest.mark.parametrize(("words", "code"), [(["--help"], 0), (["verify", "C:\\nowhere"], 2)])
def test_a_command_says_what_it_has_to_say_and_ends_by_its_code(words: list[str], code: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "agent", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    assert "Traceback" not in ran.stderr
