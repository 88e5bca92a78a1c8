"""Programs behind process numbers: which executable a process runs, and whether root alone could have written it.

A name says nothing: any program can call itself ``i3lock``. What the kernel says of a process of the same user can be
believed as far as it goes: its executable, the files it has mapped to run, and the mount namespace that gives their
paths a meaning. What cannot be read is not known, and what is not known is never trusted.
"""

from __future__ import annotations

import os
import select
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SYSTEM_FOLDERS: Final = (
    "/usr/",
    "/bin/",
    "/sbin/",
    "/lib/",
    "/lib64/",
    "/opt/",
    "/nix/store/",
    "/gnu/store/",
)
"""Where root installs programs. A file system that a user mounted can claim any owner, but not these places."""

_PROGRAM_FOLDERS: Final = ("/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/run/current-system/sw/bin")
_DELETED: Final = " (deleted)"
# libffi's closures, which it maps from a file of this name where the kernel forbids anonymous ones.
_HARMLESS: Final = frozenset({"/memfd:libffi (deleted)", "/dev/zero (deleted)"})


@dataclass(frozen=True, slots=True)
class Program:
    """What a process runs.

    Attributes
    ----------
    path : str
        Its executable; empty where it cannot be read.
    doubt : str
        Why it is not trusted; empty where root alone could have written everything that it runs.
    """

    path: str
    doubt: str = ""

    @property
    def name(self) -> str:
        """The executable's file name; empty where it is not trusted, so that it can be compared at once."""
        return "" if self.doubt else Path(self.path.removesuffix(_DELETED)).name


def program_of(pid: int, proc: Path = Path("/proc"), reference: str = "self") -> Program:
    """What a process runs. Reads a few files of /proc, 1 to 10 ms.

    The process is held by a file descriptor meanwhile, so that what is read is not another process's that got its
    number.

    Parameters
    ----------
    pid : int
    proc : Path
    reference : str
        The process in whose view of the files paths have to lie: this one, or ``1`` for a service with a view of its
        own.
    """
    try:
        held = os.pidfd_open(pid)
    except OSError:
        return Program("", "it has ended")
    try:
        program = _read(proc / str(pid), proc / reference)
        ended = bool(select.select([held], [], [], 0)[0])
        return Program("", "it has ended") if ended else program
    finally:
        os.close(held)


def installed_program(name: str) -> str:
    """The absolute path of a program that root installed; empty where there is none. PATH plays no part."""
    for folder in _PROGRAM_FOLDERS:
        file = Path(folder, name)
        if os.access(file, os.X_OK) and is_roots(os.path.realpath(file)):
            return str(file)
    return ""


def is_roots(file: str) -> bool:
    """True for a regular file in a system folder that root owns and nobody else may write."""
    if not file.startswith(SYSTEM_FOLDERS):
        return False
    if file.endswith(_DELETED):
        return True  # replaced by an update since it was started: it lay in a folder of root's
    try:
        status = os.stat(file)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_uid == 0 and not status.st_mode & 0o022


def _read(process: Path, own: Path) -> Program:
    try:
        path = os.readlink(process / "exe")
        same_paths = os.readlink(process / "ns" / "mnt") == os.readlink(own / "ns" / "mnt")
        runs = _mapped_to_run((process / "maps").read_text(errors="replace"))
    except OSError as why:
        return Program("", f"its executable cannot be read ({why.strerror})")
    if not same_paths:
        return Program(path, "it sees other files under the same names (a mount namespace of its own)")
    for file in (path, *sorted(runs - _HARMLESS)):
        if not is_roots(file):
            return Program(path, f"it runs {file}, which not only root can write")
    return Program(path)


def _mapped_to_run(maps: str) -> set[str]:
    """The files that a process has mapped to run: its executable and its libraries."""
    fields = (line.split(maxsplit=5) for line in maps.splitlines())
    return {part[5] for part in fields if len(part) == 6 and "x" in part[1] and part[5].startswith("/")}
