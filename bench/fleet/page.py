"""Page of a month: the figures as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from bench.fleet.fleet import FleetPlan
from bench.fleet.judge import SILENCE, KillOutcome, MonthOutcome, is_tellable

_NEVER = "-"


def figures(plan: FleetPlan, outcome: MonthOutcome) -> str:
    """The tables."""
    weeks = plan.computers * plan.days / 7
    head = (
        f"{outcome.computers} computers, {plan.days} days, seed {plan.seed}: {outcome.records:,} records, "
        f"{len(outcome.kills)} kills."
    )
    return "\n\n".join(
        (head, _kills(outcome.kills), _false_alarms(outcome, weeks), _lows(outcome), _verified(outcome))
    )


def _kills(kills: Sequence[KillOutcome]) -> str:
    rows = [
        "| kill | relay | kills | alarm | median, slowest | low state alone | nothing |",
        "|---|---|---|---|---|---|---|",
    ]
    groups: dict[tuple[bool, str, str, bool], list[KillOutcome]] = {}
    for kill in kills:
        key = (not is_tellable(kill), kill.attack.way.value, kill.attack.cut.value, kill.has_relay)
        groups.setdefault(key, []).append(kill)
    for (cannot, way, cut, has_relay), members in sorted(groups.items()):
        delays = sorted(kill.alarm_s for kill in members if kill.alarm_s is not None)
        lows = sum(kill.alarm_s is None and kill.low_s is not None for kill in members)
        name = (
            way + (f", then {cut} cut" if cut != "nothing" else "") + (" (cannot be told)" if cannot else "")
        )
        shown = f"{_duration(median(delays))}, {_duration(delays[-1])}" if delays else _NEVER
        nothing = len(members) - len(delays) - lows
        rows.append(
            f"| {name} | {_yes(has_relay)} | {len(members)} | {len(delays)} | {shown} | {lows} | {nothing} |"
        )
    return "\n".join(rows)


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _false_alarms(outcome: MonthOutcome, weeks: float) -> str:
    rows = ["| rule | level | what had happened | alarms | a computer and week |", "|---|---|---|---|---|"]
    for (rule, level, cause), count in sorted(
        outcome.false_alarms.items(), key=lambda pair: (pair[0][:2], -pair[1])
    ):
        rows.append(f"| {rule} | {level} | {cause} | {count} | {count / weeks:.3f} |")
    return "\n".join(rows)


def _lows(outcome: MonthOutcome) -> str:
    hours = sorted(outcome.low_hours)
    if not hours:
        return f"No low state ({SILENCE}) without a kill."
    return (
        f"{len(hours)} low states ({SILENCE}) without a kill: median {_duration(3600 * median(hours))}, "
        f"longest {_duration(3600 * hours[-1])}."
    )


def _verified(outcome: MonthOutcome) -> str:
    problems = "; ".join(sorted(set(outcome.verify_problems))[:3]) or "none"
    return (
        f"`steadyhand verify`: silences after kills {_counted(outcome.verified_kills.items())}; "
        f"without a kill {_counted(outcome.verified_silences.items())}; problems: {problems}."
    )


def _counted(pairs: Iterable[tuple[tuple[str, str], int]]) -> str:
    return ", ".join(f"{count} {state} ({cause})" for (state, cause), count in sorted(pairs)) or "none"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
