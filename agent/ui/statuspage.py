"""The status page: what the agent sees, what it noticed and what it keeps, for the person at the computer."""

from __future__ import annotations

from agent.engine.mouse import MouseConfiguration, Source
from agent.runtime.status.snapshot import State, Status
from agent.ui.chart import trust_chart
from agent.ui.day import Day
from agent.ui.findings import marks, noticed_section, pauses_section
from agent.ui.menu import headline, hours_line, percent, trust_line
from agent.ui.movements import movement_picture
from agent.ui.page import bar, bullets, details, grid, page, paragraph, section, table

_FROM = {
    Source.VENDOR: "asked of the mouse itself",
    Source.ADMINISTRATOR: "your administrator",
    Source.SYSTEM: "the operating system",
    Source.HWDB: "the system's list of mice: as it was sold",
    Source.UNKNOWN: "nobody says",
}

EXPLANATIONS = {
    State.STARTING: "Steadyhand is starting.",
    State.LEARNING: "Work as usual. Nothing is judged and nothing is locked until learning is complete.",
    State.PROTECTING: "The mouse is moved the way you move it.",
    State.SUSPICIOUS: "The mouse is not moved the way you usually do.",
    State.LOCKED: "The screen is locked. Nothing is judged and nothing is learnt until it is unlocked.",
    State.AWAY: "Another user is at this computer. Nothing is judged and nothing is recorded until you are back.",
    State.PAUSED: "Nothing is judged until you resume or the pause ends by itself.",
    State.UNKNOWN_MOUSE: "This mouse, or its present setting, has no profile yet. If it is yours, enrol it.",
    State.CANNOT_SEE: "No mouse events arrive, so nobody is being recognised and nothing is protected.",
    State.NO_EVIDENCE: "The mouse has not been used enough lately to say who moves it.",
}
SIGNS = "Shapes: triangle = unusual movement, square = locked, two bars = paused. Gaps: the mouse rested."
EXPECTED = (
    "An error is one wrong judgement of a stretch of 50 actions, about two minutes. Nothing is decided by one "
    "stretch. How your own movement fares is tried on what you did later; how somebody else's fares is what is usual "
    "after so long."
)
ERASE = "steadyhand recordings --erase"


def status_page(
    status: Status, told_at: str, day: Day | None = None, introduction: tuple[str, ...] = ()
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
        What the person was told on the first run.
    """
    body = "\n".join(
        (
            section("What is happening", paragraph(status.detail or EXPLANATIONS[status.state])),
            *_trust(status, day),
            *((noticed_section(day, status.false_alarms), pauses_section(day)) if day else ()),
            *_movements(status),
            section("The mouse", *_mouse(status)),
            section("What it works with", table(_facts(status))),
            *((_stored(day),) if day else ()),
            *((section("What is limited", bullets(status.notes)),) if status.notes else ()),
            *((section("What Steadyhand records", bullets(introduction)),) if introduction else ()),
        )
    )
    foot = f"As of {told_at}. Open it again from the tray for a newer one. This page stays on your computer."
    return page(headline(status), "Steadyhand status", status.state, body, foot)


def _movements(status: Status) -> tuple[str, ...]:
    """The picture of what was judged last, where anything was."""
    drawn = movement_picture(status.movements)
    return (section("The last movements", drawn),) if drawn else ()


def _trust(status: Status, day: Day | None) -> tuple[str, ...]:
    drawn = trust_chart(day.spells, marks(day), day.now_unix_s, day.clock) if day else ""
    chart = (drawn, paragraph(SIGNS), details("The same in figures", _by_hour(day))) if day and drawn else ()
    if status.state is State.LEARNING and status.enrolled_share is not None:
        share = status.enrolled_share
        figure = f'<div class="figure">{percent(share)} <small>of the learning is done</small></div>'
        left = hours_line(status)
        more = (*((paragraph(left + "."),) if left else ()), *_expected(status))
        return (section("Progress", figure, bar(share), *more),)
    if status.trust is None or trust_line(status) != f"Trust: {status.trust} of 100":
        return (section("Trust", paragraph("There is nothing to judge by at the moment."), *chart),)
    figure = f'<div class="figure">{status.trust} <small>of 100</small></div>'
    words = paragraph(
        "100 means that everything speaks for you. It falls when the movement departs from yours."
    )
    return (section("Trust", figure, bar(status.trust / 100), words, *chart),)


def _expected(status: Status) -> tuple[str, ...]:
    """The error to expect, and how it would fall."""
    sufficiency = status.sufficiency
    if sufficiency is None:
        return ()
    rows = (
        ("learnt from", f"{sufficiency.hours:.1f} hours of mouse use"),
        ("expected error now", f"{100 * sufficiency.error:.0f} %"),
        ("of your own movement taken for somebody else's", f"{100 * sufficiency.owner_error:.0f} %"),
        ("of somebody else's taken for yours", f"{100 * sufficiency.stranger_error:.0f} %"),
        ("expected error with one more hour", f"{100 * sufficiency.error_next_hour:.0f} %"),
        ("enough", "now" if sufficiency.enough else _enough_at(sufficiency.enough_hours)),
    )
    return table(rows), paragraph(EXPECTED)


def _enough_at(hours: float | None) -> str:
    return f"with about {hours:.1f} hours" if hours else "nobody can say yet"


def _by_hour(day: Day) -> str:
    """The drawing again, for whoever reads and does not look."""
    lows: dict[int, list[int]] = {}
    for spell in day.spells:
        if spell.low is not None and spell.last is not None:
            lows.setdefault(spell.t_unix_s // 3600 * 3600, []).append(spell.low)
    rows = tuple((day.clock(hour), f"{min(lowest_trust)} of 100") for hour, lowest_trust in lows.items())
    return grid(("hour from", "lowest trust"), rows)


def _mouse(status: Status) -> tuple[str, ...]:
    mouse = status.configuration
    if mouse is None or not mouse.name:
        return (paragraph(status.mouse or "None seen yet."),)
    words = paragraph(
        "You are judged by a profile made under exactly this configuration. Another mouse or another setting "
        "is not held against you: it needs a profile of its own."
    )
    return grid(("", "value", "where it comes from"), _configuration(mouse)), words


def _configuration(mouse: MouseConfiguration) -> tuple[tuple[str, str, str], ...]:
    number = f"{mouse.vendor}:{mouse.product}" if mouse.vendor else "unknown"
    rate = f"{mouse.report_rate_hz:,} Hz" if mouse.report_rate_hz else "unknown"
    return (
        ("mouse", mouse.name, "the mouse itself"),
        ("connection and number", f"{mouse.bus or 'unknown'} {number}", "the operating system"),
        ("resolution", f"{mouse.cpi:,} CPI" if mouse.cpi else "unknown", _FROM[mouse.source_of("cpi")]),
        ("reports a second", rate, _FROM[mouse.source_of("report_rate_hz")]),
        ("pointer speed", f"{mouse.pointer_speed:g}", "the desktop's settings"),
        ("acceleration", mouse.acceleration or "the desktop's own", "the desktop's settings"),
        ("screen scale", f"{mouse.screen_scale:.0%}", "the desktop's settings"),
        ("seen through", f"{mouse.capture}{f', over {mouse.remote}' if mouse.remote else ''}", "Steadyhand"),
        *(("doubtful", doubt, "") for doubt in mouse.doubts),
    )


def _stored(day: Day) -> str:
    rows = tuple((s.what, f"{s.files:,}", _size(s.size_bytes), s.how_long) for s in day.stored)
    return section(
        "What is stored on this computer",
        grid(("what", "files", "size", "kept"), rows),
        paragraph(f"To erase your recordings, type in a terminal: `{ERASE}`"),
        *((bullets(day.trouble),) if day.trouble else ()),
    )


def _size(size_bytes: int) -> str:
    for unit, least in (("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= least:
            return f"{size_bytes / least:,.1f} {unit}"
    return f"{size_bytes} bytes"


def _facts(status: Status) -> tuple[tuple[str, str], ...]:
    mode = "shadow: alerts, never locks" if status.mode == "shadow" else "enforce: alerts and locks"
    return (
        ("User", status.user or "not known yet"),
        ("Profile", status.profile_id or "none yet"),
        ("Mode", mode),
        ("Actions judged", f"{status.actions:,}"),
        ("Mouse events seen", f"{status.events:,}"),
        ("Alerts on their way", f"{status.waiting_alerts:,}"),
        *((("Last lock", status.last_lock),) if status.last_lock else ()),
    )
