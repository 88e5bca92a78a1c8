"""Reliability of the stated posterior as a table in Markdown, over several results together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from enroll.protocols.reliability import LEAST_EVENTS, LockCounts, reliability


def reliability_lines(runs: Sequence[Mapping[str, Any]]) -> str:
    """A line an asked rate: stated, observed with its interval, and the counts of all runs together.

    Parameters
    ----------
    runs : sequence of figures
        Of the stream protocol, of one mode, no person in two of them.
    """
    bins = reliability(_together(runs))
    lines = [
        "| asked per 40 h | a lock states | observed (95 %) | false locks in active hours | intrusions locked |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {b['asked_per_40h']:g} | {_percent(b['stated'])} | {_observed(b)} | {b['false_locks']} in "
        f"{b['active_hours']:.1f} | {b['caught']} of {b['intrusions']} |"
        for b in bins
    ]
    return "\n".join(lines)


def _together(runs: Sequence[Mapping[str, Any]]) -> dict[float, LockCounts]:
    rows = [row for run in runs for row in run["reliability"]]
    return {
        asked: LockCounts(
            *(
                sum(row[key] for row in rows if row["asked_per_40h"] == asked)
                for key in ("false_locks", "active_hours", "caught", "intrusions")
            )
        )
        for asked in sorted({row["asked_per_40h"] for row in rows})
    }


def _observed(row: Mapping[str, Any]) -> str:
    if row["observed"] is None:
        return f"under {LEAST_EVENTS} events"
    low, high = row["observed_ci95"]
    return f"{_percent(row['observed'])} ({_percent(low)} to {_percent(high)})"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100.0 * share:.2g} %"
