"""The figures of the benchmarks and the limits that docs/design.md sets for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of `build/bench.json`.

    Attributes
    ----------
    part, key : str
        Where it stands in the file.
    unit : str
    limit : float or None
        The budget; None where there is none.
    at_least : bool
        True where more is better.
    """

    part: str
    key: str
    unit: str
    limit: float | None
    at_least: bool = False

    def is_within(self, measured: float) -> bool:
        """True where the value keeps the budget, or there is none."""
        if self.limit is None:
            return True
        return measured >= self.limit if self.at_least else measured <= self.limit


FIGURES: Final = (
    Figure("kernel", "ns_per_event", "ns", 120.0),
    Figure("kernel", "ratio_bare", "times a bare loop", 5.0),
    Figure("kernel_frequency", "ns_per_event", "ns", 300.0),
    Figure("kernel_frequency", "ratio_bare", "times a bare loop", 12.0),
    Figure("agent", "rss_mb", "MB", 80.0),
    Figure("agent", "ready_s", "s", 1.0),
    Figure("agent", "cpu_percent_125hz", "% of a core", 3.0),
    Figure("agent", "cpu_percent_1000hz", "% of a core", 10.0),
    Figure("agent", "lost_events", "events", 0.0),
    # The heartbeat, and what wakes up with it.
    Figure("agent", "idle_wakeups_per_min", "a minute", 2.0),
    Figure("verdict", "p99_ms", "ms", 5.0),
    Figure("lock", "verified_ms", "ms", 1000.0),
    Figure("alert", "on_disk_ms", "ms", 50.0),
    Figure("enrol", "seconds_per_hour", "s", 10.0),
    Figure("load", "mb_per_s", "MB/s", None),
)

Measured = Mapping[str, Mapping[str, float | str]]


def headline(measured: Measured) -> dict[str, dict[str, float]]:
    """The content of `build/bench.json`: what was measured of `FIGURES`, and nothing else."""
    headline_figures: dict[str, dict[str, float]] = {}
    for figure in FIGURES:
        measured_figure = measured.get(figure.part, {}).get(figure.key)
        if isinstance(measured_figure, (int, float)):
            headline_figures.setdefault(figure.part, {})[figure.key] = measured_figure
    return headline_figures


def table(part: str, figures: Mapping[str, float | str]) -> list[str]:
    """Lines for people: the figures with a budget first, then the details beside them."""
    limits = {figure.key: figure for figure in FIGURES if figure.part == part}
    lines = [_line(figure, figures[key]) for key, figure in limits.items() if key in figures]
    lines += [f"    {key:<34} {_number(figure):>12}" for key, figure in figures.items() if key not in limits]
    return [part, *lines]


def _line(figure: Figure, measured: float | str) -> str:
    shown = f"  {figure.key:<36} {_number(measured):>12} {figure.unit:<18}"
    if figure.limit is None:
        return shown.rstrip()
    verdict = "kept" if isinstance(measured, (int, float)) and figure.is_within(measured) else "EXCEEDED"
    return f"{shown} budget {'>=' if figure.at_least else '<='} {figure.limit:g}: {verdict}"


def _number(figure: float | str) -> str:
    return figure if isinstance(figure, str) else f"{figure:,.4g}" if abs(figure) < 1e4 else f"{figure:,.0f}"
