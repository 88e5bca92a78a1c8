"""Totals of the overview: how many are where, and never who."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from enroll.overview.rows import LEAST_SHOWN, SILENT, OverviewRow


@dataclass(frozen=True, slots=True)
class OverviewTotals:
    """Counts over everybody who is not exempt, but for `exempt`.

    Attributes
    ----------
    people, mice : int
    with_profile : int
        People who have a profile that is used.
    estimates : int
        Rows whose rates are estimates.
    waiting : int
        People for whom something waits for the administrator.
    seen_this_week, silent, never_seen : int
        People by their last sign of life; 0 each where no export was read.
    false_alarms : int
    modes, agent_versions : dict of str to int
        People by mode and by version; of several, each counts.
    exempt : int or None
        People for whom nothing is recorded or judged; None where there are fewer than five, and not none.
    """

    people: int
    mice: int
    with_profile: int
    estimates: int
    waiting: int
    seen_this_week: int
    silent: int
    never_seen: int
    false_alarms: int
    modes: dict[str, int]
    agent_versions: dict[str, int]
    exempt: int | None

    def to_json(self) -> dict[str, Any]:
        """Plain values; a total that is hidden is a text."""
        return asdict(self) | {"exempt": hidden_below_five(self.exempt)}


def totals_of(
    rows: Sequence[OverviewRow], exempt: int, now: datetime, *, agents_are_known: bool
) -> OverviewTotals:
    """Count the rows; `exempt` is how many people are left out of them."""
    by_person: dict[str, list[OverviewRow]] = {}
    for row in rows:
        by_person.setdefault(row.person, []).append(row)
    first = [mice[0] for mice in by_person.values()]
    days = [row.last_sign_of_life for row in first]
    week = (now - SILENT).date().isoformat()
    return OverviewTotals(
        people=len(by_person),
        mice=len({row.mouse for row in rows if row.mouse}),
        with_profile=sum(
            any(r.state in ("valid", "transferred") for r in mice) for mice in by_person.values()
        ),
        estimates=sum(row.is_estimate for row in rows),
        waiting=sum(any(row.waits for row in mice) for mice in by_person.values()),
        seen_this_week=sum(day >= week for day in days if day),
        silent=sum(day < week for day in days if day),
        never_seen=sum(not day for day in days) if agents_are_known else 0,
        false_alarms=sum(row.false_alarms for row in first),
        modes=_counted(row.mode for row in first),
        agent_versions=_counted(row.agent_version for row in first),
        exempt=exempt if exempt == 0 or exempt >= LEAST_SHOWN else None,
    )


def hidden_below_five(count: int | None) -> int | str:
    """The count, or words where it would point at somebody."""
    return f"fewer than {LEAST_SHOWN}" if count is None else count


def _counted(joined: Any) -> dict[str, int]:
    counter = Counter(word for words in joined for word in words.split(", ") if word)
    return dict(sorted(counter.items()))
