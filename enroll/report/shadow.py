"""Shadow mode in one's own house: what locking would have done, counted from exported events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from agent.language.language import mark
from enroll.overview.events import exported_events
from enroll.report.blocks import Tile, paragraph, section, tiles
from enroll.report.markup import Markup
from enroll.report.words import counted, day_in_words, number, short, written

_ABOUT = mark(
    "Counted from the events that were exported. A finding that nobody answered may have been an intruder or a false "
    "alarm: only those answered with \u201cthat was me\u201d are known to be false."
)


@dataclass(frozen=True, slots=True)
class ShadowFigures:
    """What shadow mode saw.

    Attributes
    ----------
    first, last : date
        UTC days of the first and the last event.
    agents : int
        Accounts on computers that were heard of.
    would_lock : int
        Findings whose verdict asked for a lock.
    answered : int
        Those of them that were answered with "that was me".
    agents_with_answered : int
        Agents on which that happened.
    """

    first: date
    last: date
    agents: int
    would_lock: int
    answered: int
    agents_with_answered: int

    @property
    def weeks(self) -> float:
        """Weeks from the first to the last day, both counted."""
        return ((self.last - self.first).days + 1) / 7.0


def read_shadow(files: Iterable[Path]) -> ShadowFigures | None:
    """Count the findings of an export; None where it holds no event.

    Raises
    ------
    SteadyhandError
        If a file cannot be read, or a line of it is no event of an agent.
    """
    days: set[date] = set()
    agents: set[tuple[str, str]] = set()
    would_lock: set[str] = set()
    answered: dict[str, tuple[str, str]] = {}
    for order, event in enumerate(exported_events(files)):
        days.add(event.at.date())
        agents.add(event.agent)
        finding = event.finding or str(order)
        if event.would_lock:
            would_lock.add(finding)
        if event.is_false_alarm:
            answered[finding] = event.agent
    if not days:
        return None
    false = would_lock & set(answered)
    return ShadowFigures(
        min(days), max(days), len(agents), len(would_lock), len(false), len({answered[f] for f in false})
    )


def shadow_section(figures: ShadowFigures) -> Markup:
    """The section of the report."""
    per_week = number(figures.answered / figures.weeks, 1)
    agents = counted("{n} agent", "{n} agents", figures.agents)
    first, last = day_in_words(figures.first), day_in_words(figures.last)
    about = written("{agents} from {first} to {last}, UTC.", agents=agents, first=first, last=last)
    with_answered = counted("{n} agent", "{n} agents", figures.agents_with_answered)
    return section(
        written("What locking would have done here"),
        paragraph(f"{about} {written(_ABOUT)}", "under"),
        tiles(
            [
                Tile(
                    written("Locks that shadow mode did not give"),
                    short(figures.would_lock),
                    written("findings that asked for one"),
                ),
                Tile(
                    written("Known to be false"),
                    short(figures.answered),
                    written("{n} a week, on {agents}", n=per_week, agents=with_answered),
                ),
                Tile(
                    written("Not answered"),
                    short(figures.would_lock - figures.answered),
                    written("nobody said who it was"),
                ),
            ]
        ),
    )
