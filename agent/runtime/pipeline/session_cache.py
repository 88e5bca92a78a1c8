"""Who judges under which mouse: a seat for each configuration, kept while people go from one mouse to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.config.schema import JudgementSettings
from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration, differences
from agent.engine.profile import TRANSFERRED, Profile
from agent.runtime.learning.enrolment import Enrolment
from agent.runtime.pipeline.decision import Rules
from agent.runtime.pipeline.ports import WorkerPorts
from agent.runtime.pipeline.profile_selection import SelectedProfile
from agent.runtime.pipeline.protection import Protection

FORBIDDEN: Final = "There is no profile for this user, and policy does not allow to enrol one here"

# A profile at work takes some megabytes: more mice than this are set up anew when they come back.
_MOST_SEATS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class MouseSession:
    """What is done under one mouse configuration.

    Attributes
    ----------
    mouse : MouseConfiguration
    chosen : SelectedProfile
    protection : Protection or None
        None where no profile judges.
    enrolment : Enrolment or None
        None where nothing is learnt.
    problems : tuple of str
        What was rejected on the way, a line each.
    nothing : str
        Why there is neither.
    """

    mouse: MouseConfiguration
    chosen: SelectedProfile
    protection: Protection | None
    enrolment: Enrolment | None
    problems: tuple[str, ...]
    nothing: str

    @property
    def is_unknown(self) -> bool:
        """True where another mouse's profile keeps watching, transferred to this one or as it is."""
        return self.protection is not None and not self.chosen.exact

    @property
    def origin(self) -> Profile | None:
        """The enrolled profile of another mouse, which may be transferred to this one; None where that was done."""
        profile = self.chosen.profile
        return None if profile is None or self.chosen.exact or profile.is_transferred else profile

    def why_unknown(self) -> str:
        """What tells this mouse from the one that was enrolled."""
        profile = self.chosen.profile
        if profile is None:
            return ""
        told = list(differences(profile.mouse, self.mouse))
        if profile.is_transferred:
            told.append(f"its profile was transferred from {profile.summary[TRANSFERRED]}")
        return "; ".join(told)


class SessionCache:
    """Makes seats and keeps them. Worker thread only.

    Parameters
    ----------
    rules : JudgementSettings
    hands : WorkerPorts
    """

    def __init__(self, rules: JudgementSettings, hands: WorkerPorts) -> None:
        self._rules = rules
        self._hands = hands
        self._seats: dict[str, MouseSession] = {}

    def rule(self, rules: JudgementSettings) -> None:
        """Other rules for seats that are set up from now on."""
        self._rules = rules

    def forget(self) -> None:
        """Set everything up anew: profiles may have changed."""
        for seat in self._seats.values():
            if seat.enrolment:
                seat.enrolment.close()
        self._seats.clear()

    def take(
        self, mouse: MouseConfiguration, before: Protection | None, *, enrol: bool = False
    ) -> MouseSession:
        """The seat for `mouse`; what protected before hands its trust over, or replugging would restore it.

        Parameters
        ----------
        mouse : MouseConfiguration
        before : Protection or None
            What protected until now.
        enrol : bool
            True after the owner asked, and proved who they are, to enrol this mouse.
        """
        kept = self._seats.get(mouse.key)
        if kept is not None and not enrol:
            if kept.protection is not None and before is not None:
                kept.protection.take_over(before)
            return kept
        seat = self._new(mouse, before, enrol=enrol)
        if len(self._seats) >= _MOST_SEATS:
            self.forget()
        self._seats[mouse.key] = seat
        return seat

    def _new(self, mouse: MouseConfiguration, before: Protection | None, *, enrol: bool) -> MouseSession:
        chosen = self._hands.choose(mouse)
        problems = list(chosen.problems)
        problems += filter(None, [chosen.expired_words()])
        protection = self._protect(chosen, before, problems)
        # A first mouse is learnt by itself; a further one only after the owner has proved who they are.
        wanted = not chosen.exact and (enrol or chosen.profile is None)
        enrolment, nothing = self._learn(mouse) if wanted else (None, FORBIDDEN)
        return MouseSession(mouse, chosen, protection, enrolment, tuple(problems), nothing)

    def _protect(
        self, chosen: SelectedProfile, before: Protection | None, problems: list[str]
    ) -> Protection | None:
        """The chosen profile at work."""
        if chosen.profile is None:
            return None
        rules = Rules(self._may_lock(chosen))
        try:
            return Protection(chosen.profile, rules, known_mouse=chosen.exact, before=before)
        except SteadyhandError as error:
            problems.append(str(error))
            return None

    def _learn(self, mouse: MouseConfiguration) -> tuple[Enrolment | None, str]:
        try:
            return self._hands.enrol(mouse), FORBIDDEN
        except SteadyhandError as error:
            return None, f"There is no profile for this user, and none can be learnt: {error}"

    def _may_lock(self, chosen: SelectedProfile) -> bool:
        rules = self._rules
        if chosen.profile is None or not chosen.exact or chosen.expired or rules.mode != "enforce":
            return False
        return rules.lock_on_estimate or not chosen.profile.limits.estimated
