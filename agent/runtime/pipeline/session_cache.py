"""Session cache: what judges and learns under each mouse configuration, kept while people change between mice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.config.schema import JudgementSettings
from agent.engine.errors import SteadyhandError
from agent.engine.events import StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.engine.mouse_differences import differences
from agent.engine.profile import TRANSFERRED, Profile
from agent.engine.sentence import joined, sentence
from agent.language.language import mark
from agent.runtime.learning.enrolment import EnrolmentRecorder
from agent.runtime.learning.renewal import RenewalRecorder
from agent.runtime.pipeline.decision import ReactionRules
from agent.runtime.pipeline.ports import EnrolmentSource, ProfileSource, ProfileTrainer
from agent.runtime.pipeline.profile_selection import SelectedProfile
from agent.runtime.pipeline.protection import Protection

FORBIDDEN: Final = mark("There is no profile for this user, and policy does not allow to enrol one here")

# A profile at work takes some megabytes: more mice than this are set up anew when they come back.
_MOST_SESSIONS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class MouseSession:
    """What judges and learns under one mouse configuration.

    Attributes
    ----------
    mouse : MouseConfiguration
    selected : SelectedProfile
    protection : Protection or None
        None where no profile judges.
    enrolment : EnrolmentRecorder or None
        None where nothing is learnt.
    problems : tuple of str
        What was rejected on the way, a line each.
    idle_reason : str
        Why there is neither protection nor enrolment.
    renewal : RenewalRecorder or None
        Records proven sessions where the profile is due for renewal.
    """

    mouse: MouseConfiguration
    selected: SelectedProfile
    protection: Protection | None
    enrolment: EnrolmentRecorder | None
    problems: tuple[str, ...]
    idle_reason: str
    renewal: RenewalRecorder | None = None

    @property
    def is_unknown(self) -> bool:
        """True where another mouse's profile judges, transferred to this one or as it is."""
        return self.protection is not None and not self.selected.exact

    @property
    def transfer_origin(self) -> Profile | None:
        """The enrolled profile of another mouse that may be transferred to this one; None where that was done."""
        profile = self.selected.profile
        return None if profile is None or self.selected.exact or profile.is_transferred else profile

    def learn(self, item: StreamItem, trainer: ProfileTrainer) -> None:
        """Record one item where something is learnt, and train once there is enough. Blocks for one write."""
        if self.enrolment:
            self.enrolment.append(item)
        if self.renewal:
            self.renewal.append(item)
        self.train_when_ready(trainer)

    def commit(self) -> None:
        """Bring what was recorded to disk."""
        for enrolment in self._enrolments():
            enrolment.commit()

    def close(self) -> None:
        """End the recordings under way."""
        for enrolment in self._enrolments():
            enrolment.close()

    def _enrolments(self) -> tuple[EnrolmentRecorder, ...]:
        renewed = self.renewal.enrolment if self.renewal else None
        return tuple(enrolment for enrolment in (self.enrolment, renewed) if enrolment)

    def train_when_ready(self, trainer: ProfileTrainer) -> None:
        """Begin training, a transfer or an estimate once the enrolment has enough for it."""
        if self.renewal and self.renewal.enrolment.claim_training():
            trainer.renew(self.renewal.enrolment)
        if not self.enrolment:
            return
        origin = self.transfer_origin
        if self.enrolment.claim_training():
            trainer.start(self.enrolment)
        elif origin and self.enrolment.claim_transfer():
            trainer.start(self.enrolment, origin)
        elif self.enrolment.claim_weighing():
            trainer.weigh(self.enrolment)

    def unknown_reason(self) -> str:
        """What distinguishes this mouse from the enrolled one."""
        profile = self.selected.profile
        if profile is None:
            return ""
        reasons = list(differences(profile.mouse, self.mouse))
        if profile.is_transferred:
            origin = str(profile.summary[TRANSFERRED])
            reasons.append(sentence("its profile was transferred from {origin}", origin=origin))
        return joined(*reasons)


class SessionCache:
    """Cache of mouse sessions, by the key of the mouse configuration. Worker thread only.

    Parameters
    ----------
    rules : JudgementSettings
    profiles : ProfileSource
    enrolments : EnrolmentSource
    """

    def __init__(
        self, rules: JudgementSettings, profiles: ProfileSource, enrolments: EnrolmentSource
    ) -> None:
        self._rules = rules
        self._profiles = profiles
        self._enrolments = enrolments
        self._sessions: dict[str, MouseSession] = {}

    def apply_settings(self, rules: JudgementSettings) -> None:
        """Use other rules for sessions that are opened from now on."""
        self._rules = rules

    def clear(self) -> None:
        """Close every session: profiles may have changed."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def open(
        self, mouse: MouseConfiguration, before: Protection | None, *, enrol: bool = False
    ) -> MouseSession:
        """The session for `mouse`; it continues from the trust of `before`, or replugging would restore trust.

        Parameters
        ----------
        mouse : MouseConfiguration
        before : Protection or None
            What protected until now.
        enrol : bool
            True after the owner asked, and proved who they are, to enrol this mouse.
        """
        cached = self._sessions.get(mouse.key)
        if cached is not None and not enrol:
            if cached.protection is not None and before is not None:
                cached.protection.take_over(before)
            return cached
        session = self._new(mouse, before, enrol=enrol)
        if len(self._sessions) >= _MOST_SESSIONS:
            self.clear()
        self._sessions[mouse.key] = session
        return session

    def _new(self, mouse: MouseConfiguration, before: Protection | None, *, enrol: bool) -> MouseSession:
        selected = self._profiles.choose(mouse)
        problems = list(selected.problems)
        problems += filter(None, [selected.expiry_notice()])
        protection = self._protect(selected, before, problems)
        # A first mouse is learnt by itself; a further one only after the owner has proved who they are.
        learns = not selected.exact and (enrol or selected.profile is None)
        enrolment, idle_reason = self._learn(mouse) if learns else (None, FORBIDDEN)
        renewal = self._renew(mouse, selected, problems) if protection else None
        return MouseSession(mouse, selected, protection, enrolment, tuple(problems), idle_reason, renewal)

    def _protect(
        self, selected: SelectedProfile, before: Protection | None, problems: list[str]
    ) -> Protection | None:
        """The selected profile at work; None, with a line added to `problems`, where it does not work."""
        if selected.profile is None:
            return None
        rules = ReactionRules(self._may_lock(selected))
        try:
            return Protection(selected.profile, rules, known_mouse=selected.exact, before=before)
        except SteadyhandError as error:
            problems.append(str(error))
            return None

    def _renew(
        self, mouse: MouseConfiguration, selected: SelectedProfile, problems: list[str]
    ) -> RenewalRecorder | None:
        """The renewal of the selected profile; None, with a line added to `problems` where it does not work."""
        if selected.profile is None or not selected.exact:
            return None
        try:
            return self._enrolments.renewal(mouse, selected.profile, selected.origin)
        except SteadyhandError as error:
            problems.append(f"the profile cannot be renewed: {error}")
            return None

    def _learn(self, mouse: MouseConfiguration) -> tuple[EnrolmentRecorder | None, str]:
        try:
            return self._enrolments.begin(mouse), FORBIDDEN
        except SteadyhandError as error:
            return None, sentence(
                "There is no profile for this user, and none can be learnt: {why}", why=str(error)
            )

    def _may_lock(self, selected: SelectedProfile) -> bool:
        rules = self._rules
        if selected.profile is None or not selected.exact or selected.expired or rules.mode != "enforce":
            return False
        return rules.lock_on_estimate or not selected.profile.limits.estimated
