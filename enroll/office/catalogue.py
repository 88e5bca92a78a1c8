"""Catalogue of an office's profiles: hash, version and signer of each, so that only what is new is opened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from agent.engine.profile import REVOKED
from agent.files.archive import read_bounded
from agent.files.private import mendable, write_private
from agent.files.profile import PROFILE, open_profile
from agent.files.profiles import SUFFIX
from agent.files.trust import Trust
from enroll.clock import utc_now

TRANSFERRED: Final = "-transferred"


@dataclass(frozen=True, slots=True)
class CataloguedProfile:
    """One profile file.

    Attributes
    ----------
    size_bytes, changed_ns : int
        Of the file: where these are the same, it is not read again.
    sha256 : str
    signed_by : str
        Id of the key.
    person : str
    mouse : str
        Key of the configuration, with ``-transferred`` where it is such a profile.
    sequence : int
    revoked : bool
    expires : str
        ISO 8601, UTC.
    """

    size_bytes: int
    changed_ns: int
    sha256: str
    signed_by: str
    person: str
    mouse: str
    sequence: int
    revoked: bool
    expires: str


Catalogue = Mapping[str, CataloguedProfile]
"""By the file's name."""


def read_catalogue(path: Path, profiles_dir: Path, trust: Trust) -> dict[str, CataloguedProfile]:
    """What is in the folder of profiles. Files that did not change since the last look are not opened.

    Raises
    ------
    SteadyhandError
        If a profile cannot be read: it is not left out in silence.
    """
    known = _read(path)
    catalogue: dict[str, CataloguedProfile] = {}
    with mendable(profiles_dir, "list"):
        files = sorted(file for file in profiles_dir.iterdir() if file.suffix == SUFFIX)
    for file in files:
        status = file.lstat()
        before = known.get(file.name)
        if before and (before.size_bytes, before.changed_ns) == (status.st_size, status.st_mtime_ns):
            catalogue[file.name] = before
        else:
            catalogue[file.name] = _look(file, status.st_size, status.st_mtime_ns, trust)
    return catalogue


def write_catalogue(path: Path, catalogue: Catalogue) -> None:
    """Keep it for the next look."""
    names = [column.name for column in fields(CataloguedProfile)]
    entries = {file: {name: getattr(profile, name) for name in names} for file, profile in catalogue.items()}
    write_private(path, json.dumps(entries, separators=(",", ":")).encode())


def _look(file: Path, size_bytes: int, changed_ns: int, trust: Trust) -> CataloguedProfile:
    packed = read_bounded(file, PROFILE)
    signed = open_profile(packed, str(file), trust, now=utc_now())
    profile = signed.profile
    return CataloguedProfile(
        size_bytes,
        changed_ns,
        hashlib.sha256(packed).hexdigest(),
        signed.key_id,
        profile.user,
        profile.mouse.key + (TRANSFERRED if profile.is_transferred else ""),
        profile.sequence,
        REVOKED in profile.summary,
        profile.expires,
    )


def _read(path: Path) -> dict[str, CataloguedProfile]:
    """The last look; nothing where it is missing or damaged, since it can be made again."""
    try:
        return {name: CataloguedProfile(**entry) for name, entry in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
