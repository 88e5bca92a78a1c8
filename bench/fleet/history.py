"""History of one computer: its days, its accidents and its attacks, from a seed. Knows of no rule and no alert."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from bench.fleet.attacks import AttackPlan
from bench.fleet.happenings import Attack, Cut, FleetComputer, Happening, History, Machine, Span, Turn
from bench.fleet.work_days import WorkDay

_MINUTE_S, _HOUR_S = 60.0, 3600.0
_CRASH_SHARE = 0.02
"""Of work days on which the computer loses its power or its kernel panics."""
_FLAT_BATTERY_SHARE = 0.02
"""Of a laptop's nights asleep."""
_NO_NETWORK_SHARE = 0.25
"""Of work days with a lost VPN or network."""
_FALSE_ALARMS_PER_H = 1 / 40


class HistoryWriter:
    """Writes down what happens to one computer, day by day.

    Parameters
    ----------
    computer : FleetComputer
    random : Random
    plan : mapping of int to AttackPlan
        By the place of the day in the list of work days.
    """

    def __init__(self, computer: FleetComputer, random: Random, plan: dict[int, AttackPlan]) -> None:
        self._computer = computer
        self._random = random
        self._plan = plan
        self._turns: list[Turn] = []
        self._offline: list[Span] = []
        self._attacks: list[Attack] = []
        self._is_on = self._is_asleep = False
        self._at_s = 0.0

    def write(self, days: Sequence[WorkDay], fleet_wide: Sequence[Turn]) -> History:
        """The history of these days; `fleet_wide` happens to every computer that is awake then."""
        for number, day in enumerate(days):
            if day.begin_s < max(self._computer.begins_s, self._at_s) or day.end_s > self._computer.ends_s:
                continue
            self._day(day, self._plan.get(number))
        turns = sorted(self._turns, key=lambda turn: turn.at_s)
        turns = [*turns, *(turn for turn in fleet_wide if _is_awake(turns, turn.at_s))]
        turns.sort(key=lambda turn: turn.at_s)
        return History(self._computer, tuple(turns), tuple(self._offline), tuple(self._attacks))

    def _add(self, at_s: float, happening: Happening, step_s: float = 0.0) -> None:
        self._turns.append(Turn(at_s, happening, step_s))
        self._at_s = max(self._at_s, at_s)

    def _day(self, day: WorkDay, attack: AttackPlan | None) -> None:
        self._arrive(day.begin_s)
        if self._random.random() < _NO_NETWORK_SHARE or day.travels:
            self._lose_network(day)
        if attack is not None:
            attacked_s = day.begin_s + attack.part * (day.end_s - day.begin_s)
            self._breaks(day, attacked_s)
            self._attack(attacked_s, attack, day)
            return
        crash_s = self._random.uniform(day.begin_s, day.end_s)
        crashes = self._random.random() < _CRASH_SHARE
        self._breaks(day, crash_s if crashes else day.end_s)
        if crashes:
            self._crash(crash_s)
        self._accidents(max(day.begin_s, self._at_s), day.end_s)
        self._leave(max(day.end_s, self._at_s + 60.0))

    def _arrive(self, at_s: float) -> None:
        if self._is_asleep:
            self._add(at_s, Happening.WAKE)
        elif not self._is_on:
            self._switch_on(at_s)
        self._is_on, self._is_asleep = True, False

    def _switch_on(self, at_s: float) -> None:
        self._add(at_s, Happening.POWER_ON)
        error_s = 0.0
        if self._computer.has_old_battery:
            error_s = -self._random.uniform(1.0, 400.0) * 86_400.0
        elif self._computer.keeps_local_time and self._random.random() < 0.5:
            error_s = self._random.choice((-_HOUR_S, _HOUR_S))
        if error_s:
            self._add(at_s + 0.5, Happening.CLOCK_SET, error_s)
            corrected_s = at_s + self._random.uniform(20.0, 300.0)
            self._turns.append(Turn(corrected_s, Happening.CLOCK_SET, self._computer.clock_error_s))
        self._add(at_s + self._random.uniform(8.0, 60.0), Happening.LOGIN)

    def _breaks(self, day: WorkDay, until_s: float) -> None:
        """Lunch and other breaks, with the lid closed on most laptops."""
        for begin_s, end_s in day.breaks:
            sleeps = self._computer.machine is Machine.LAPTOP and self._random.random() < 0.75
            if sleeps and end_s < until_s and begin_s > self._at_s + _MINUTE_S:
                self._add(begin_s, Happening.SLEEP)
                self._add(end_s, Happening.WAKE)

    def _crash(self, at_s: float) -> None:
        at_s = max(at_s, self._at_s + 30.0)
        self._add(at_s, Happening.POWER_LOST)
        self._switch_on(at_s + self._random.uniform(60.0, 1800.0))

    def _lose_network(self, day: WorkDay) -> None:
        for _ in range(self._random.randint(1, 3)):
            begin_s = self._random.uniform(day.begin_s, day.end_s)
            most_s = 6 * _HOUR_S if day.travels else 90 * _MINUTE_S
            self._offline.append(Span(begin_s, begin_s + self._random.uniform(2 * _MINUTE_S, most_s)))

    def _accidents(self, begin_s: float, end_s: float) -> None:
        """What interrupts neither the power nor sleep."""
        awake = self._spans_awake(begin_s, end_s)
        for happening, share in (
            (Happening.AGENT_CRASH, 0.016),
            (Happening.QUIT, 0.004),
            (Happening.LOGOUT, 0.02),
            (Happening.FREEZE, 0.5 if self._computer.machine is Machine.VIRTUAL else 0.0),
            (Happening.FALSE_ALARM, _FALSE_ALARMS_PER_H * sum(s.end_s - s.begin_s for s in awake) / _HOUR_S),
        ):
            if awake and self._random.random() < share:
                span = self._random.choice(awake)
                at_s = self._random.uniform(span.begin_s, span.end_s)
                self._turns.append(Turn(at_s, happening))
                if happening is Happening.FREEZE:
                    self._thaw(at_s, at_s + (span.end_s - at_s) * self._random.random())
                if happening is Happening.LOGOUT:
                    back_s = min(at_s + self._random.uniform(30.0, 600.0), span.end_s)
                    self._turns.append(Turn(back_s, Happening.LOGIN))

    def _thaw(self, frozen_s: float, at_s: float) -> None:
        """The machine goes on as if no time had passed, and has its clock set a little later."""
        own_error_s = self._computer.clock_error_s
        self._turns.append(Turn(at_s, Happening.THAW))
        self._turns.append(Turn(at_s + 0.01, Happening.CLOCK_SET, own_error_s + frozen_s - at_s))
        self._turns.append(Turn(at_s + self._random.uniform(1.0, 120.0), Happening.CLOCK_SET, own_error_s))

    def _spans_awake(self, begin_s: float, end_s: float) -> list[Span]:
        spans, awake_since_s = [], begin_s
        for turn in self._turns:
            if turn.at_s < begin_s or turn.at_s > end_s:
                continue
            if turn.happening is Happening.SLEEP:
                spans.append(Span(awake_since_s, turn.at_s))
            elif turn.happening is Happening.WAKE:
                awake_since_s = turn.at_s
        return [span for span in [*spans, Span(awake_since_s, end_s)] if span.end_s > span.begin_s + 120.0]

    def _leave(self, at_s: float) -> None:
        """The evening: left on, shut down, or asleep with what a laptop does in its bag."""
        if self._computer.stays_on and self._random.random() < 0.9:
            return
        if self._computer.shuts_down or self._random.random() < 0.05:
            self._add(at_s, Happening.SHUTDOWN)
            self._is_on = False
            return
        self._add(at_s, Happening.SLEEP)
        self._is_asleep = True
        if self._random.random() < 0.1:
            opened_s = at_s + self._random.uniform(120.0, 6 * _HOUR_S)
            open_s = self._random.uniform(5.0, 400.0)
            self._add(opened_s, Happening.WAKE)
            self._add(opened_s + open_s, Happening.SLEEP)
            self._offline.append(Span(opened_s, opened_s + open_s))
        if self._computer.machine is Machine.LAPTOP and self._random.random() < _FLAT_BATTERY_SHARE:
            self._add(self._at_s + self._random.uniform(1.0, 5.0) * _HOUR_S, Happening.POWER_LOST)
            self._is_on = self._is_asleep = False

    def _attack(self, at_s: float, attack: AttackPlan, day: WorkDay) -> None:
        """The kill, and how that day goes on."""
        at_s = max(at_s, self._at_s + 5 * _MINUTE_S)
        ends_s = max(day.end_s, at_s + 2 * _HOUR_S)
        self._add(at_s, attack.way)
        self._attacks.append(Attack(at_s, attack.way, attack.cut))
        # The network works around an attack, unless the attack is what cuts it.
        self._offline = [s for s in self._offline if s.end_s < at_s - 600.0 or s.begin_s > ends_s]
        cut_s = at_s + self._random.uniform(0.0, 50.0)
        if attack.cut is Cut.POWER:
            self._add(cut_s, Happening.POWER_LOST)
        elif attack.cut is Cut.NETWORK:
            self._offline.append(Span(cut_s, ends_s))
            self._add(ends_s, Happening.SHUTDOWN)
        elif attack.way is Happening.KILLED:
            self._leave(ends_s)
            return
        elif attack.is_repaired:
            self._add(at_s + self._random.uniform(1.0, 1.9) * _HOUR_S, Happening.REPAIRED)
            self._add(ends_s, Happening.SHUTDOWN)
        else:
            self._add(ends_s, Happening.SHUTDOWN)
        self._is_on = self._is_asleep = False


def _is_awake(turns: Sequence[Turn], at_s: float) -> bool:
    """Whether the computer is on and awake, with somebody logged in."""
    state = Happening.SHUTDOWN
    for turn in turns:
        if turn.at_s > at_s:
            break
        if turn.happening in _STATES:
            state = turn.happening
    return state in (Happening.LOGIN, Happening.WAKE, Happening.THAW)


_STATES = frozenset(
    {
        Happening.POWER_ON,
        Happening.LOGIN,
        Happening.SLEEP,
        Happening.WAKE,
        Happening.LOGOUT,
        Happening.SHUTDOWN,
        Happening.POWER_LOST,
        Happening.FREEZE,
        Happening.THAW,
        Happening.QUIT,
        Happening.KILLED_FOR_GOOD,
        Happening.ENDED_FOR_GOOD,
        Happening.STOPPED_STILL,
        Happening.ERASED,
    }
)
