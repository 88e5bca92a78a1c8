"""The sentence that a decision needs: what switching locking on would cost so many people a week."""

from __future__ import annotations

from dataclasses import dataclass

from enroll.report import rates
from enroll.report.results import StreamResult
from enroll.report.words import about, counted, short


@dataclass(frozen=True, slots=True)
class Fleet:
    """Whom locking would be switched on for.

    Attributes
    ----------
    people : int
    hours : float
        Active hours at the mouse, of each in a week.
    """

    people: int = 1_000
    hours: float = 40.0


def cost_sentence(stream: StreamResult, fleet: Fleet) -> str:
    """False locks of the whole fleet in a week, with the upper 95 % bound of what was measured."""
    false_locks = rates.per_week(stream.false_locks_per_40h, fleet.people, fleet.hours)
    most = rates.most_per_40h(stream.false_locks, stream.active_hours)
    at_most = rates.per_week(most, fleet.people, fleet.hours)
    who = f"{counted(fleet.people, 'person', 'people')} with {short(fleet.hours)} active hours a week each"
    cost = "no false lock" if false_locks == 0.0 else f"{about(false_locks)} false locks"
    return (
        f"Switching locking on for {who} would cost {cost} a week; {short(stream.active_hours)} observed hours "
        f"cannot exclude {about(at_most).removeprefix('about ')} (95 %)."
    )
