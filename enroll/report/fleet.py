"""The sentence that a decision needs: what switching locking on would cost so many people a week."""

from __future__ import annotations

from dataclasses import dataclass

from enroll.report import rates
from enroll.report.results import StreamResult
from enroll.report.words import counted, rounded_two, short, written


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

    def per_week(self, per_40h: float) -> float:
        """What a rate per 40 active hours makes for all of them in a week."""
        return rates.per_week(per_40h, self.people, self.hours)

    def named(self) -> dict[str, str]:
        """How many people, and how many hours each, as a page writes them."""
        return {"people": counted("{n} person", "{n} people", self.people), "hours": short(self.hours)}


def cost_sentence(stream: StreamResult, fleet: Fleet) -> str:
    """False locks of the whole fleet in a week, with the upper 95 % bound of what was measured."""
    false_locks = fleet.per_week(stream.false_locks_per_40h)
    at_most = fleet.per_week(rates.most_per_40h(stream.false_locks, stream.active_hours))
    who = written("{people} with {hours} active hours a week each", **fleet.named())
    measured = {"who": who, "hours": short(stream.active_hours), "most": rounded_two(at_most)}
    if not false_locks:
        return written(
            "Switching locking on for {who} would cost at most {most} false locks a week (95 %): none was seen in "
            "{hours} hours.",
            **measured,
        )
    return written(
        "Switching locking on for {who} would cost {cost} a week; {hours} observed hours cannot exclude {most} (95 %).",
        cost=written("about {n} false locks", n=rounded_two(false_locks)),
        **measured,
    )
