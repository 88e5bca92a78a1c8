"""Drill: a colleague takes the mouse for some minutes, with consent; what is found is measured and locks nothing.

The drill has a protection of its own, which begins where the owner's stands; the owner's hears nothing but the
boundaries at both ends, so that its trust afterwards is what it was before.
"""

from __future__ import annotations

from typing import Final

from agent.engine.errors import SteadyhandError
from agent.engine.events import StreamItem
from agent.engine.profile import Profile
from agent.engine.sequential_test import Verdict
from agent.files.drill_log import DrillOutcome
from agent.runtime.pipeline.decision import Reaction, ReactionRules
from agent.runtime.pipeline.protection import Protection

DRILL_NS: Final = 300_000_000_000


class Drill:
    """One drill. Worker thread only.

    Parameters
    ----------
    profile : Profile
        The owner's.
    owner : Protection
        The owner's protection: the drill takes over from its trust.
    now_ns : int
        Monotonic time of its beginning.

    Raises
    ------
    SteadyhandError
        If the owner is under suspicion, or the mouse is not the profile's.
    """

    def __init__(self, profile: Profile, owner: Protection, now_ns: int) -> None:
        if owner.verdict not in (Verdict.GENUINE, Verdict.NO_EVIDENCE):
            raise SteadyhandError(
                "there is no drill while the mouse is not moved as its owner moves it", "begin another time"
            )
        self._protection = Protection(profile, ReactionRules(may_lock=False), before=owner)
        self._began_ns = now_ns
        self._actions = 0
        self._found: tuple[float, int] | None = None

    def feed(self, item: StreamItem) -> None:
        """Judge one item of the colleague."""
        for judgement, reaction in self._protection.feed(item):
            self._actions += judgement.verdict is not Verdict.NO_EVIDENCE
            if self._found is None and reaction is Reaction.ALERT_INTRUDER:
                self._found = ((judgement.t_ns - self._began_ns) / 1e9, self._actions)

    def is_over(self, now_ns: int) -> bool:
        """True once the colleague was found, or the time is over."""
        return self._found is not None or now_ns - self._began_ns >= DRILL_NS

    def outcome(self, now_ns: int, wall_ns: int) -> DrillOutcome:
        """What became of it, at its end."""
        found_s, found_actions = self._found or (None, None)
        seconds = round((now_ns - self._began_ns) / 1e9, 1)
        shown_s = None if found_s is None else round(max(0.0, found_s), 1)
        return DrillOutcome(wall_ns // 1_000_000_000, seconds, self._actions, shown_s, found_actions)
