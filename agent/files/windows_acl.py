"""Windows access lists as text (SDDL): who owns a file, who may write it, who may read it. Pure.

Reference: Microsoft, "Security Descriptor String Format" and "ACE Strings" (MS-DTYP 2.5.1). What is not understood
counts as a right of everybody: an unreadable list is never a safe one.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from agent.engine.errors import SteadyhandError

SYSTEM: Final = "S-1-5-18"
ADMINISTRATORS: Final = "S-1-5-32-544"
TRUSTED_INSTALLER: Final = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
AUTHENTICATED: Final = "S-1-5-11"
EVERYBODY: Final = "S-1-1-0"
TRUSTED: Final = frozenset({SYSTEM, ADMINISTRATORS, TRUSTED_INSTALLER})
"""Whoever acts as one of these owns the computer anyway."""

_ALIASES: Final = {
    "SY": SYSTEM,
    "BA": ADMINISTRATORS,
    "WD": EVERYBODY,
    "BU": "S-1-5-32-545",
    "AU": AUTHENTICATED,
    "IU": "S-1-5-4",
    "CO": "S-1-3-0",
    "BG": "S-1-5-32-546",
    "PU": "S-1-5-32-547",
}
_READ: Final = 0x1
# Write data, append, extended attributes, delete a child, attributes, delete, the list itself, the owner.
_WRITE: Final = 0x2 | 0x4 | 0x10 | 0x40 | 0x100 | 0x10000 | 0x40000 | 0x80000
_ALL: Final = 0x1F01FF
_RIGHTS: Final = {
    "FA": _ALL,
    "FR": 0x120089,
    "FW": 0x120116,
    "FX": 0x1200A0,
    "GA": _ALL,
    "GR": 0x120089,
    "GW": 0x120116,
    "GX": 0x1200A0,
    "RC": 0x20000,
    "SD": 0x10000,
    "WD": 0x40000,
    "WO": 0x80000,
    "CC": 0x1,
    "DC": 0x2,
    "LC": 0x4,
    "SW": 0x8,
    "RP": 0x10,
    "WP": 0x20,
    "DT": 0x40,
    "LO": 0x80,
    "CR": 0x100,
}
_INHERIT_ONLY: Final = "IO"
_ENTRY: Final = re.compile(r"\(([^;()]*);([^;()]*);([^;()]*);([^;()]*);([^;()]*);([^;()]*)(?:;[^()]*)?\)")


@dataclass(frozen=True, slots=True)
class AccessList:
    """An owner, and what others may do.

    Attributes
    ----------
    owner : str
        SID.
    readers, writers : frozenset of str
        SIDs that are allowed to; `EVERYBODY` also where there is no list at all, or one that is not understood.
    """

    owner: str
    readers: frozenset[str]
    writers: frozenset[str]


def parse_sddl(text: str) -> AccessList:
    """An access list from its text, such as ``O:BAG:SYD:P(A;;FA;;;SY)``."""
    owner = re.search(r"O:([A-Z]{2}|S-[0-9-]+)", text)
    listed = re.search(r"D:((?:[A-Z_]*))((?:\([^()]*\))*)", text)
    everybody = frozenset({EVERYBODY})
    if listed is None or "NO_ACCESS_CONTROL" in listed[1]:
        return AccessList(_sid(owner[1]) if owner else "", everybody, everybody)
    readers: set[str] = set()
    writers: set[str] = set()
    for sid, mask in _allowed(listed[2]):
        if mask & _READ:
            readers.add(sid)
        if mask & _WRITE:
            writers.add(sid)
    return AccessList(_sid(owner[1]) if owner else "", frozenset(readers), frozenset(writers))


def check_private_list(where: str, access: AccessList, own: str) -> None:
    """Check that a file is this user's own and closed to others.

    Parameters
    ----------
    where : str
        The file, for the error.
    access : AccessList
    own : str
        The user's SID.

    Raises
    ------
    SteadyhandError
        If it is not.
    """
    if access.owner not in TRUSTED | {own}:
        raise SteadyhandError(f"{where} belongs to {access.owner}, not to {own}", "move it away")
    if strangers := sorted((access.readers | access.writers) - TRUSTED - {own}):
        raise SteadyhandError(
            f"{where} is open to others ({', '.join(strangers)})",
            f'icacls "{where}" /inheritance:r /grant:r "%USERNAME%:F"',
        )


def check_unwritten_list(where: str, access: AccessList, own: str) -> None:
    """Check that nobody but this user and administrators can have written a file.

    Raises
    ------
    SteadyhandError
        If somebody else owns it or may write it.
    """
    if access.owner not in TRUSTED | {own}:
        raise SteadyhandError(f"{where} belongs to {access.owner}, not to {own}", "move it away")
    if strangers := sorted(access.writers - TRUSTED - {own}):
        raise SteadyhandError(
            f"{where} can be written by {', '.join(strangers)}",
            f'icacls "{where}" /inheritance:r /grant:r "%USERNAME%:F"',
        )


def check_administrators_list(where: str, access: AccessList) -> None:
    """Check that only administrators can have written a file.

    Raises
    ------
    SteadyhandError
        If somebody else owns it or may write it.
    """
    if access.owner not in TRUSTED:
        raise SteadyhandError(
            f"{where} belongs to {access.owner or 'nobody known'}, not to the administrators",
            f'icacls "{where}" /setowner *{ADMINISTRATORS}',
        )
    if strangers := sorted(access.writers - TRUSTED):
        raise SteadyhandError(
            f"{where} can be written by {', '.join(strangers)}",
            f'icacls "{where}" /inheritance:r /grant:r *{ADMINISTRATORS}:F *{SYSTEM}:F *S-1-5-32-545:R',
        )


def private_sddl(own: str) -> str:
    """The list of a folder that only `own`, the system and administrators may use, with all that comes into it."""
    entries = "".join(f"(A;OICI;FA;;;{sid})" for sid in ("SY", "BA", own))
    return f"D:P{entries}"


def service_sid(service: str) -> str:
    """The SID of a service's own account, ``NT SERVICE\\NAME``: made of its name, the same on every computer."""
    digest = hashlib.sha1(service.upper().encode("utf-16-le"), usedforsecurity=False).digest()
    return "-".join(("S-1-5-80", *map(str, struct.unpack("<5I", digest))))


def pipe_sddl(owner: str, client: str) -> str:
    """Owner and list of a pipe that `client` may speak to, and only `owner` and the system may offer.

    Parameters
    ----------
    owner, client : str
        SIDs, or their aliases.
    """
    # 0x120183 is what a client opens; without FILE_CREATE_PIPE_INSTANCE nobody else answers under the name.
    return f"O:{owner}G:{owner}D:P(D;;FA;;;NU)(A;;FA;;;SY)(A;;FA;;;{owner})(A;;0x120183;;;{client})"


def _allowed(entries: str) -> Iterator[tuple[str, int]]:
    """Who is allowed what on the object itself; entries of another kind than plain ones count for everybody."""
    for kind, flags, rights, _, _, sid in _ENTRY.findall(entries):
        if kind == "D" or _INHERIT_ONLY in re.findall("..", flags):
            continue
        if kind == "A":
            yield _sid(sid), _mask(rights)
        elif kind not in ("AU", "AL", "ML"):
            yield EVERYBODY, _ALL


def _sid(text: str) -> str:
    return _ALIASES.get(text, text)


def _mask(rights: str) -> int:
    if rights.startswith("0x"):
        return _generic(int(rights, 16))
    names = re.findall("..", rights)
    if len(rights) % 2 or any(name not in _RIGHTS for name in names):
        return _ALL
    mask = 0
    for name in names:
        mask |= _RIGHTS[name]
    return mask


def _generic(mask: int) -> int:
    """A mask with its generic rights spelt out."""
    for bit, name in ((1 << 28, "GA"), (1 << 31, "GR"), (1 << 30, "GW"), (1 << 29, "GX")):
        if mask & bit:
            mask |= _RIGHTS[name]
    return mask
