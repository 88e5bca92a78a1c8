"""Opening of files: a FIFO hangs nobody, and what is a link, somebody else's or known by another name is refused."""

from __future__ import annotations

import ast
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.alert_history import read_noticed
from agent.alerts.chained_delivery import ChainedDelivery
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.transports.jsonlines import JsonLines
from agent.alerts.transports.tls_trouble import TlsContext, TlsFiles
from agent.config.loading import load_configuration
from agent.engine.errors import SteadyhandError
from agent.files.day_log_file import read_day
from agent.files.keys import Trust, load_signing_key, load_trust, recording_key
from agent.files.opening import (
    HANDED_FILE,
    NAMED_FILE,
    PRIVATE,
    PROFILE_FILE,
    SETTINGS_FILE,
    FileRule,
    RequiredOwner,
    open_checked,
    read_checked,
)
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private
from agent.files.profiles import installed_profiles
from agent.files.recording import open_recording, read_recording
from agent.files.sequence_numbers import read_marks
from agent.files.upload_log import read_handed
from agent.host.linux.desktop_pointer import kde_setting
from agent.relay.register_file import RegisterFile
from agent.runtime.lifecycle.single_instance import SingleInstance, is_held
from agent.runtime.status.privacy_notice import was_told
from agent.runtime.status.status_file import read_status

if sys.platform == "win32":
    pytest.skip("FIFOs and owners are POSIX", allow_module_level=True)

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 5, 1, tzinfo=UTC)
NOBODY = 65534


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths.under(tmp_path)
    for folder in (
        paths.state_dir,
        paths.profiles_dir,
        paths.keys_dir,
        paths.recordings_dir,
        paths.config_dir,
    ):
        private_dir(folder)
    return paths


def in_time(work: Callable[[], Any], seconds: float = 3.0) -> str:
    """What `work` came to in words; fails where it hangs."""
    outcome: list[str] = []

    def run() -> None:
        try:
            outcome.append(f"returned {work()!r}")
        except (SteadyhandError, OSError) as error:
            outcome.append(f"refused {error}")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    assert outcome, "it hangs"
    return outcome[0]


def _profiles(paths: Paths) -> Any:
    installed = installed_profiles(paths, Trust(), now=NOW)
    assert installed.profiles == ()
    return installed.problems


READERS: dict[str, tuple[Callable[[Paths], Path], Callable[[Paths], Any]]] = {
    "profile": (lambda p: p.profiles_dir / "x.profile", _profiles),
    "chain": (lambda p: p.chain_file, lambda p: ChainedDelivery(Any, p.chain_file, int).resume()),  # type: ignore[arg-type]
    "marks": (lambda p: p.marks_file, read_marks),
    "handed": (lambda p: p.handed_file, read_handed),
    "settings": (lambda p: p.settings_file, load_configuration),
    "status": (lambda p: p.status_file, lambda p: read_status(p.status_file, p.lock_file)),
    "day": (lambda p: p.day_file, lambda p: read_day(p.day_file, 1.0)),
    "alerts": (lambda p: p.alerts_file, lambda p: read_noticed(p.alerts_file, 0.0)),
    "alerts, written": (
        lambda p: p.alerts_file,
        lambda p: JsonLines(p.alerts_file, lambda record: {}).send([]),
    ),
    "outbox": (lambda p: p.outbox, lambda p: open_outbox(p.outbox, 1_000_000, ["a"])),
    "outbox's journal": (
        lambda p: p.outbox.with_name(p.outbox.name + "-wal"),
        lambda p: open_outbox(p.outbox, 1_000_000, ["a"]),
    ),
    "recording key": (lambda p: p.recording_key_file, recording_key),
    "local key": (lambda p: p.local_key_file, lambda p: load_signing_key(p.local_key_file)),
    "local key, trusted": (lambda p: p.local_key_file, lambda p: load_trust(p, local=True).problems),
    "recording, read": (
        lambda p: p.recordings_dir / "a.recording",
        lambda p: list(read_recording(p.recordings_dir / "a.recording", bytes(32))),
    ),
    "recording, written": (
        lambda p: p.recordings_dir / "a.recording",
        lambda p: open_recording(p.recordings_dir / "a.recording", bytes(32)),
    ),
    "introduction": (lambda p: p.introduced_file, lambda p: was_told(p.introduced_file, "x")),
    "lock": (lambda p: p.lock_file, lambda p: SingleInstance(p.lock_file).__enter__()),
    "lock, looked at": (lambda p: p.lock_file, lambda p: is_held(p.lock_file)),
    "register of the relay": (
        lambda p: p.state_dir / "agents.json",
        lambda p: RegisterFile(p.state_dir / "agents.json", "b").load(1)[1],
    ),
    "mouse settings of KDE": (
        lambda p: p.config_dir / ".config" / "kcminputrc",
        lambda p: kde_setting(p.config_dir, "046d", "c077", "m"),
    ),
    "certificate": (
        lambda p: p.config_dir / "ca.pem",
        lambda p: TlsContext(TlsFiles(str(p.config_dir / "ca.pem"), "", "")).get(),
    ),
}


@pytest.mark.parametrize("name", READERS)
def test_a_fifo_in_its_place_hangs_nobody(paths: Paths, name: str) -> None:
    place, read = READERS[name]
    place(paths).parent.mkdir(exist_ok=True, parents=True)
    os.mkfifo(place(paths), 0o600)
    in_time(lambda: read(paths))


@pytest.mark.parametrize("name", ["profile", "chain", "marks", "handed", "status", "recording, read", "lock"])
@pytest.mark.parametrize("how", ["link", "device", "socket", "folder"])
def test_what_is_no_plain_file_of_ones_own_is_refused(
    paths: Paths, name: str, how: str, tmp_path: Path
) -> None:
    place, read = READERS[name]
    path = place(paths)
    secret = tmp_path / "secret"
    secret.write_bytes(b"{}")
    secret.chmod(0o600)
    if how == "link":
        path.symlink_to(secret)
    elif how == "device":
        path.symlink_to("/dev/zero")
    elif how == "socket":
        place_of_socket = socket.socket(socket.AF_UNIX)
        place_of_socket.bind(str(path))
    else:
        path.mkdir()
    outcome = in_time(lambda: read(paths))
    assert secret.read_bytes() == b"{}"
    assert "refused" in outcome or str(path) in outcome, outcome


def test_profiles_of_others_are_refused(paths: Paths) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to give a file away")
    path = paths.profiles_dir / "x.profile"
    path.write_bytes(b"x")
    os.chown(path, NOBODY, NOBODY)
    (problem,) = _profiles(paths)
    assert f"belongs to user number {NOBODY}" in problem
    os.chown(path, 0, 0)
    path.chmod(0o620)
    (problem,) = _profiles(paths)
    assert "can be written by others" in problem
    path.chmod(0o600)
    os.link(path, paths.config_dir / "other name")
    (problem,) = _profiles(paths)
    assert "has another name" in problem


def test_rules(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"12345")
    path.chmod(0o644)
    assert read_checked(path, PROFILE_FILE, 5) == b"12345"
    assert read_checked(path, HANDED_FILE, 5) == b"12345"
    with pytest.raises(SteadyhandError, match="more than 4 bytes"):
        read_checked(path, HANDED_FILE, 4)
    with pytest.raises(SteadyhandError, match="open to others"):
        read_checked(path, PRIVATE, 5)
    path.chmod(0o646)
    with pytest.raises(SteadyhandError, match="written by anybody"):
        read_checked(path, SETTINGS_FILE, 5)
    path.chmod(0o600)
    link = tmp_path / "link"
    link.symlink_to(path)
    assert read_checked(link, SETTINGS_FILE, 5) == read_checked(link, NAMED_FILE, 5) == b"12345"
    for rule in (PRIVATE, PROFILE_FILE, HANDED_FILE):
        with pytest.raises(OSError, match="symbolic links"):
            read_checked(link, rule, 5)
    with pytest.raises(SteadyhandError, match="cannot read"):
        read_private(link, 5)
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)
        assert read_checked(path, HANDED_FILE, 5) == b"12345"
        for rule in (PRIVATE, PROFILE_FILE, SETTINGS_FILE, FileRule(RequiredOwner.SELF)):
            with pytest.raises(SteadyhandError, match="belongs to user number"):
                read_checked(path, rule, 5)


def test_descriptors_do_not_reach_child_processes(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"")
    path.chmod(0o600)
    descriptor = open_checked(path, PRIVATE)
    shown = subprocess.run(
        ["ls", "-l", "/proc/self/fd"], capture_output=True, text=True, close_fds=False, check=True
    )
    os.close(descriptor)
    assert str(path) not in shown.stdout


# What opens files by itself, and why that is no file of a user whom somebody else could have led there.
OPENS_BY_ITSELF = {
    "agent/files/opening.py": "the one function",
    "agent/files/private.py": "makes new files (O_EXCL) and brings folders to disk",
    "agent/cli.py": "the export that a person names to verify, a pipe as well",
    "agent/files/network_home.py": "/proc and /etc/machine-id",
    "agent/files/version.py": "the program's own pyproject.toml",
    "agent/relay/register_file.py": "/proc",
    "agent/host/usage.py": "/proc",
    "agent/host/linux/session_files.py": "/run/systemd, root's folder",
    "agent/host/origin.py": "/etc/hosts",
    "agent/host/linux/sysfs.py": "/sys",
    "agent/host/linux/evdev_devices.py": "devices below /dev/input",
    "agent/host/linux/announced_mice.py": "/sys",
    "agent/mouse_service/masked_device.py": "devices below /dev/input",
    "agent/mouse_service/motion_stamps.py": "files in its own folder",
    "agent/mouse_service/seats.py": "/run/udev, root's folder",
    "agent/mouse_service/own_program_check.py": "/proc",
    "agent/host/linux/compositor.py": "/proc",
    "agent/host/linux/processes.py": "/proc",
    "agent/host/linux/reauthenticate.py": "/proc",
    "agent/host/linux/lockers/session_lock.py": "/proc",
    "agent/host/start_environment.py": "/proc",
    "agent/demo/accounts.py": "files of the demonstration's own folder",
    "agent/demo/demo.py": "files of the demonstration's own folder",
    "agent/demo/observer.py": "files of the demonstration's own folder",
    "agent/demo/processes.py": "files of the demonstration's own folder",
    "agent/demo/scenario.py": "files of the demonstration's own folder",
    "agent/demo/stage.py": "files of the demonstration's own folder",
}
_OPENING = frozenset(("open", "read_text", "read_bytes", "write_text", "write_bytes", "fromfile"))
_NO_FILES = frozenset(("_store", "cipher", "_sessions", "_cover", "_item", "_listener", "self", "webbrowser"))


def test_nothing_else_in_the_agent_opens_files() -> None:
    opens = {str(path.relative_to(ROOT)) for path in (ROOT / "agent").rglob("*.py") if _opens(path)}
    assert opens - OPENS_BY_ITSELF.keys() == set(), "open files by agent.files.opening"


def _opens(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if node.args and ast.unparse(node.args[0]) == "os.devnull":
            continue
        if isinstance(called, ast.Name) and called.id in _OPENING:
            return True
        if isinstance(called, ast.Attribute) and called.attr in _OPENING:
            holder = called.value
            name = holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", "")
            if name not in _NO_FILES:
                return True
    return False
