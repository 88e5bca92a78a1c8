"""Fingerprints of installed policies and profiles: detect a change while the agent runs."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.config.policy import read_policies
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from agent.files.private import read_private
from agent.files.profiles import SUFFIX

_MOST_BYTES: Final = 66 << 20
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class Installation:
    """What was found at one look.

    Attributes
    ----------
    policy : str
        Hash of the policies in use, see `Configuration.policy_hash`.
    problems : tuple of str
        Policies that are not used, a line each.
    profiles : mapping of str to str
        SHA-256 in hexadecimal by file name; `UNREADABLE` in its place where it cannot be read.
    """

    policy: str = ""
    problems: tuple[str, ...] = ()
    profiles: Mapping[str, str] | None = None


class Fingerprints:
    """Looks at policies and profiles; a profile whose file has not been touched is not read again.

    Parameters
    ----------
    paths : Paths
    required_uid : int
        Who must own policies; anything but root is for tests.
    """

    def __init__(self, paths: Paths, required_uid: int = 0) -> None:
        self._paths = paths
        self._required_uid = required_uid
        self._known: dict[Path, tuple[tuple[int, ...], str]] = {}

    def look(self) -> Installation:
        """What is installed now. Never raises; blocks as long as the disk takes."""
        policies = read_policies(self._paths, self._required_uid)
        folder = self._paths.profiles_dir
        files = sorted(folder.glob("*" + SUFFIX)) if folder.is_dir() else []
        self._known = {path: self._hash(path) for path in files}
        profiles = {path.name: digest for path, (_, digest) in self._known.items()}
        return Installation(policies.sha256, policies.problems, profiles)

    def _hash(self, path: Path) -> tuple[tuple[int, ...], str]:
        touched = _touched(path)
        before = self._known.get(path)
        if before is not None and before[0] == touched and touched:
            return before
        try:
            return touched, hashlib.sha256(read_private(path, _MOST_BYTES)).hexdigest()
        except (OSError, SteadyhandError):
            return (), UNREADABLE  # what is wrong with it is told by the reader of profiles


def _touched(path: Path) -> tuple[int, ...]:
    """Which file it is and when it was last written; the user cannot set the time of its last change.

    Empty where nobody tells that time: what Windows calls it is when the file was made.
    """
    if sys.platform == "win32":
        return ()
    try:
        status = os.lstat(path)
    except OSError:
        return ()
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
