"""Homes on a network: each computer has a state folder of its own, and takes along what was there before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.files.network_home import adopt_shared_state, state_dir_here

MOUNTS = """22 27 0:20 / /sys rw,nosuid - sysfs sysfs rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 27 0:35 / /home rw,relatime shared:5 - {type} server:/export/home rw,vers=4.2
41 40 254:1 / /home/ada/disk rw - ext4 /dev/vdb rw
42 27 0:36 / /net\\040work rw - nfs server:/n rw
43 27 0:37 / /over rw - nfs server:/n rw
44 43 254:2 / /over rw - ext4 /dev/vdc rw
"""


@pytest.fixture
def system(tmp_path: Path) -> tuple[Path, Path]:
    mounts, machine_id = tmp_path / "mountinfo", tmp_path / "machine-id"
    mounts.write_text(MOUNTS.format(type="nfs4"))
    machine_id.write_text("0123456789abcdef0123456789abcdef\n")
    return mounts, machine_id


@pytest.mark.parametrize(
    ("path", "apart"),
    [
        ("/home/ada/.local/state/steadyhand", True),
        ("/home", True),
        ("/homes/ada/state", False),
        ("/home/ada/disk/state", False),
        ("/root/.local/state/steadyhand", False),
        ("/net work/ada", True),
        ("/over/ada", False),
    ],
)
def test_the_mount_that_a_folder_lies_on_decides(system: tuple[Path, Path], path: str, apart: bool) -> None:
    here = state_dir_here(Path(path), *system)
    assert (here != Path(path)) is apart
    if apart:
        assert here.parent == Path(path) / "machines"
        assert len(here.name) == 16
        assert "0123456789abcdef" not in here.name, "the id itself is not shown"


def test_each_computer_has_its_own(system: tuple[Path, Path]) -> None:
    first = state_dir_here(Path("/home/a"), *system)
    assert first == state_dir_here(Path("/home/a"), *system)
    system[1].write_text("fedcba9876543210fedcba9876543210\n")
    assert state_dir_here(Path("/home/a"), *system) != first
    system[1].unlink()
    assert state_dir_here(Path("/home/a"), *system) == Path("/home/a")


@pytest.mark.parametrize("kind", ["cifs", "fuse.sshfs", "9p", "afs"])
def test_other_networks(system: tuple[Path, Path], kind: str) -> None:
    system[0].write_text(MOUNTS.format(type=kind))
    assert state_dir_here(Path("/home/a"), *system) != Path("/home/a")
    system[0].write_text(MOUNTS.format(type="btrfs"))
    assert state_dir_here(Path("/home/a"), *system) == Path("/home/a")


def test_profiles_of_before_are_taken_along_once(tmp_path: Path) -> None:
    shared = tmp_path / "steadyhand"
    (shared / "profiles").mkdir(parents=True, mode=0o700)
    (shared / "profiles" / "a.profile").write_bytes(b"p")
    os.mkfifo(shared / "profiles" / "fifo.profile")
    (shared / "profiles" / "link.profile").symlink_to("/etc/passwd")
    (shared / "sequences.json").write_bytes(b"{}")
    (shared / "outbox.sqlite3").write_bytes(b"theirs")
    own = shared / "machines" / "aaaa"
    assert adopt_shared_state(own)
    assert sorted(path.name for path in own.rglob("*")) == ["a.profile", "profiles", "sequences.json"]
    assert own.stat().st_mode & 0o777 == 0o700
    (own / "profiles" / "a.profile").unlink()
    assert not adopt_shared_state(own)
    assert not (own / "profiles" / "a.profile").exists()
    assert not adopt_shared_state(shared)
