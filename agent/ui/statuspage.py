"""The status page: what the agent sees, what it noticed and what it keeps, for the person at the computer."""

from __future__ import annotations

from agent.engine.mouse import MouseConfiguration, Source
from agent.language.language import ENGLISH, Language, mark
from agent.runtime.status.snapshot import State, Status
from agent.ui.day import Day
from agent.ui.findings import noticed_section, pauses_section
from agent.ui.movements import movement_picture
from agent.ui.page import bullets, grid, page, paragraph, plain, section, spoken, spoken_bullets, table
from agent.ui.proven_days import drift_section, drills_section, proofs_section
from agent.ui.status_lines import countdown, headline
from agent.ui.trust_section import trust_section

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
    State.FAILED: mark("An error ended the agent, so nobody is recognised and nothing is protected."),
    State.NO_EVIDENCE: mark("The mouse has not been used enough lately to say who moves it."),
}
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
    body = "\n".join(
        (
            section(text("What is happening"), *_happening(status, language)),
            *trust_section(status, day, language),
            *_noticed(status, day, language),
            *_proven_days(day, language),
            *_movements(status, language),
            section(text("The mouse"), *_mouse(status, language)),
            section(text("What it works with"), table(_facts(status, language))),
            *((_stored(day, language),) if day else ()),
            *_limits(status, language),
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
    if status.countdown_s is not None:
        # A screen reader speaks it as soon as the page is open.
        return (f'<p role="alert">{plain(countdown(status, language))}</p>', words)
    if not status.detail or (status.state is State.LEARNING and not status.moved_by_program):
        return (words,)
    return words, f"<p>{spoken(status.detail, language)}</p>"


def _noticed(status: Status, day: Day | None, language: Language) -> tuple[str, ...]:
    """Findings and pauses of the day; nothing without a day."""
    if day is None:
        return ()
    can_answer = status.can_ask and (status.doubted_unix_s is not None or status.state is State.SUSPICIOUS)
    findings = noticed_section(day, status.false_alarms, language, can_answer=can_answer)
    return findings, pauses_section(day, language)


def _proven_days(day: Day | None, language: Language) -> tuple[str, ...]:
    """Proofs, drift and drills, where there were any."""
    if day is None:
        return ()
    return (
        *proofs_section(day, language),
        *drift_section(day, language),
        *drills_section(day, language),
    )


def _limits(status: Status, language: Language) -> tuple[str, ...]:
    """What is wrong or degraded, where anything is."""
    lines = (*((status.trouble,) if status.trouble else ()), *status.notes)
    return (section(language.text("What is limited"), spoken_bullets(lines, language)),) if lines else ()


def _movements(status: Status, language: Language) -> tuple[str, ...]:
    """The picture of what was judged last, where anything was."""
    drawn = movement_picture(status.movements, language)
    return (section(language.text("The last movements"), drawn),) if drawn else ()


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
        *((text("doubtful"), language.render(doubt), "") for doubt in mouse.doubts),
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
        *((spoken_bullets(day.trouble, language),) if day.trouble else ()),
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
