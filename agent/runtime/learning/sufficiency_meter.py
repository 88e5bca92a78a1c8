"""Sufficiency meter: whether an enrolment may end, from its counts and the estimate of the training child."""

from __future__ import annotations

from typing import Final

from agent.config import schema as settings
from agent.engine.sufficiency import Sufficiency

MOST_TIMES: Final = 4
"""With so many times the actions that are wanted a profile is made, even where more would make it better."""
LEAST_WEIGHED: Final = 300
_WEIGHED_AGAIN: Final = 1.25
_NEARLY: Final = 0.99


class SufficiencyMeter:
    """Sufficiency of one enrolment. Worker thread, but for `set_estimate`.

    Parameters
    ----------
    wanted : settings.EnrolmentSettings
    here : bool
        False where an administrator learns from the recordings: then counts alone decide here.

    Attributes
    ----------
    sufficiency : Sufficiency or None
        The newest; None before the data were weighed.
    """

    def __init__(self, wanted: settings.EnrolmentSettings, *, here: bool = True) -> None:
        self._wanted = wanted
        self._here = here
        self._weighed_at = 0
        self._cannot_weigh = False
        self.sufficiency: Sufficiency | None = None

    def set_estimate(self, sufficiency: Sufficiency | None) -> None:
        """Take an estimate; None where there is none: then counts alone decide. Any thread."""
        self.sufficiency = sufficiency or self.sufficiency
        self._cannot_weigh = sufficiency is None

    def is_due(self, actions: int) -> bool:
        """True once when the data should be weighed: at 300 actions, and with every fourth more."""
        if not self._here or actions < max(LEAST_WEIGHED, _WEIGHED_AGAIN * self._weighed_at):
            return False
        self._weighed_at = actions
        return True

    def share(self, actions: int, sessions: int, used_h: float) -> float:
        """How much of what is wanted is there, 0-1; 1 where a profile can be made."""
        counted = min(1.0, actions / self._wanted.actions, sessions / self._wanted.sessions)
        if counted < 1.0 or self._suffices(actions):
            return counted
        by_actions = actions / (MOST_TIMES * self._wanted.actions)
        estimate = self.sufficiency
        by_hours = used_h / estimate.enough_hours if estimate and estimate.enough_hours else 0.0
        return min(_NEARLY, max(by_actions, by_hours))

    def _suffices(self, actions: int) -> bool:
        """Whether more would hardly make the profile better, where policy asks for that."""
        if (
            not self._here
            or self._wanted.until == "counts"
            or self._cannot_weigh
            or actions >= MOST_TIMES * self._wanted.actions
        ):
            return True
        return self.sufficiency is not None and self.sufficiency.enough
