"""Fleet: the histories of all computers of a month, from one seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from bench.fleet.agent_life import AgentLife, draw_identifier
from bench.fleet.arrival import Arrived, arrivals, network_spans
from bench.fleet.attacks import draw_attacks
from bench.fleet.computers import draw_computer, month_begin_s
from bench.fleet.happenings import DAY_S, Happening, History, Span, Turn
from bench.fleet.history import HistoryWriter
from bench.fleet.relay_life import RelayLife
from bench.fleet.work_days import work_days

SEALED_EVERY = 5
"""One computer in so many has its alerts sealed, for `steadyhand verify`: hashes take most of the time."""
_RECEIVER_DOWN_S = 3 * 3600.0


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """What is simulated.

    Attributes
    ----------
    computers, days : int
    seed : int
    attacks_per_day : float
        Of each computer.
    first : int
        Number of the first computer: a part of a fleet is the same computers as in the whole.
    """

    computers: int
    days: int
    seed: int
    attacks_per_day: float
    first: int = 0


@dataclass(frozen=True, slots=True)
class ComputerMonth:
    """What happened to a computer, and what the receiver was sent.

    Attributes
    ----------
    history : History
    arrived : tuple of Arrived
        In the order of arrival.
    """

    history: History
    arrived: tuple[Arrived, ...]


def receiver_down(plan: FleetPlan) -> Span:
    """When the receiver is down for maintenance: three hours in the middle of a working day."""
    middle_s = month_begin_s() + (plan.days // 2) * DAY_S + 9 * 3600.0
    return Span(middle_s, middle_s + _RECEIVER_DOWN_S)


def months(plan: FleetPlan) -> Iterator[ComputerMonth]:
    """Every computer's month, one after the other."""
    begin_s = month_begin_s()
    fleet_wide = (
        Turn(begin_s + plan.days * 0.3 * DAY_S + 39_000.0, Happening.UPDATE),
        Turn(begin_s + plan.days * 0.6 * DAY_S + 42_000.0, Happening.POLICY),
    )
    for number in range(plan.first, plan.first + plan.computers):
        random = Random(f"{plan.seed} {number}")
        computer = draw_computer(random, number, plan.days)
        days = work_days(random, computer.zone, plan.days)
        attacks = draw_attacks(random, len(days), plan.attacks_per_day)
        history = HistoryWriter(computer, random, attacks).write(days, fleet_wide)
        spans = network_spans(history, [receiver_down(plan)], random)
        seals = number % SEALED_EVERY == 0
        # The relay's chain is the one that counts, where there is a relay.
        raised = AgentLife(computer, random, seals=seals and not computer.has_relay).live(history)
        if computer.has_relay:
            raised = RelayLife(history, draw_identifier(random), seals=seals).pass_on(raised)
        yield ComputerMonth(history, tuple(arrivals(raised, spans, random, has_relay=computer.has_relay)))
