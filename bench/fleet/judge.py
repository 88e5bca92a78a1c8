"""Judge of a month: which kills the rules showed and how soon, and what they showed without one. Knows the truth."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.verify import verify
from bench.fleet.fleet import ComputerMonth
from bench.fleet.happenings import Attack, Cut, Happening, Turn
from bench.fleet.receiver_table import Alarm, ReceiverTable, Rules

_RETURNS = frozenset({Happening.LOGIN, Happening.REPAIRED})
_RETURN_SHOWS_S = 3600.0
SILENCE = "silence, unexplained"
_QUIET = ("informational", "low")


@dataclass(frozen=True, slots=True)
class KillOutcome:
    """What became of one kill.

    Attributes
    ----------
    attack : Attack
    has_relay : bool
    alarm_s, low_s : float or None
        How long after it an alarm of level medium or higher, or a low state, was first shown.
    alarm_rule : str
    """

    attack: Attack
    has_relay: bool
    alarm_s: float | None
    low_s: float | None
    alarm_rule: str


@dataclass
class MonthOutcome:
    """Figures over all computers.

    Attributes
    ----------
    records, computers : int
    kills : list of KillOutcome
    false_alarms : Counter
        Alarms without a kill, by rule, level and what had happened last.
    low_hours : list of float
        How long each low state without a kill lasted.
    verified_silences : Counter
        What `steadyhand verify` calls silent without a kill, by what it says of it and what had happened last.
    verified_kills : Counter
        The same with a kill.
    verify_problems : list of str
    """

    records: int = 0
    computers: int = 0
    kills: list[KillOutcome] = field(default_factory=list)
    false_alarms: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    low_hours: list[float] = field(default_factory=list)
    verified_silences: Counter[tuple[str, str]] = field(default_factory=Counter)
    verified_kills: Counter[tuple[str, str]] = field(default_factory=Counter)
    verify_problems: list[str] = field(default_factory=list)

    def merge(self, other_part: MonthOutcome) -> None:
        """Take what another part of the fleet showed."""
        self.records += other_part.records
        self.computers += other_part.computers
        self.kills += other_part.kills
        self.false_alarms += other_part.false_alarms
        self.low_hours += other_part.low_hours
        self.verified_silences += other_part.verified_silences
        self.verified_kills += other_part.verified_kills
        self.verify_problems += other_part.verify_problems

    def add(self, month: ComputerMonth, rules: Rules, until_s: float, *, verifies: bool) -> None:
        """Take one computer's month."""
        self.computers += 1
        self.records += len(month.arrived)
        if not month.arrived:
            return
        table = ReceiverTable(rules, month.arrived)
        lows = list(table.silences(until_s))
        alarms = [*table.alarms(), *(Alarm(SILENCE, "low", begin_s) for begin_s, _ in lows)]
        reaches = [
            (attack, _reach_s(attack, month.history.turns, until_s)) for attack in month.history.attacks
        ]
        self.kills += [_outcome(attack, reach_s, alarms, month) for attack, reach_s in reaches]
        for alarm in alarms:
            if not _is_due(alarm.shown_s, reaches):
                cause = _cause(month.history.turns, alarm.shown_s)
                self.false_alarms[alarm.rule, alarm.level, cause] += 1
        self.low_hours += [(e - b) / 3600 for b, e in lows if not _is_due(b, reaches)]
        if verifies:
            self._verify(month, reaches)

    def _verify(self, month: ComputerMonth, reaches: list[tuple[Attack, float]]) -> None:
        report = verify(_lines(month))
        times_s = {
            a.record.alert.detail["chain"]["number"]: a.record.alert.time_unix_ns / 1e9 for a in month.arrived
        }
        self.verify_problems += report.problems
        for line in report.silences:
            at_s = (
                times_s[int(line.split(" before alert ")[1].split()[0])]
                - month.history.computer.clock_error_s
            )
            cause = _cause(month.history.turns, at_s - float(line.split()[2]) + 30.0)
            is_due = _is_due(at_s, reaches) or any(a.at_s <= at_s <= r + _RETURN_SHOWS_S for a, r in reaches)
            state = line.partition("): ")[2].partition(":")[0]
            (self.verified_kills if is_due else self.verified_silences)[state, cause] += 1


def _lines(month: ComputerMonth) -> Iterator[str]:
    product = Product("1", "Linux")
    return (json.dumps(to_ocsf(arrival.record, product)) for arrival in month.arrived)


def _reach_s(attack: Attack, turns: Iterable[Turn], until_s: float) -> float:
    """Until when what is shown on this computer is due to the attack: an hour after the agent is back."""
    if attack.way is Happening.KILLED:
        return attack.at_s + _RETURN_SHOWS_S
    returns = [turn.at_s for turn in turns if turn.at_s > attack.at_s and turn.happening in _RETURNS]
    return min([until_s, *returns]) + _RETURN_SHOWS_S


def _is_due(at_s: float, reaches: Iterable[tuple[Attack, float]]) -> bool:
    return any(attack.at_s <= at_s <= reach_s for attack, reach_s in reaches)


def _outcome(attack: Attack, reach_s: float, alarms: Iterable[Alarm], month: ComputerMonth) -> KillOutcome:
    due = sorted((a for a in alarms if attack.at_s <= a.shown_s <= reach_s), key=lambda a: a.shown_s)
    loud = [alarm for alarm in due if alarm.level not in _QUIET]
    quiet = [alarm for alarm in due if alarm.level in _QUIET]
    return KillOutcome(
        attack,
        month.history.computer.has_relay,
        loud[0].shown_s - attack.at_s if loud else None,
        quiet[0].shown_s - attack.at_s if quiet else None,
        loud[0].rule if loud else "",
    )


def _cause(turns: tuple[Turn, ...], at_s: float) -> str:
    """What had happened last to the computer."""
    place = bisect_right([turn.at_s for turn in turns], at_s)
    return turns[place - 1].happening.value if place else "nothing yet"


def is_tellable(kill: KillOutcome) -> bool:
    """Whether what arrives can differ at all from a harmless cause: the computer goes on, and on the network."""
    return kill.attack.cut is Cut.NOTHING or (kill.attack.cut is Cut.NETWORK and kill.has_relay)
