"""Network homes: where one home serves several computers, each keeps a state folder of its own.

Locks and SQLite's journal do not hold between computers, and two agents would take each other's recordings, sequence
numbers and chain for their own. Read from Linux's table of mounts; elsewhere a home counts as this computer's.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

from agent.files.private import mendable, private_dir

MACHINES: Final = "machines"
NETWORK_TYPES: Final = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afs",
        "ceph",
        "glusterfs",
        "lustre",
        "gpfs",
        "beegfs",
        "9p",
        "ocfs2",
        "gfs2",
        "coda",
        "ncpfs",
        "orangefs",
        "fuse.sshfs",
        "fuse.glusterfs",
        "fuse.ceph",
        "fuse.s3fs",
    ]
)
MOUNTS: Final = Path("/proc/self/mountinfo")
MACHINE_ID: Final = Path("/etc/machine-id")

_MOST_BYTES: Final = 1 << 20
_ADOPTED: Final = ("profiles", "keys", "sequences.json", "introduced")


def state_dir_here(state_dir: Path, mounts: Path = MOUNTS, machine_id: Path = MACHINE_ID) -> Path:
    """The state folder for this computer: `state_dir`, or one below it where that lies on a network.

    Makes nothing. The computer's name in it is a hash: machine-id(5) wants the id itself kept.
    """
    if not _is_on_network(state_dir, _read(mounts)):
        return state_dir
    identity = _read(machine_id).strip()
    if not identity:
        return state_dir
    name = hashlib.sha256(b"steadyhand state " + identity.encode()).hexdigest()[:16]
    return state_dir / MACHINES / name


def adopt_shared_state(state_dir: Path) -> bool:
    """Copy profiles, keys and sequence numbers of before, when a computer gets a folder of its own; True if it did.

    Raises
    ------
    SteadyhandError
        If they cannot be copied; the folder is then not there.
    """
    shared = state_dir.parent.parent
    if state_dir.parent.name != MACHINES or state_dir.exists() or not (shared / "profiles").is_dir():
        return False
    private_dir(state_dir.parent)
    fresh = state_dir.with_name(f".{state_dir.name}.{os.getpid()}")
    with mendable(state_dir, "make the folder"):
        try:
            fresh.mkdir(mode=0o700)
            for name in _ADOPTED:
                source = shared / name
                if source.is_symlink():
                    continue
                if source.is_dir():
                    shutil.copytree(source, fresh / name, symlinks=True, ignore=_not_plain)
                elif source.is_file():
                    shutil.copy2(source, fresh / name, follow_symlinks=False)
            os.rename(fresh, state_dir)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return True


def _not_plain(folder: str, names: list[str]) -> list[str]:
    """What is neither a file nor a folder: a FIFO would hang the copy."""
    paths = [Path(folder) / name for name in names]
    return [path.name for path in paths if path.is_symlink() or not (path.is_file() or path.is_dir())]


def _is_on_network(path: Path, mounts: str) -> bool:
    """Whether the mount that `path` lies on is a network's."""
    best, is_network = "", False
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        parts = fields.split()
        if len(parts) < 5 or not rest:
            continue
        point = parts[4].encode().decode("unicode_escape")
        inside = path == Path(point) or Path(point) in path.parents
        # Later lines are mounted over earlier ones.
        if inside and len(point) >= len(best):
            best, is_network = point, rest.split()[0] in NETWORK_TYPES
    return is_network


def _read(path: Path) -> str:
    """A file of the system; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode(errors="replace")
    except OSError:
        return ""
