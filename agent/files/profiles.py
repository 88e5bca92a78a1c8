"""The profiles installed on this computer: one a user and mouse configuration, never an older one again.

Beside the profiles, a small file keeps the highest sequence seen of each, apart for those that the
administrator signed and those that this computer signed. It stops accidents and old copies; a program of the
same user can delete it, like everything else that is the user's.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

from agent.engine.errors import SteadyhandError
from agent.files.archive import canonical, read_bounded
from agent.files.keys import Role, Trust
from agent.files.paths import Paths
from agent.files.private import mendable, private_dir, read_private, write_private
from agent.files.profile import PROFILE, SignedProfile, check_sequence, open_profile

SUFFIX: Final = ".profile"

_MOST_MARKS: Final = 1 << 20

# The highest sequence by profile name, then by the role of who signed it.
_Marks: TypeAlias = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Installed:
    """What is in the folder of profiles.

    Attributes
    ----------
    profiles : tuple of SignedProfile
    problems : tuple of str
        A line for each file that is not used, for an alert.
    """

    profiles: tuple[SignedProfile, ...]
    problems: tuple[str, ...]


def find_profile(
    paths: Paths, user: str, mouse_key: str, trust: Trust, *, now: datetime
) -> SignedProfile | None:
    """The profile of one user under one mouse configuration; None where there is none.

    Raises
    ------
    SteadyhandError
        If there is one and it fails a check: see `agent.files.profile.read_profile`. It is also refused if
        it is another user's or mouse's, or a local one where the administrator's was before.
    """
    path = _path(paths, user, mouse_key)
    if not os.path.lexists(path):
        return None
    told = _checked(read_bounded(path, PROFILE), str(path), _read_marks(paths), trust, now)
    if (told.profile.user, told.profile.mouse.key) != (user, mouse_key):
        raise SteadyhandError(f"{path} is the profile of another user or mouse", "install the right one")
    return told


def install_profile(paths: Paths, data: bytes, where: str, trust: Trust, *, now: datetime) -> SignedProfile:
    """Check a profile and keep it, in the place of an older one of the same user and mouse.

    Parameters
    ----------
    data : bytes
        The file's content, kept as it is: its signature stays valid.
    where : str
        Its name in errors.

    Raises
    ------
    SteadyhandError
        If it fails a check, is expired, older than the one before, or would replace the administrator's by
        a local one.
    """
    marks = _read_marks(paths)
    told = _checked(data, where, marks, trust, now)
    if told.expired:
        raise SteadyhandError(f"{where} expired on {told.profile.expires}", "get a new one")
    private_dir(paths.profiles_dir)
    write_private(_path(paths, told.profile.user, told.profile.mouse.key), data)
    mark = marks.setdefault(_name(told.profile.user, told.profile.mouse.key), {})
    mark[_signer(told, trust).value] = told.profile.sequence
    write_private(paths.marks_file, canonical(marks))
    return told


def installed_profiles(paths: Paths, trust: Trust, *, now: datetime) -> Installed:
    """Every profile in the folder that passes its checks; nothing raises but a folder that cannot be read.

    Raises
    ------
    SteadyhandError
        If the folder or the file of sequences cannot be read.
    """
    marks = _read_marks(paths)
    good: list[SignedProfile] = []
    problems: list[str] = []
    with mendable(paths.profiles_dir, "list"):
        found = sorted(paths.profiles_dir.glob("*" + SUFFIX)) if paths.profiles_dir.is_dir() else []
    for path in found:
        try:
            good.append(_checked(read_bounded(path, PROFILE), str(path), marks, trust, now))
        except SteadyhandError as error:
            problems.append(str(error))
    return Installed(tuple(good), tuple(problems))


def next_sequence(paths: Paths, user: str, mouse_key: str) -> int:
    """The sequence that a new local profile of this user and mouse must bear.

    Raises
    ------
    SteadyhandError
        If the file of sequences cannot be read.
    """
    return _read_marks(paths).get(_name(user, mouse_key), {}).get(Role.LOCAL.value, 0) + 1


def _checked(data: bytes, where: str, marks: _Marks, trust: Trust, now: datetime) -> SignedProfile:
    """A profile that passes every check, those of what was here before included."""
    told = open_profile(data, where, trust, now=now)
    before = marks.get(_name(told.profile.user, told.profile.mouse.key), {})
    signer = _signer(told, trust)
    if signer is Role.LOCAL and Role.ADMINISTRATOR.value in before:
        raise SteadyhandError(
            f"{where} was made on this computer, but the administrator's profile was here before",
            "have the administrator sign it",
        )
    check_sequence(told.profile, before.get(signer.value), where)
    return told


def _signer(told: SignedProfile, trust: Trust) -> Role:
    return trust.role_of(told.key_id) or Role.LOCAL


def _name(user: str, mouse_key: str) -> str:
    """A file name that is the same for the same user and mouse, whatever letters the user's name has."""
    return f"{hashlib.sha256(user.encode()).hexdigest()[:16]}-{mouse_key}"


def _path(paths: Paths, user: str, mouse_key: str) -> Path:
    return paths.profiles_dir / (_name(user, mouse_key) + SUFFIX)


def _read_marks(paths: Paths) -> _Marks:
    if not os.path.lexists(paths.marks_file):
        return {}
    data = read_private(paths.marks_file, _MOST_MARKS)
    try:
        told = json.loads(data)
        if not isinstance(told, dict) or not all(map(_is_mark, told.values())):
            raise ValueError("a mark is not one")
    except (ValueError, RecursionError) as error:
        raise SteadyhandError(
            f"{paths.marks_file} is damaged ({error})", "move it away and install the newest profiles again"
        ) from error
    return told


def _is_mark(mark: object) -> bool:
    roles = {role.value for role in Role}
    return isinstance(mark, Mapping) and all(r in roles and type(n) is int for r, n in mark.items())
