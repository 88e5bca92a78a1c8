"""Attack plans: which computers are attacked, on which of their days and how."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from bench.fleet.happenings import ATTACKS, Cut, Happening


@dataclass(frozen=True, slots=True)
class AttackPlan:
    """One attack.

    Attributes
    ----------
    way : Happening
    part : float
        Of the work day that has gone by then.
    cut : Cut
    is_repaired : bool
        An administrator starts the agent again on the same day.
    """

    way: Happening
    part: float
    cut: Cut
    is_repaired: bool


def draw_attacks(random: Random, days: int, attacks_per_day: float) -> dict[int, AttackPlan]:
    """The attacks on one computer, by the place of the day in the list of its work days."""
    ways = sorted(ATTACKS, key=lambda way: way.name)
    plans = {}
    for day in range(1, days):
        if random.random() < attacks_per_day:
            way = random.choice(ways)
            can_cut = way is Happening.KILLED_FOR_GOOD and random.random() < 0.6
            cut = random.choice((Cut.POWER, Cut.NETWORK)) if can_cut else Cut.NOTHING
            plans[day] = AttackPlan(way, random.uniform(0.1, 0.7), cut, random.random() < 0.5)
    return plans
