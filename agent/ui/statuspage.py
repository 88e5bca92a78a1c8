"""The status page: what the agent sees at one moment, for the person at the computer."""

from __future__ import annotations

from agent.runtime.status import State, Status
from agent.ui.menu import headline, percent, trust_line
from agent.ui.page import bar, bullets, page, paragraph, section, table

EXPLANATIONS = {
    State.STARTING: "Steadyhand is starting.",
    State.LEARNING: "Work as usual. Nothing is judged and nothing is locked until learning is complete.",
    State.PROTECTING: "The mouse is moved the way you move it.",
    State.SUSPICIOUS: "The mouse is not moved the way you usually do.",
    State.LOCKED: "The screen is locked. Nothing is judged and nothing is learnt until it is unlocked.",
    State.PAUSED: "Nothing is judged until you resume or the pause ends by itself.",
    State.UNKNOWN_MOUSE: "This mouse, or its present setting, has no profile yet. If it is yours, enrol it.",
    State.CANNOT_SEE: "No mouse events arrive, so nobody is being recognised and nothing is protected.",
    State.NO_EVIDENCE: "The mouse has not been used enough lately to say who moves it.",
}


def status_page(status: Status, told_at: str) -> str:
    """`status` as a self-contained HTML document.

    Parameters
    ----------
    status : Status
    told_at : str
        Time of day at which it was so, as people read it.
    """
    body = "\n".join(
        (
            section("What is happening", paragraph(status.detail or EXPLANATIONS[status.state])),
            _trust(status),
            section("What it works with", table(_facts(status))),
            *((section("What is limited", bullets(status.notes)),) if status.notes else ()),
        )
    )
    foot = f"As of {told_at}. Open it again from the tray for a newer one. This page stays on your computer."
    return page(headline(status), "Steadyhand status", status.state, body, foot)


def _trust(status: Status) -> str:
    if status.state is State.LEARNING and status.enrolled_share is not None:
        share = status.enrolled_share
        figure = f'<div class="figure">{percent(share)} <small>of the learning is done</small></div>'
        return section("Progress", figure, bar(share))
    if status.trust is None or trust_line(status) != f"Trust: {status.trust} of 100":
        return section("Trust", paragraph("There is nothing to judge by at the moment."))
    figure = f'<div class="figure">{status.trust} <small>of 100</small></div>'
    words = paragraph(
        "100 means that everything speaks for you. It falls when the movement departs from yours."
    )
    return section("Trust", figure, bar(status.trust / 100), words)


def _facts(status: Status) -> tuple[tuple[str, str], ...]:
    mode = "shadow: alerts, never locks" if status.mode == "shadow" else "enforce: alerts and locks"
    return (
        ("User", status.user or "not known yet"),
        ("Mouse", status.mouse or "none seen yet"),
        ("Profile", status.profile_id or "none yet"),
        ("Mode", mode),
        ("Actions judged", f"{status.actions:,}"),
        ("Mouse events seen", f"{status.events:,}"),
        ("Alerts on their way", f"{status.waiting_alerts:,}"),
        *((("Last lock", status.last_lock),) if status.last_lock else ()),
    )
