"""Profile selection: which of the installed profiles judges under which mouse."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import REVOKED, Profile
from agent.engine.sentence import sentence
from agent.files.cohort import anonymous
from agent.files.enrolled_anew import enrolled_anew_since
from agent.files.fetched_entry import read_entry
from agent.files.keys import Trust
from agent.files.paths import Paths
from agent.files.profile import expires_at
from agent.files.profiles import installed_profiles

GRACE = timedelta(days=14)
_WINDOWS = "windows-hook"

_ENROLLED, _TRANSFERRED, _ENROLLED_ELSEWHERE, _TRANSFERRED_ELSEWHERE = 3, 2, 1, 0


@dataclass(frozen=True, slots=True)
class SelectedProfile:
    """The profile for one mouse configuration.

    Attributes
    ----------
    profile : Profile or None
        None where the user has none at all.
    exact : bool
        False where it was not enrolled under this configuration, and only keeps watching.
    expired : bool
        True after its expiry: it alerts and does not lock.
    problems : tuple of str
        Profiles that were rejected, a line each.
    sha256 : str
        Of the profile's file, in hexadecimal.
    origin : str
        Who signed it: ``administrator`` or ``local``; empty without a profile.
    """

    profile: Profile | None
    exact: bool = False
    expired: bool = False
    problems: tuple[str, ...] = ()
    sha256: str = ""
    origin: str = ""

    def expiry_notice(self) -> str:
        """Notice about its expiry, for people; empty before it."""
        if self.profile is None or not self.expired:
            return ""
        end = expires_at(self.profile)
        return sentence(
            "The profile expired on {end}: until {last} it alerts and does not lock. Ask your administrator for a "
            "new one",
            end=end.date(),
            last=(end + GRACE).date(),
        )


class ProfileSelector:
    """Selects among the profiles of one user: under the account's name, and under the id of the account's person.

    Parameters
    ----------
    paths : Paths
    user : str
    trust : callable
        The trusted keys, read afresh.
    now : callable
        Wall clock, with a time zone: decides what is expired.
    computer : str
        By which name the index knows this computer; its own where empty.
    """

    def __init__(
        self,
        paths: Paths,
        user: str,
        trust: Callable[[], Trust],
        now: Callable[[], datetime],
        computer: str = "",
    ) -> None:
        self._paths = paths
        self._user = user
        self._trust = trust
        self._now = now
        self._computer = computer

    def choose(self, mouse: MouseConfiguration) -> SelectedProfile:
        """The profile made under `mouse`, else one transferred to it, else the newest of the user's, else none.

        Reads the folder. What was enrolled watches before what was transferred to yet another mouse.
        """
        trust = self._trust()
        try:
            since = enrolled_anew_since(self._paths)
            installed = installed_profiles(self._paths, trust, now=self._now(), since=since)
        except SteadyhandError as error:
            return SelectedProfile(None, problems=(*trust.problems, str(error)))
        person = read_entry(self._paths, trust, self._user, self._computer or socket.gethostname()).person
        all_mine = [signed for signed in installed.profiles if signed.profile.user in (self._user, person)]
        mine = [signed for signed in all_mine if REVOKED not in signed.profile.summary]
        in_time = [signed for signed in mine if self._now() <= expires_at(signed.profile) + GRACE]
        late = [f"the profile for {s.profile.mouse.name} expired" for s in mine if s not in in_time]
        ended = [
            f"the profile for {s.profile.mouse.name} was revoked: {s.profile.summary[REVOKED]}"
            for s in all_mine
            if s not in mine
        ]
        problems = (*trust.problems, *installed.problems, *late, *ended)
        if not in_time:
            return SelectedProfile(None, problems=problems)
        best = max(in_time, key=lambda signed: (_fitness(signed.profile, mouse), signed.profile.created))
        exact = _fitness(best.profile, mouse) == _ENROLLED
        return SelectedProfile(best.profile, exact, best.expired, problems, best.sha256, best.origin)


def _fitness(profile: Profile, mouse: MouseConfiguration) -> int:
    """How well a profile fits a mouse: an administrator transfers to a model, whatever its serial number."""
    if profile.is_transferred:
        return (
            _TRANSFERRED if profile.mouse.key in (mouse.key, anonymous(mouse).key) else _TRANSFERRED_ELSEWHERE
        )
    enrolled = profile.mouse.key in (mouse.key, _nameless(profile.mouse, mouse).key)
    return _ENROLLED if enrolled else _ENROLLED_ELSEWHERE


def _nameless(enrolled: MouseConfiguration, mouse: MouseConfiguration) -> MouseConfiguration:
    """`mouse` as a profile knows it that was enrolled before Windows' mice told name and serial number."""
    if enrolled.capture != _WINDOWS or enrolled.name or enrolled.serial:
        return mouse
    return replace(mouse, name="", serial="")
