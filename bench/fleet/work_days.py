"""Work days: when a person is at the computer, in local time, with weekends, holidays and leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

FIRST_DAY = date(2026, 3, 6)
"""The 31 days from here hold the change to summer time in America (8 March) and Europe (29 March), and Easter."""
ZONES = ("Europe/Berlin", "Europe/Berlin", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
PUBLIC_HOLIDAYS = {
    "Europe/Berlin": frozenset({date(2026, 4, 3), date(2026, 4, 6)}),
    "America/New_York": frozenset({date(2026, 4, 3)}),
    "Asia/Kolkata": frozenset({date(2026, 3, 21)}),
}


@dataclass(frozen=True, slots=True)
class WorkDay:
    """When a person works.

    Attributes
    ----------
    begin_s, end_s : float
        True time, seconds since 1970.
    breaks : tuple of (float, float)
        The computer is left for it: begin and end.
    travels : bool
        Spent on the road.
    """

    begin_s: float
    end_s: float
    breaks: tuple[tuple[float, float], ...]
    travels: bool


def work_days(random: Random, zone: str, days: int) -> list[WorkDay]:
    """The days on which one person works, in order."""
    leave = _leave(random, days)
    trip = random.randrange(days) if random.random() < 0.2 else days
    planned = []
    for number in range(days):
        day = FIRST_DAY + timedelta(number)
        is_free = day.weekday() >= 5 or day in PUBLIC_HOLIDAYS[zone]
        if number in leave or random.random() > (0.06 if is_free else 0.96):
            continue
        planned.append(_work_day(random, day, ZoneInfo(zone), travels=trip <= number < trip + 4))
    return planned


def local_s(day: date, hour: float, zone: ZoneInfo) -> float:
    """Seconds since 1970 of an hour of a day, as the clocks of the place show it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (midnight + timedelta(hours=hour)).timestamp()


def _leave(random: Random, days: int) -> range:
    if random.random() > 0.25:
        return range(0)
    begin = random.randrange(days)
    return range(begin, begin + random.randint(3, 14))


def _work_day(random: Random, day: date, zone: ZoneInfo, *, travels: bool) -> WorkDay:
    begin_s = local_s(day, random.gauss(8.6, 0.7), zone)
    end_s = max(local_s(day, random.gauss(17.2, 1.2), zone), begin_s + 1800.0)
    breaks: list[tuple[float, float]] = []
    if random.random() < 0.85:
        lunch_s = local_s(day, random.gauss(12.3, 0.4), zone)
        breaks.append((lunch_s, lunch_s + random.uniform(900.0, 5400.0)))
    for _ in range(random.randrange(3)):
        at_s = random.uniform(begin_s, end_s)
        breaks.append((at_s, at_s + random.uniform(300.0, 5400.0)))
    return WorkDay(begin_s, end_s, _disjoint(breaks, begin_s, end_s), travels)


def _disjoint(
    breaks: list[tuple[float, float]], begin_s: float, end_s: float
) -> tuple[tuple[float, float], ...]:
    """Those that lie within the day and apart by ten minutes, in order."""
    chosen: list[tuple[float, float]] = []
    free_from_s = begin_s + 600.0
    for first_s, last_s in sorted(breaks):
        if first_s >= free_from_s and last_s <= end_s - 600.0:
            chosen.append((first_s, last_s))
            free_from_s = last_s + 600.0
    return tuple(chosen)
