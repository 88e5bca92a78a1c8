"""Profile store: the administrator's folder of signed profiles, by user and mouse configuration.

Every change is a new signed version with a higher sequence: whoever takes profiles from the folder takes the newest,
and refuses an older one for ever. A revoked profile is such a version, too, and says why.
"""

from __future__ import annotations

import contextlib
import os
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.engine.profile import REVOKED, Profile
from agent.files.archive import read_bounded
from agent.files.keys import Role, SigningKey, Trust
from agent.files.private import (
    HAS_OWNERS,
    effective_uid,
    mendable,
    private_dir,
    write_private,
    write_public,
)
from agent.files.profile import PROFILE, open_profile, pack_signed
from agent.files.profiles import SUFFIX, profile_name
from agent.files.versions import next_version

_ASKED_FOR: Final = re.compile(r"[0-9a-f]{16}-.+\.profile")


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """One profile of the folder.

    Attributes
    ----------
    path : Path
    profile : Profile
    expired : bool
    """

    path: Path
    profile: Profile
    expired: bool

    @property
    def state(self) -> str:
        """``valid``, ``transferred``, ``expired`` or ``revoked``."""
        if REVOKED in self.profile.summary:
            return "revoked"
        lasting = "transferred" if self.profile.is_transferred else "valid"
        return "expired" if self.expired else lasting

    def to_json(self) -> dict[str, Any]:
        """What an administrator wants to see of it."""
        profile = self.profile
        return {
            "user": profile.user,
            "mouse": profile.mouse.name or profile.mouse.capture,
            "configuration": profile.mouse.key,
            "cpi": profile.mouse.cpi,
            "cpi_source": profile.mouse.cpi_source.value,
            "state": self.state,
            "sequence": profile.sequence,
            "created": profile.created,
            "expires": profile.expires,
            "why": str(profile.summary.get(REVOKED, "")),
            "file": self.path.name,
        }


class ProfileStore:
    """A folder of profiles.

    Parameters
    ----------
    folder : Path
    trust : Trust
        The keys whose signatures count.
    now : callable
        Wall clock, with a time zone.
    """

    def __init__(
        self, folder: Path, trust: Trust, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._folder = folder
        self._trust = trust
        self._misnamed_profiles: list[StoredProfile] | None = None
        self.now = now

    def read(self) -> tuple[list[StoredProfile], list[str]]:
        """Every profile by user and configuration, and a line for each file that is not one.

        Raises
        ------
        SteadyhandError
            If there is no such folder, or it cannot be read.
        """
        if not self._folder.is_dir():
            raise SteadyhandError(f"{self._folder} is not a folder", "name the folder of profiles")
        stored, problems = [], []
        with mendable(self._folder, "list"):
            files = sorted(self._folder.glob("*" + SUFFIX))
        for path in files:
            try:
                stored.append(self._read(path))
            except SteadyhandError as error:
                problems.append(str(error))
        return sorted(stored, key=lambda entry: (entry.profile.user, entry.profile.mouse.key)), problems

    def of(self, user: str, configuration: str = "") -> list[StoredProfile]:
        """The profiles of one user, of one configuration where its key, or the beginning of it, is given.

        Raises
        ------
        SteadyhandError
            If there is none, or more than one configuration begins like that.
        """
        mine = [entry for entry in self.read()[0] if entry.profile.user == user]
        fitting = [entry for entry in mine if entry.profile.mouse.key.startswith(configuration)]
        if not fitting:
            known = ", ".join(entry.profile.mouse.key for entry in mine) or "none"
            what = f" under {configuration}" if configuration else ""
            raise SteadyhandError(f"no profile of {user}{what}", f"there are these configurations: {known}")
        if configuration and len({entry.profile.mouse.key for entry in fitting}) > 1:
            raise SteadyhandError(
                f"{len(fitting)} configurations of {user} begin with {configuration}", "give more of the key"
            )
        return fitting

    def at(self, user: str, configuration: str, *, transferred: bool = False) -> StoredProfile | None:
        """The profile of one user and configuration, under the name that agents ask for; None where there is none.

        Raises
        ------
        SteadyhandError
            If there is one that cannot be read: unreadable is not "not there".
        """
        path = self._folder / f"{profile_name(user, configuration, transferred=transferred)}{SUFFIX}"
        versions = [self._read(path)] if os.path.lexists(path) else []
        versions += [
            stored
            for stored in self._misnamed()
            if stored.profile.user == user and _name_of(stored.profile) + SUFFIX == path.name
        ]
        return max(versions, key=lambda stored: stored.profile.sequence, default=None)

    def _read(self, path: Path) -> StoredProfile:
        signed = open_profile(read_bounded(path, PROFILE), str(path), self._trust, now=self.now())
        return StoredProfile(path, signed.profile, signed.expired)

    def _misnamed(self) -> list[StoredProfile]:
        """Profiles under names that no agent asks for; looked for once: there are none where `put` wrote them all."""
        if self._misnamed_profiles is None:
            with mendable(self._folder, "list"):
                paths = sorted(self._folder.glob("*" + SUFFIX)) if self._folder.is_dir() else []
            self._misnamed_profiles = []
            for path in paths:
                if not _ASKED_FOR.fullmatch(path.name):
                    with contextlib.suppress(
                        SteadyhandError
                    ):  # no profile of anybody; `list` says what it is
                        self._misnamed_profiles.append(self._read(path))
        return self._misnamed_profiles

    def next_sequence(self, user: str, configuration: str, epoch: int = 0) -> int:
        """The sequence of a new version of what is enrolled.

        Raises
        ------
        SteadyhandError
            If what is there cannot be read.
        """
        present = self.at(user, configuration)
        return next_version(present.profile.sequence if present else 0, epoch)

    def put(self, profile: Profile, key: SigningKey) -> Path:
        """Sign a profile as the administrator and keep it, in the place of an older version.

        Costs the same however many profiles there are. In a folder that others may read the file is readable, too: it
        may be one that a web server hands out.

        Raises
        ------
        SteadyhandError
            If it is not newer than what is there, what is there cannot be read, or it cannot be written.
        """
        is_public = _is_public(self._folder)
        present = self.at(profile.user, profile.mouse.key, transferred=profile.is_transferred)
        if present and profile.sequence <= present.profile.sequence:
            raise SteadyhandError(
                f"version {profile.sequence} of {profile.user} is not newer than what is in {self._folder}",
                "give it a higher sequence",
            )
        path = self._folder / f"{_name_of(profile)}{SUFFIX}"
        data = pack_signed(profile, key, Role.ADMINISTRATOR)
        (write_public if is_public else write_private)(path, data)
        return path

    def expire(self, stored: StoredProfile, key: SigningKey) -> Path:
        """End a profile's time now: it goes on alerting for the grace period, and no longer locks."""
        now = self.now().isoformat(timespec="seconds")
        return self.put(_next(stored.profile, expires=now), key)

    def revoke(self, stored: StoredProfile, why: str, key: SigningKey) -> Path:
        """Have a profile judge nobody any more, at once."""
        return self.put(_next(stored.profile, summary={**stored.profile.summary, REVOKED: why}), key)


def _is_public(folder: Path) -> bool:
    """True where others may read the folder; made 0700 where there is none.

    Raises
    ------
    SteadyhandError
        If it is somebody else's, or others may write to it.
    """
    if not folder.exists():
        private_dir(folder)
    with mendable(folder, "use the folder"):
        status = folder.stat()
    if not HAS_OWNERS:
        return False
    if status.st_uid != effective_uid() or status.st_mode & 0o022:
        raise SteadyhandError(
            f"{folder} belongs to somebody else, or others may write to it", f"chmod go-w {folder}"
        )
    return bool(status.st_mode & 0o005 == 0o005)


def _next(profile: Profile, **change: Any) -> Profile:
    return replace(profile, profile_id=str(uuid.uuid4()), sequence=profile.sequence + 1, **change)


def _name_of(profile: Profile) -> str:
    return profile_name(profile.user, profile.mouse.key, transferred=profile.is_transferred)
