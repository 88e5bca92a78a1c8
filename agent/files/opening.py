"""Opening of files: the one place where the agent opens a file of a user or an administrator.

A file is opened without waiting (a FIFO hangs nobody), closed on exec, and without following a link unless its rule
says so. Then the opened file, which nobody can exchange any more, is checked against the rule.
"""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.reparse import refuse_link
from agent.files.undo import undo_on_failure
from agent.files.windows_security import check_own

HAS_OWNERS: Final = sys.platform != "win32"
_OPEN: Final = {
    0o077: ("is open to others", "chmod 600"),
    0o022: ("can be written by others", "chmod go-w"),
    0o002: ("can be written by anybody", "chmod o-w"),
}
MANY_LINKS: Final = "has another name as well"

# Windows has none of these flags, and needs O_BINARY in their place.
_FLAGS: Final = (
    getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)


class RequiredOwner(Enum):
    """Whose a file must be."""

    SELF = "this user"
    SELF_OR_ROOT = "this user or root"
    ANYBODY = "anybody"


@dataclass(frozen=True, slots=True)
class FileRule:
    """What a file must be to be opened.

    Attributes
    ----------
    owner : RequiredOwner
    closed_bits : int
        Mode bits that must be off: one of `_OPEN`, or none.
    one_link : bool
        Whether it must have no other name: such a one may lie where others reach it.
    follows_link : bool
        Whether a symbolic link may lead to it.
    """

    owner: RequiredOwner
    closed_bits: int = 0
    one_link: bool = False
    follows_link: bool = False


PRIVATE: Final = FileRule(RequiredOwner.SELF, 0o077, one_link=True)
"""Files that the agent keeps for itself."""
PROFILE_FILE: Final = FileRule(RequiredOwner.SELF_OR_ROOT, 0o022, one_link=True)
"""Profiles in their folder, where an administrator may have put them by hand."""
RECORDING_FILE: Final = FileRule(RequiredOwner.SELF_OR_ROOT)
"""Recordings that are read: encrypted and authenticated, whoever copied them."""
SETTINGS_FILE: Final = FileRule(RequiredOwner.SELF_OR_ROOT, 0o002, follows_link=True)
"""Files that people edit, often kept elsewhere behind a link."""
NAMED_FILE: Final = FileRule(RequiredOwner.ANYBODY, follows_link=True)
"""Files that a person named on the command line or an administrator in a setting."""
HANDED_FILE: Final = FileRule(RequiredOwner.ANYBODY)
"""Files that others may put into a folder."""


def effective_uid() -> int:
    """The user that this process acts as; -1 on Windows, which has none."""
    if sys.platform == "win32":
        return -1
    return os.geteuid()


def open_checked(path: Path, rule: FileRule, flags: int = os.O_RDONLY) -> int:
    """Open `path` if it is a plain file that fits the rule; made 0600 where `flags` say to create it.

    Returns
    -------
    int
        A descriptor, closed on exec; the caller closes it.

    Raises
    ------
    SteadyhandError
        If it is not a plain file, or breaks the rule.
    OSError
        As `os.open`, ELOOP for a link that is not followed; wrap in `mendable`.
    """
    descriptor = os.open(path, flags | _FLAGS | (0 if rule.follows_link else _NO_LINK), 0o600)
    with undo_on_failure(lambda: os.close(descriptor)):
        status = os.fstat(descriptor)
        if not _NO_LINK and not rule.follows_link:
            refuse_link(path, status)
        check_file(path, status, rule)
    return descriptor


def read_checked(path: Path, rule: FileRule, most_bytes: int) -> bytes:
    """The whole of a file that fits the rule.

    Raises
    ------
    SteadyhandError
        If it breaks the rule, or has more than `most_bytes`.
    OSError
        As `open_checked`.
    """
    with os.fdopen(open_checked(path, rule), "rb") as file:
        if os.fstat(file.fileno()).st_size <= most_bytes:
            # It may grow meanwhile.
            content = file.read(most_bytes + 1)
            if len(content) <= most_bytes:
                return content
    raise SteadyhandError(f"{path} has more than {most_bytes} bytes", "put the right file in its place")


def check_file(path: Path, status: os.stat_result, rule: FileRule) -> None:
    """Check an opened file.

    Raises
    ------
    SteadyhandError
        If it breaks the rule.
    """
    if not stat.S_ISREG(status.st_mode):
        raise SteadyhandError(f"{path} is not a plain file", "move it away")
    if not HAS_OWNERS:
        if rule.owner is not RequiredOwner.ANYBODY:
            check_own(path, closed=rule.closed_bits == 0o077)
        return
    own = effective_uid()
    owners = {
        RequiredOwner.SELF: (own,),
        RequiredOwner.SELF_OR_ROOT: (own, 0),
        RequiredOwner.ANYBODY: (status.st_uid,),
    }[rule.owner]
    if status.st_uid not in owners:
        raise SteadyhandError(f"{path} belongs to user number {status.st_uid}, not to {own}", "move it away")
    if status.st_mode & rule.closed_bits:
        what, mend = _OPEN[rule.closed_bits]
        raise SteadyhandError(f"{path} {what}", f"{mend} {path}")
    if rule.one_link and status.st_nlink != 1:
        raise SteadyhandError(
            f"{path} {MANY_LINKS} ({status.st_nlink} in all)", "remove the others, or put a copy in its place"
        )
