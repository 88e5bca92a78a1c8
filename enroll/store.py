"""Profile store: the administrator's folder of signed profiles, by user and mouse configuration.

Every change is a new signed version with a higher sequence: whoever takes profiles from the folder takes the newest,
and refuses an older one for ever. A revoked profile is such a version, too, and says why.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.engine.errors import SteadyhandError
from agent.engine.profile import REVOKED, Profile
from agent.files.archive import read_bounded
from agent.files.keys import Role, SigningKey, Trust
from agent.files.private import mendable, private_dir, write_private
from agent.files.profile import PROFILE, open_profile, pack_signed
from agent.files.profiles import SUFFIX, profile_name


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
                signed = open_profile(read_bounded(path, PROFILE), str(path), self._trust, now=self.now())
                stored.append(StoredProfile(path, signed.profile, signed.expired))
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

    def next_sequence(self, user: str, configuration: str) -> int:
        """The sequence of a new version of what is enrolled."""
        fitting = [entry.profile for entry in self.read()[0] if entry.profile.user == user]
        same = [p for p in fitting if p.mouse.key == configuration and not p.is_transferred]
        return max((p.sequence for p in same), default=0) + 1

    def put(self, profile: Profile, key: SigningKey) -> Path:
        """Sign a profile as the administrator and keep it, in the place of an older version.

        Raises
        ------
        SteadyhandError
            If it is not newer than what is there, or cannot be written.
        """
        private_dir(self._folder)
        of_same = [
            present.profile for present in self.read()[0] if _name_of(present.profile) == _name_of(profile)
        ]
        if any(profile.sequence <= present.sequence for present in of_same):
            raise SteadyhandError(
                f"version {profile.sequence} of {profile.user} is not newer than what is in {self._folder}",
                "give it a higher sequence",
            )
        path = self._folder / f"{_name_of(profile)}{SUFFIX}"
        write_private(path, pack_signed(profile, key, Role.ADMINISTRATOR))
        return path

    def expire(self, stored: StoredProfile, key: SigningKey) -> Path:
        """End a profile's time now: it goes on alerting for the grace period, and no longer locks."""
        now = self.now().isoformat(timespec="seconds")
        return self.put(_next(stored.profile, expires=now), key)

    def revoke(self, stored: StoredProfile, why: str, key: SigningKey) -> Path:
        """Have a profile judge nobody any more, at once."""
        return self.put(_next(stored.profile, summary={**stored.profile.summary, REVOKED: why}), key)


def _next(profile: Profile, **change: Any) -> Profile:
    return replace(profile, profile_id=str(uuid.uuid4()), sequence=profile.sequence + 1, **change)


def _name_of(profile: Profile) -> str:
    return profile_name(profile.user, profile.mouse.key, transferred=profile.is_transferred)
