"""Trust over the day as a drawing: SVG that stands in the page itself. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from agent.files.day_log_file import Spell
from agent.language.language import ENGLISH, Language
from agent.runtime.status.day_log import SPELL_S
from agent.ui.page import plain

WIDTH, HEIGHT = 640, 190
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 22, 24
LEAST_SPAN_S: Final = 2 * 3600
MOST_TICKS: Final = 8

Mark = tuple[float, str, str]
"""When (unix s), which sign (``suspicious``, ``lock`` or ``pause``), and what it says."""


def trust_chart(
    spells: Sequence[Spell],
    marks: Sequence[Mark],
    now_unix_s: float,
    clock: Callable[[float], str],
    language: Language = ENGLISH,
) -> str:
    """Trust, 0-100, over the hours; empty where there is nothing to draw.

    The line is each five minutes' last trust, the bar below it reaches to the lowest. Gaps are rests, pauses
    and locks. What was noticed stands above, each kind with a shape of its own.

    Parameters
    ----------
    spells : sequence of Spell
        Oldest first.
    marks : sequence of Mark
    now_unix_s : float
        The right end.
    clock : callable
        Time of day of a moment, for people.
    language : Language
    """
    judged = [spell for spell in spells if spell.last is not None]
    if not judged:
        return ""
    begins_s = min(judged[0].t_unix_s, now_unix_s - LEAST_SPAN_S)
    span_s = now_unix_s - begins_s

    def x(t_unix_s: float) -> float:
        inside = min(max(t_unix_s, begins_s), now_unix_s)
        return LEFT + (inside - begins_s) / span_s * (WIDTH - LEFT - RIGHT)

    description = _description(judged, len(marks), clock(now_unix_s), clock, language)
    parts = [*_frame(), *_hours(begins_s, now_unix_s, x, clock)]
    parts += [_low(spell, x) for spell in judged if (spell.low or 0) < (spell.last or 0)]
    parts += [_line(run, x) for run in _runs(judged)]
    parts += [
        _mark(x(t), sign, f"{clock(t)} {language.text(words)}") for t, sign, words in marks if t >= begins_s
    ]
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{plain(description)}">'
        f"{''.join(parts)}</svg>"
    )


def _description(
    judged: Sequence[Spell], marks: int, end: str, clock: Callable[[float], str], language: Language
) -> str:
    """The drawing in a sentence, for whoever does not see it."""
    return language.text(
        "Trust from {begin} to {end}: now {last} of 100, lowest {lowest}; {marks} marks.",
        begin=clock(judged[0].t_unix_s),
        end=end,
        last=judged[-1].last,
        lowest=min(spell.low if spell.low is not None else 100 for spell in judged),
        marks=marks,
    )


def _y(trust: float) -> float:
    return TOP + (100 - trust) / 100 * (HEIGHT - TOP - BOTTOM)


def _frame() -> Iterator[str]:
    for trust in (0, 50, 100):
        y = _y(trust)
        yield f'<line class="grid" x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{trust}</text>'


def _hours(
    begins_s: float, ends_s: float, x: Callable[[float], float], clock: Callable[[float], str]
) -> Iterator[str]:
    hours = max(1, math.ceil((ends_s - begins_s) / 3600 / MOST_TICKS))
    tick_s = math.ceil(begins_s / 3600) * 3600
    while tick_s <= ends_s:
        # What would hang over the edge is left out.
        if LEFT + 12 <= x(tick_s) <= WIDTH - RIGHT - 12:
            yield f'<text x="{x(tick_s):.1f}" y="{HEIGHT - 7}" text-anchor="middle">{clock(tick_s)}</text>'
        tick_s += hours * 3600


def _runs(spells: Sequence[Spell]) -> Iterator[list[Spell]]:
    """Spells that follow one another without a gap."""
    run: list[Spell] = []
    for spell in spells:
        if run and spell.t_unix_s - run[-1].t_unix_s > SPELL_S:
            yield run
            run = []
        run.append(spell)
    yield run


def _line(run: Sequence[Spell], x: Callable[[float], float]) -> str:
    points = [(x(s.t_unix_s), _y(s.last or 0)) for s in run]
    points.append((x(run[-1].t_unix_s + SPELL_S), points[-1][1]))
    return f'<polyline class="trust" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}"/>'


def _low(spell: Spell, x: Callable[[float], float]) -> str:
    middle = x(spell.t_unix_s + SPELL_S / 2)
    return (
        f'<line class="low" x1="{middle:.1f}" y1="{_y(spell.last or 0):.1f}" x2="{middle:.1f}" '
        f'y2="{_y(spell.low or 0):.1f}"/>'
    )


def _mark(x: float, sign: str, words: str) -> str:
    shapes = {
        "suspicious": f'<path d="M{x - 6:.1f} 15h12l-6 -11z"/>',
        "lock": f'<rect x="{x - 5:.1f}" y="5" width="10" height="10"/>',
        "pause": f'<path d="M{x - 5:.1f} 5h3.5v10h-3.5zM{x + 1.5:.1f} 5h3.5v10h-3.5z"/>',
    }
    return f'<g class="mark {sign}"><title>{plain(words)}</title>{shapes[sign]}</g>'
