"""The page after a false lock: why the screen was locked, what helps, and the offer to be enrolled anew."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.engine.reasons import own_line
from agent.host.notifier import Notifier
from agent.language.language import ENGLISH, Language, mark
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.privacy_notice import contact_lines
from agent.runtime.status.snapshot import Status
from agent.ui.day import Day
from agent.ui.page import bullets, page, paragraph, section
from agent.ui.viewer import Viewer

LOG: Final = logging.getLogger(__name__)
SEVERAL: Final = 2
"""From so many false locks in a day on, learning anew is offered first."""
_KINDS: Final = ("suspicious", "intruder")
_WHAT_HELPS: Final = (
    mark("Go on as usual. Trust has started afresh."),
    mark(
        "A new mouse, mouse pad, desk or pointer speed changes how the mouse moves. Enrol a new mouse: choose “Enrol "
        "this mouse” in the tray's menu, or type `steadyhand enrol` in a terminal."
    ),
    mark(
        "If it happens again and again, be enrolled anew: choose “Enrol me anew” in the tray's menu, or type "
        "`steadyhand enrol-anew` in a terminal. You are asked for your password and for no reason. Until Steadyhand "
        "has learnt again, it judges nothing and locks nothing."
    ),
)
_SEE_STATUS: Final = mark("The status page says what was noticed: steadyhand open")
_ASK_ADMINISTRATOR: Final = mark(
    "If it happens again and again, ask your administrator to enrol you anew. You need not say why."
)


class FalseLockScreen:
    """Shows the page once for each false lock. One thread reports every status; blocks for a few small files.

    Parameters
    ----------
    viewer : Viewer
    notifier : Notifier
        Says what the page would, where nothing opens pages.
    day : callable
        Reads the last 24 hours.
    facts : callable
        What the settings in force mean for the person.
    language : Language
    """

    def __init__(
        self,
        viewer: Viewer,
        notifier: Notifier,
        day: Callable[[], Day],
        facts: Callable[[], PrivacyFacts],
        language: Language = ENGLISH,
    ) -> None:
        self._viewer = viewer
        self._notifier = notifier
        self._day = day
        self._facts = facts
        self._language = language
        self._shown = 0

    def status_changed(self, status: Status) -> None:
        """Show the page where there is one more false lock than before."""
        before, self._shown = self._shown, status.false_locks
        if status.false_locks <= before:
            return
        html = false_lock_page(status, self._day(), self._facts(), self._language)
        try:
            self._viewer.show("false-lock", html)
        except SteadyhandError as error:
            LOG.info("the page after a false lock: %s", error)
            text = self._language.text
            self._notifier.show(
                _title(status, self._language), text(_WHAT_HELPS[0]) + " " + text(_SEE_STATUS)
            )


def false_lock_page(status: Status, day: Day, facts: PrivacyFacts, language: Language = ENGLISH) -> str:
    """The page as a self-contained HTML document.

    Parameters
    ----------
    status : Status
        After the owner confirmed that it was them.
    day : Day
        Holds the finding.
    facts : PrivacyFacts
    language : Language
    """
    text = language.text
    title = _title(status, language)
    contact = contact_lines(facts, language)
    parts = [
        section(text("What happened"), *_happened(day, language)),
        section(text("What helps"), *_helps(status, facts, language)),
        *((section(text("Whom to ask"), bullets(contact)),) if contact else ()),
    ]
    foot = text("This page is a file on your computer. It loads nothing and reports nothing.")
    return page(title, text("Steadyhand"), status.state, "\n".join(parts), foot, language.code)


def _title(status: Status, language: Language) -> str:
    if status.last_lock == "locked":
        return language.text("Why the screen was locked")
    return language.text("Why the screen was about to lock")


def _happened(day: Day, language: Language) -> tuple[str, ...]:
    text = language.text
    reasons = _reasons(day)
    return (
        paragraph(text("The mouse moved differently from how you usually move it.")),
        *((bullets(tuple(text(own_line(reason)) for reason in reasons)),) if reasons else ()),
        paragraph(
            text(
                "You have confirmed that it was you. Nothing is held against you: the security team reads that it was "
                "a false alarm. Everything you had open is still there."
            )
        ),
    )


def _helps(status: Status, facts: PrivacyFacts, language: Language) -> tuple[str, ...]:
    go_on, new_mouse, anew = map(language.text, _WHAT_HELPS)
    if not facts.learns_here:
        new_mouse, anew = "", language.text(_ASK_ADMINISTRATOR)
    suspended = (
        language.plural(
            "After {n} false lock today, Steadyhand only alerts until tomorrow and locks nothing.",
            "After {n} false locks today, Steadyhand only alerts until tomorrow and locks nothing.",
            status.false_locks,
            n=language.number(status.false_locks),
        )
        if status.locks_suspended
        else ""
    )
    first = (anew, new_mouse) if status.false_locks >= SEVERAL else (new_mouse, anew)
    return tuple(paragraph(words) for words in (go_on, suspended, *first) if words)


def _reasons(day: Day) -> Sequence[str]:
    """The reasons of the newest finding."""
    for noticed in reversed(day.noticed):
        if noticed.kind in _KINDS and noticed.reasons:
            return noticed.reasons
    return ()
