"""The status page's section on trust, or on learning while there is no profile."""

from __future__ import annotations

from agent.language.language import Language, mark
from agent.runtime.status.snapshot import State, Status
from agent.ui.chart import trust_chart
from agent.ui.day import Day
from agent.ui.findings import marks
from agent.ui.page import bar, details, grid, paragraph, plain, section, table
from agent.ui.status_lines import hours_line, is_judged, percent

SIGNS = mark(
    "Shapes: triangle = unusual movement, square = locked, two bars = paused. Gaps: the mouse rested."
)
EXPECTED = mark(
    "An error is one wrong judgement of 50 actions, which take about two minutes. No single stretch decides anything. "
    "The figure for your own movement was measured on what you did later; the figure for other people is what is "
    "usual after this much learning."
)


def trust_section(status: Status, day: Day | None, language: Language) -> tuple[str, ...]:
    """Trust with its chart, or how far learning is; HTML.

    Parameters
    ----------
    status : Status
    day : Day or None
        Without one there is no chart.
    language : Language
    """
    text = language.text
    chart = _chart(day, language) if day else ()
    if status.state is State.LEARNING and status.enrolled_share is not None:
        return (_progress(status, status.enrolled_share, language),)
    if not is_judged(status) or status.trust is None:
        return (
            section(text("Trust"), paragraph(text("There is no movement to judge at the moment.")), *chart),
        )
    figure = _figure(str(status.trust), text("of 100"))
    words = paragraph(
        text(
            "At 100 everything looks like you. Trust falls when the movement departs from how you move the mouse."
        )
    )
    return (section(text("Trust"), figure, bar(status.trust / 100), words, *chart),)


def _figure(large: str, small: str) -> str:
    """One large figure and what it counts; plain text."""
    return f'<div class="figure">{plain(large)} <small>{plain(small)}</small></div>'


def _chart(day: Day, language: Language) -> tuple[str, ...]:
    drawn = trust_chart(day.spells, marks(day), day.now_unix_s, day.clock, language)
    if not drawn:
        return ()
    return (
        drawn,
        paragraph(language.text(SIGNS)),
        details(language.text("The same in figures"), _by_hour(day, language)),
    )


def _progress(status: Status, share: float, language: Language) -> str:
    text = language.text
    figure = _figure(percent(share), text("of the learning is done"))
    left = hours_line(status, language)
    more = (*((paragraph(left + "."),) if left else ()), *_expected(status, language))
    return section(text("Progress"), figure, bar(share), *more)


def _expected(status: Status, language: Language) -> tuple[str, ...]:
    """The error to expect, and how it would fall."""
    sufficiency = status.sufficiency
    if sufficiency is None:
        return ()
    text, percents = language.text, language.percent
    rows = (
        (
            text("learnt from"),
            text("{hours} hours of mouse use", hours=language.number(sufficiency.hours, 1)),
        ),
        (text("expected error now"), percents(sufficiency.error)),
        (text("your own movement taken for somebody else's"), percents(sufficiency.owner_error)),
        (text("somebody else's taken for yours"), percents(sufficiency.stranger_error)),
        (text("expected error with one more hour"), percents(sufficiency.error_next_hour)),
        (
            text("enough"),
            text("now") if sufficiency.enough else _enough_at(sufficiency.enough_hours, language),
        ),
    )
    return table(rows), paragraph(text(EXPECTED))


def _enough_at(hours: float | None, language: Language) -> str:
    if not hours:
        return language.text("cannot be said yet")
    return language.text("with about {hours} hours", hours=language.number(hours, 1))


def _by_hour(day: Day, language: Language) -> str:
    """The drawing again, for whoever reads and does not look."""
    lows: dict[int, list[int]] = {}
    for spell in day.spells:
        if spell.low is not None and spell.last is not None:
            lows.setdefault(spell.t_unix_s // 3600 * 3600, []).append(spell.low)
    rows = tuple(
        (day.clock(hour), language.text("{trust} of 100", trust=min(lowest_trust)))
        for hour, lowest_trust in lows.items()
    )
    return grid((language.text("hour from"), language.text("lowest trust")), rows)
