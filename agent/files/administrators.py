"""Reader of administrators' files (policies, public keys): only root can have written them.

On Windows the owner and the access list of every such file and folder say so (`agent.files.windows_security`).
"""

from __future__ import annotations

import os
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.files.opening import HANDED_FILE, HAS_OWNERS, open_checked
from agent.files.private import mendable, read_all
from agent.files.reparse import is_plain_folder
from agent.files.windows_security import check_administrators


def list_administrators(folder: Path, top: Path, required_uid: int, suffix: str) -> list[Path]:
    """The files in `folder` that end in `suffix`, by name; none where there is no such folder.

    Raises
    ------
    SteadyhandError
        If the folder cannot be listed, or anybody but `required_uid` could have put files there.
    """
    if not os.path.lexists(folder):
        return []
    check_administrators_dir(folder, top, required_uid)
    with mendable(folder, "list"):
        return sorted(folder / name for name in os.listdir(folder) if name.endswith(suffix))


def read_administrators(path: Path, top: Path, required_uid: int, most_bytes: int) -> bytes:
    """A file that only the administrator can have written.

    The file and every folder from its own up to `top` must belong to `required_uid` and be writable by
    nobody else. The check is made on the opened file, so that it cannot be exchanged after the check.

    Raises
    ------
    SteadyhandError
        If it cannot be read, is too large, or anybody else could have written it.
    """
    check_administrators_dir(path.parent, top, required_uid)
    with mendable(path, "read"), os.fdopen(open_checked(path, HANDED_FILE), "rb") as file:
        _check_administrators(path, os.fstat(file.fileno()), required_uid)
        return read_all(file, path, most_bytes)


def check_administrators_dir(folder: Path, top: Path, required_uid: int) -> None:
    """Check `folder` and every folder above it up to `top`.

    Raises
    ------
    SteadyhandError
        If one of them is a link, belongs to anybody but `required_uid`, or others can write to it.
    """
    chain = [folder, *(p for p in folder.parents if p.is_relative_to(top))]
    for part in chain:
        with mendable(part, "look at"):
            status = part.lstat()
        if not is_plain_folder(status):
            raise SteadyhandError(f"{part} is not a folder", "replace it with one; a link is not followed")
        _check_administrators(part, status, required_uid)


def _check_administrators(path: Path, status: os.stat_result, required_uid: int) -> None:
    if not HAS_OWNERS:
        with mendable(path, "look at"):
            check_administrators(path)
        return
    if status.st_uid != required_uid:
        raise SteadyhandError(
            f"{path} belongs to user number {status.st_uid}, not to {required_uid}",
            f"chown {required_uid} {path}",
        )
    if status.st_mode & 0o022:
        raise SteadyhandError(f"{path} can be written by others", f"chmod go-w {path}")
