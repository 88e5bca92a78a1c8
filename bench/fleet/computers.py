"""Computers of the company: which machines, habits and clocks there are, drawn from a seed."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from bench.fleet.happenings import DAY_S, FleetComputer, Machine
from bench.fleet.work_days import FIRST_DAY, ZONES

_MACHINES = (Machine.LAPTOP,) * 15 + (Machine.DESKTOP,) * 4 + (Machine.VIRTUAL,)


def month_begin_s() -> float:
    """Midnight UTC of the first day."""
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC).timestamp()


def draw_computer(random: Random, number: int, days: int) -> FleetComputer:
    """One computer and the habits of its person."""
    begin_s = month_begin_s() - DAY_S
    end_s = begin_s + (days + 2) * DAY_S
    machine = random.choice(_MACHINES)
    is_laptop = machine is Machine.LAPTOP
    joins, leaves = random.random() < 0.015, random.random() < 0.01
    return FleetComputer(
        number=number,
        machine=machine,
        zone=random.choice(ZONES),
        has_relay=random.random() < 0.7,
        stays_on=random.random() < (0.03 if is_laptop else 0.4),
        shuts_down=random.random() < (0.3 if is_laptop else 0.7),
        clock_error_s=random.gauss(0.0, 240.0) if random.random() < 0.1 else random.gauss(0.0, 0.2),
        keeps_local_time=random.random() < 0.02,
        has_old_battery=random.random() < 0.02,
        begins_s=begin_s + random.uniform(0.2, 0.8) * days * DAY_S if joins else begin_s,
        ends_s=begin_s + random.uniform(0.3, 0.9) * days * DAY_S if leaves else end_s,
    )
