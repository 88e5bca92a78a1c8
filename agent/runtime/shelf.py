"""The profiles of this user on this computer: which one judges under which mouse."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.files.keys import Role, Trust
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private
from agent.files.profile import SignedProfile, expires_at, read_profile

_MOST_BYTES = 1_000_000
GRACE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The profile for one mouse configuration.

    Attributes
    ----------
    profile : Profile or None
        None where the user has none at all.
    exact : bool
        False where it was made under another configuration and only keeps watching.
    expired : bool
        True after its expiry: it alerts and does not lock.
    problems : tuple of str
        Profiles that were rejected, a line each.
    """

    profile: Profile | None
    exact: bool = False
    expired: bool = False
    problems: tuple[str, ...] = ()


class Shelf:
    """Reads and keeps profiles, one file a mouse configuration and origin; remembers their sequences.

    Parameters
    ----------
    paths : Paths
    user : str
    trust : callable
        The keys that are believed, read afresh.
    now : callable
        Wall clock, with a time zone: decides what is expired.
    """

    def __init__(
        self, paths: Paths, user: str, trust: Callable[[], Trust], now: Callable[[], datetime]
    ) -> None:
        self._paths = paths
        self._user = user
        self._trust = trust
        self._now = now

    def choose(self, mouse: MouseConfiguration) -> Chosen:
        """The profile made under `mouse`, else the newest of the user's, else none."""
        usable, problems = self._read()
        exact = [signed for signed in usable if signed.profile.mouse.key == mouse.key]
        candidates = sorted(exact or usable, key=_rank)
        if not candidates:
            return Chosen(None, problems=tuple(problems))
        best = candidates[-1]
        return Chosen(best.profile, bool(exact), best.expired, tuple(problems))

    def next_sequence(self, mouse: MouseConfiguration) -> int:
        """The sequence number of the next local profile for `mouse`."""
        return self._marks().get(_mark(mouse, Role.LOCAL.value), 0) + 1

    def place(self, mouse: MouseConfiguration, origin: Role) -> Path:
        """Where the profile for `mouse` is kept."""
        return self._paths.profiles_dir / f"{_mark(mouse, origin.value)}.profile"

    def _read(self) -> tuple[list[SignedProfile], list[str]]:
        trust = self._trust()
        marks = self._marks()
        usable: list[SignedProfile] = []
        problems = list(trust.problems)
        for path in sorted(self._paths.profiles_dir.glob("*.profile")):
            try:
                signed = read_profile(path, trust, now=self._now())
                self._check(signed, path, marks)
            except SteadyhandError as error:
                problems.append(str(error))
            else:
                usable.append(signed)
        self._remember(usable, marks)
        return usable, problems

    def _check(self, signed: SignedProfile, path: Path, marks: dict[str, int]) -> None:
        profile = signed.profile
        if profile.user != self._user:
            raise SteadyhandError(
                f"{path} was made for {profile.user}", f"install the profile of {self._user}"
            )
        known = marks.get(_mark(profile.mouse, signed.origin), 0)
        if profile.sequence < known:
            raise SteadyhandError(
                f"{path} is version {profile.sequence}, but version {known} was here before",
                "install the newest version; an old one is not taken back",
            )
        if self._now() > expires_at(profile) + GRACE:
            raise SteadyhandError(
                f"{path} expired on {profile.expires}", "enrol again, or ask the administrator"
            )

    def _remember(self, usable: list[SignedProfile], marks: dict[str, int]) -> None:
        """Note the highest sequences, so that an older profile is known as a rollback."""
        seen = {_mark(signed.profile.mouse, signed.origin): signed.profile.sequence for signed in usable}
        newer = {mark: max(sequence, marks.get(mark, 0)) for mark, sequence in seen.items()}
        if {**marks, **newer} != marks:
            private_dir(self._paths.marks_file.parent)
            write_private(self._paths.marks_file, json.dumps({**marks, **newer}).encode())

    def _marks(self) -> dict[str, int]:
        try:
            told = json.loads(read_private(self._paths.marks_file, _MOST_BYTES))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise SteadyhandError(
                f"{self._paths.marks_file} is damaged ({error})",
                "erase it: versions of profiles are then counted afresh",
            ) from error
        return {str(key): int(value) for key, value in told.items()}


def _mark(mouse: MouseConfiguration, origin: str) -> str:
    return f"{mouse.key}-{origin}"


def _rank(signed: SignedProfile) -> tuple[bool, int, str]:
    """Administrator's before local, then the newest."""
    administrators = signed.origin == Role.ADMINISTRATOR.value
    return administrators, signed.profile.sequence, signed.profile.created
