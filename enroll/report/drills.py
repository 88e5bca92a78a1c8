"""Drills in one's own house: a colleague took the mouse with consent, and whether and how soon it was found."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agent.alerts.alert import AlertKind
from agent.files.drill_log import DrillOutcome
from agent.language.language import mark
from agent.runtime.status.drill_report import LEAST_ACTIONS, DrillReport
from enroll.overview.events import ExportedEvent, exported_events
from enroll.report.blocks import Tile, paragraph, section, tiles
from enroll.report.markup import Markup
from enroll.report.words import counted, percent, short, written

_ABOUT = mark(
    "In a drill a colleague takes the mouse with the owner's consent, and nothing is locked. The other figures on "
    "intruders come from recordings; these were measured on your own computers. Whoever takes part chooses the "
    "colleague, so the share holds for these drills, not for every intruder."
)


@dataclass(frozen=True, slots=True)
class DrillFigures:
    """What the exported drills add up to.

    Attributes
    ----------
    agents : int
        Accounts on computers that held a drill.
    report : DrillReport
        Over all of them.
    """

    agents: int
    report: DrillReport


def read_drill_events(files: Iterable[Path]) -> DrillFigures | None:
    """Count the drills of an export; None where none ended in it.

    Raises
    ------
    SteadyhandError
        If a file cannot be read, or a line of it is no event of an agent.
    """
    # The same alert may stand in an export twice.
    outcomes = {
        (event.agent, event.at): _outcome(event) for event in exported_events(files) if _ends_drill(event)
    }
    if not outcomes:
        return None
    return DrillFigures(len({agent for agent, _ in outcomes}), DrillReport.of(tuple(outcomes.values())))


def drills_section(figures: DrillFigures) -> Markup:
    """The section of the report."""
    drills = figures.report
    agents = counted("{n} agent", "{n} agents", figures.agents)
    return section(
        written("Drills: measured here"),
        paragraph(written(_ABOUT), "under"),
        tiles([_found(drills, agents), _soon(drills), _left_out(drills)]),
    )


def _found(drills: DrillReport, agents: str) -> Tile:
    if not drills.drills:
        return Tile(written("Colleagues found"), "-", written("no drill counts yet"))
    about = written(
        "{share}, 95 % interval {low} to {high}, on {agents}",
        share=percent(drills.noticed / drills.drills, 0),
        low=percent(drills.share_low, 0),
        high=percent(drills.share_high, 0),
        agents=agents,
    )
    figure = written("{part} of {whole}", part=drills.noticed, whole=drills.drills)
    return Tile(written("Colleagues found"), figure, about)


def _soon(drills: DrillReport) -> Tile:
    if drills.median_s is None or drills.median_actions is None:
        return Tile(written("Until found"), "-", written("nobody was found"))
    about = written("and {n} actions, medians over those found", n=short(drills.median_actions))
    return Tile(written("Until found"), written("{n} s", n=short(drills.median_s)), about)


def _left_out(drills: DrillReport) -> Tile:
    about = written("nothing found, and fewer than {n} actions judged", n=LEAST_ACTIONS)
    return Tile(written("Drills not counted"), short(drills.not_counted), about)


def _ends_drill(event: ExportedEvent) -> bool:
    """Whether it says what became of a drill: the one that begins it has no figures."""
    return event.kind == AlertKind.DRILL.value and _figure(event, "judged_actions") is not None


def _outcome(event: ExportedEvent) -> DrillOutcome:
    found_actions = _figure(event, "found_actions")
    return DrillOutcome(
        t_unix_s=int(event.at.timestamp()),
        seconds=_figure(event, "seconds") or 0.0,
        judged_actions=int(_figure(event, "judged_actions") or 0),
        found_s=_figure(event, "found_s"),
        found_actions=None if found_actions is None else int(found_actions),
    )


def _figure(event: ExportedEvent, name: str) -> float | None:
    """A number of the event's detail, which some exports have as text; None where it has none."""
    try:
        figure = float(event.detail(name))
    except (TypeError, ValueError):
        return None
    return figure if math.isfinite(figure) and figure >= 0.0 else None
