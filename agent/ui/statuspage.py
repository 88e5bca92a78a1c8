"""The status page: what the agent sees, what it noticed and what it keeps, for the person at the computer."""

from __future__ import annotations

from html import escape

from agent.engine.mouse import MouseConfiguration, Source
from agent.language.language import ENGLISH, Language, mark
from agent.runtime.status.snapshot import State, Status
from agent.ui.chart import trust_chart
from agent.ui.day import Day
from agent.ui.findings import marks, noticed_section, pauses_section
from agent.ui.menu import headline, hours_line, is_judged, percent
from agent.ui.movements import movement_picture
from agent.ui.page import bar, bullets, details, grid, page, paragraph, section, table

_FROM = {
    Source.VENDOR: mark("asked of the mouse itself"),
    Source.ADMINISTRATOR: mark("your administrator"),
    Source.SYSTEM: mark("the operating system"),
    Source.HWDB: mark("the system's list of mice: as it was sold"),
    Source.UNKNOWN: mark("not known"),
}

EXPLANATIONS = {
    State.STARTING: mark("Steadyhand is starting."),
    State.LEARNING: mark(
        "Work as usual. Nothing is judged and nothing is locked until learning is complete."
    ),
    State.PROTECTING: mark("The mouse moves the way you move it."),
    State.SUSPICIOUS: mark("The mouse moves differently from how you usually move it."),
    State.LOCKED: mark("The screen is locked. Nothing is judged and nothing is learnt until it is unlocked."),
    State.AWAY: mark(
        "Another user is at this computer. Nothing is judged and nothing is recorded until you are back."
    ),
    State.PAUSED: mark("Nothing is judged until you resume or the pause ends by itself."),
    State.UNKNOWN_MOUSE: mark(
        "This mouse, or its present setting, has no profile yet. If it is yours, enrol it."
    ),
    State.CANNOT_SEE: mark("No mouse events arrive, so nobody is recognised and nothing is protected."),
    State.NO_EVIDENCE: mark("The mouse has not been used enough lately to say who moves it."),
}
SIGNS = mark(
    "Shapes: triangle = unusual movement, square = locked, two bars = paused. Gaps: the mouse rested."
)
EXPECTED = mark(
    "An error is one wrong judgement of 50 actions, which take about two minutes. No single stretch decides anything. "
    "The figure for your own movement was measured on what you did later; the figure for other people is what is "
    "usual after this much learning."
)
ERASE = "steadyhand recordings --erase"


def status_page(
    status: Status,
    told_at: str,
    day: Day | None = None,
    introduction: tuple[str, ...] = (),
    language: Language = ENGLISH,
) -> str:
    """`status` as a self-contained HTML document.

    Parameters
    ----------
    status : Status
    told_at : str
        Time of day at which it was so, as people read it.
    day : Day, optional
        The last 24 hours and what is stored; its sections are left out without one.
    introduction : tuple of str
        What the person was told on the first run, in their language.
    language : Language
    """
    text = language.text
    noticed = (
        (noticed_section(day, status.false_alarms, language), pauses_section(day, language)) if day else ()
    )
    body = "\n".join(
        (
            section(text("What is happening"), *_happening(status, language)),
            *_trust(status, day, language),
            *noticed,
            *_movements(status, language),
            section(text("The mouse"), *_mouse(status, language)),
            section(text("What it works with"), table(_facts(status, language))),
            *((_stored(day, language),) if day else ()),
            *((section(text("What is limited"), bullets(status.notes)),) if status.notes else ()),
            *((section(text("What Steadyhand records"), bullets(introduction)),) if introduction else ()),
        )
    )
    foot = text(
        "As of {time}. Open it again from the tray for a newer one. This page stays on your computer.",
        time=told_at,
    )
    title = headline(status, language)
    return page(title, text("Steadyhand status"), status.state, body, foot, language.code)


def _happening(status: Status, language: Language) -> tuple[str, ...]:
    """What the state means, and what the agent has to say about it."""
    words = paragraph(language.text(EXPLANATIONS[status.state]))
    if not status.detail or status.state is State.LEARNING:
        return (words,)
    return words, paragraph(status.detail)


def _movements(status: Status, language: Language) -> tuple[str, ...]:
    """The picture of what was judged last, where anything was."""
    drawn = movement_picture(status.movements, language)
    return (section(language.text("The last movements"), drawn),) if drawn else ()


def _trust(status: Status, day: Day | None, language: Language) -> tuple[str, ...]:
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
    return f'<div class="figure">{escape(large)} <small>{escape(small)}</small></div>'


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


def _mouse(status: Status, language: Language) -> tuple[str, ...]:
    mouse = status.configuration
    text = language.text
    if mouse is None or not mouse.name:
        return (paragraph(status.mouse or text("None seen yet.")),)
    words = paragraph(
        text(
            "Your profile was made under exactly this configuration. Another mouse or another setting is not held "
            "against you: it needs a profile of its own."
        )
    )
    head = (text("property"), text("setting"), text("where it comes from"))
    return grid(head, _configuration(mouse, language)), words


def _configuration(mouse: MouseConfiguration, language: Language) -> tuple[tuple[str, str, str], ...]:
    text = language.text
    unknown, desktop = text("unknown"), text("the desktop's settings")
    model = f"{mouse.vendor}:{mouse.product}" if mouse.vendor else unknown
    cpi = f"{language.number(mouse.cpi)} CPI" if mouse.cpi else unknown
    rate = f"{language.number(mouse.report_rate_hz)} Hz" if mouse.report_rate_hz else unknown
    acceleration = mouse.acceleration or text("the desktop's own")
    capture = f"{mouse.capture}, {mouse.remote}" if mouse.remote else mouse.capture
    return (
        (text("mouse"), mouse.name, text("the mouse itself")),
        (text("connection and number"), f"{mouse.bus or unknown} {model}", text("the operating system")),
        (text("resolution"), cpi, text(_FROM[mouse.source_of("cpi")])),
        (text("reports a second"), rate, text(_FROM[mouse.source_of("report_rate_hz")])),
        (text("pointer speed"), language.number(mouse.pointer_speed, 2), desktop),
        (text("acceleration"), acceleration, desktop),
        (text("screen scale"), language.percent(mouse.screen_scale), desktop),
        (text("seen through"), capture, "Steadyhand"),
        *((text("doubtful"), doubt, "") for doubt in mouse.doubts),
    )


def _stored(day: Day, language: Language) -> str:
    text = language.text
    rows = tuple(
        (text(s.what), language.number(s.files), _size(s.size_bytes, language), text(s.how_long))
        for s in day.stored
    )
    return section(
        text("What is stored on this computer"),
        grid((text("what"), text("files"), text("size"), text("kept")), rows),
        paragraph(text("To erase your recordings, type this in a terminal: `{command}`", command=ERASE)),
        *((bullets(day.trouble),) if day.trouble else ()),
    )


def _size(size_bytes: int, language: Language) -> str:
    for unit, least in (("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= least:
            return f"{language.number(size_bytes / least, 1)} {unit}"
    return language.text("{n} bytes", n=size_bytes)


def _facts(status: Status, language: Language) -> tuple[tuple[str, str], ...]:
    text, number = language.text, language.number
    shadow = status.mode == "shadow"
    mode = text("shadow: alerts, never locks") if shadow else text("enforce: alerts and locks")
    return (
        (text("User"), status.user or text("not known yet")),
        (text("Profile"), status.profile_id or text("none yet")),
        (text("Mode"), mode),
        (text("Actions judged"), number(status.actions)),
        (text("Mouse events seen"), number(status.events)),
        (text("Alerts on their way"), number(status.waiting_alerts)),
        *(((text("Last lock"), text(status.last_lock)),) if status.last_lock else ()),
    )
