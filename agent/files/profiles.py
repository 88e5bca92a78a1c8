"""The profiles installed on this computer: one a user and mouse configuration, never an older one again.

The highest sequence seen of each is kept (`agent.files.sequence_numbers`), apart for those that the administrator
signed and those that this computer signed.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.archive import read_bounded
from agent.files.keys import Role, Trust
from agent.files.opening import PROFILE_FILE
from agent.files.paths import Paths
from agent.files.private import mendable, private_dir, write_private
from agent.files.profile import PROFILE, SignedProfile, check_sequence, open_profile
from agent.files.sequence_numbers import Marks, raise_mark, read_marks, write_marks

SUFFIX: Final = ".profile"


@dataclass(frozen=True, slots=True)
class Installed:
    """What is in the folder of profiles.

    Attributes
    ----------
    profiles : tuple of SignedProfile
        At most one for each user and mouse configuration, and one that was transferred to it; an expired one says so.
    problems : tuple of str
        A line for each file that is not used, for an alert.
    """

    profiles: tuple[SignedProfile, ...]
    problems: tuple[str, ...]


def installed_profiles(
    paths: Paths, trust: Trust, *, now: datetime, since: datetime | None = None
) -> Installed:
    """Every profile in the folder that passes its checks, whatever its file is called.

    The highest sequences are noted, so that a file put back later is known as a rollback. Those that were made before
    `since` are left out, take the place of none and are named.

    Raises
    ------
    SteadyhandError
        If the folder cannot be read, or the sequences cannot be written. A bad file is only a problem.
    """
    marks, problems = read_marks(paths)
    signed_profiles: list[tuple[str, SignedProfile]] = []
    with mendable(paths.profiles_dir, "list"):
        files = sorted(paths.profiles_dir.glob("*" + SUFFIX)) if paths.profiles_dir.is_dir() else []
    for path in files:
        try:
            signed_profiles.append(
                (
                    str(path),
                    open_profile(read_bounded(path, PROFILE, PROFILE_FILE), str(path), trust, now=now),
                )
            )
        except SteadyhandError as error:
            problems.append(str(error))
    problems += _note_first(paths, marks, are_profiles_here=bool(signed_profiles))
    _note(paths, marks, [signed for _, signed in signed_profiles], trust)
    # The administrator's come last, and take the place of this computer's own.
    signed_profiles.sort(key=lambda entry: _signer(entry[1], trust) is Role.ADMINISTRATOR)
    good: dict[str, SignedProfile] = {}
    for where, signed in signed_profiles:
        try:
            _check_history(signed, where, marks, trust)
            _check_not_set_aside(signed, where, since)
            good[_name_of(signed)] = signed
        except SteadyhandError as error:
            problems.append(str(error))
    return Installed(tuple(good.values()), tuple(problems))


def install_profile(paths: Paths, packed: bytes, where: str, trust: Trust, *, now: datetime) -> SignedProfile:
    """Check a profile and keep it, in the place of an older one of the same user and mouse.

    Parameters
    ----------
    paths : Paths
    packed : bytes
        The file's content, kept as it is: its signature stays valid.
    where : str
        Its name in errors.
    trust : Trust
        The keys that are believed.
    now : datetime
        With a time zone: decides what is expired.

    Raises
    ------
    SteadyhandError
        If it fails a check, is expired where there was none before, older than the one before, or would replace
        the administrator's by a local one.
    """
    marks, _ = read_marks(paths)
    signed = open_profile(packed, where, trust, now=now)
    # A version that ends what is here is the administrator's word; to begin with, it is of no use.
    if signed.expired and _name_of(signed) not in marks:
        raise SteadyhandError(f"{where} expired on {signed.profile.expires}", "get a new one")
    _check_history(signed, where, marks, trust)
    private_dir(paths.profiles_dir)
    write_private(paths.profiles_dir / (_name_of(signed) + SUFFIX), packed)
    _note(paths, marks, [signed], trust)
    return signed


def next_sequence(paths: Paths, user: str, mouse_key: str, *, transferred: bool = False) -> int:
    """The sequence that a new local profile of this user and mouse must bear, enrolled or transferred.

    Raises
    ------
    SteadyhandError
        If the sequences are there and may not be read.
    """
    name = profile_name(user, mouse_key, transferred=transferred)
    return read_marks(paths)[0].get(name, {}).get(Role.LOCAL.value, 0) + 1


def _check_history(signed: SignedProfile, where: str, marks: Marks, trust: Trust) -> None:
    """Compare a profile with what was here before."""
    before = marks.get(_name_of(signed), {})
    signer = _signer(signed, trust)
    if signer is Role.LOCAL and Role.ADMINISTRATOR.value in before:
        raise SteadyhandError(
            f"{where} was made on this computer, but the administrator's profile was here before",
            "have the administrator sign it, or erase it",
        )
    check_sequence(signed.profile, before.get(signer.value), where)


def _note(paths: Paths, marks: Marks, seen: list[SignedProfile], trust: Trust) -> None:
    """Raise the marks to what was seen, on disk as well where that changes them."""
    raised = [
        raise_mark(marks, _name_of(signed), _signer(signed, trust), signed.profile.sequence)
        for signed in seen
    ]
    if any(raised):
        write_marks(paths, marks)


def _check_not_set_aside(signed: SignedProfile, where: str, since: datetime | None) -> None:
    """Raises where the person was enrolled anew after the profile was made."""
    if since is not None and datetime.fromisoformat(signed.profile.created) < since:
        raise SteadyhandError(
            f"{where} does not judge: enrolled anew on {since.date().isoformat()}", "a new one follows"
        )


def _note_first(paths: Paths, marks: Marks, *, are_profiles_here: bool) -> list[str]:
    """Make the files of marks where an agent has run: from then on only who deletes them makes them missing."""
    if marks or os.path.lexists(paths.marks_file) or not os.path.lexists(paths.chain_file):
        return []
    write_marks(paths, marks)
    if not are_profiles_here:
        return []
    return [f"{paths.marks_file} and its copy are gone: the profiles here may be older than those before"]


def _signer(signed: SignedProfile, trust: Trust) -> Role:
    return trust.role_of(signed.key_id) or Role.LOCAL


def _name_of(signed: SignedProfile) -> str:
    profile = signed.profile
    return profile_name(profile.user, profile.mouse.key, transferred=profile.is_transferred)


def profile_name(user: str, mouse_key: str, *, transferred: bool = False) -> str:
    """The same for the same user and mouse, and safe as a file's name whatever the user is called.

    A transferred profile stands beside the enrolled one, and is counted apart: neither keeps the other out.
    """
    ending = "-transferred" if transferred else ""
    return f"{hashlib.sha256(user.encode()).hexdigest()[:16]}-{mouse_key}{ending}"
