"""Wording of desktop notices: which changes of the status deserve one, and what it says. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from agent.engine.visible_text import visible
from agent.language.language import ENGLISH, Language, mark
from agent.runtime.status.snapshot import State, Status
from agent.ui.status_lines import countdown

EVERY_SECOND_FROM_S = 10
"""A longer countdown is announced every ten seconds until then: a screen reader speaks every change."""


class AnswerWay(Enum):
    """How the person can say "that was me" here; the best that there is."""

    BUTTON = "button"
    MENU = "menu"
    COMMAND = "command"
    NONE = "none"


_ASKED = {
    AnswerWay.BUTTON: mark("Is it you? Choose “That was me”."),
    AnswerWay.MENU: mark("Is it you? Choose “That was me” in the tray's menu."),
    AnswerWay.COMMAND: mark("Is it you? Type this in a terminal: steadyhand was-me."),
    AnswerWay.NONE: "",
}
# By whether the tray has a menu.
_IS_IT_YOURS = {
    True: mark(
        "Is it yours? Choose “Enrol this mouse” in the tray's menu. This mouse ({mouse}) is new here."
    ),
    False: mark("Is it yours? Type: steadyhand enrol. This mouse ({mouse}) is new here."),
}
_WORK_AS_USUAL = {
    True: mark(
        "Work as usual. Only mouse movements are recorded: see “What is recorded” in the tray's menu."
    ),
    False: mark("Work as usual. Only mouse movements are recorded: see steadyhand open."),
}


@dataclass(frozen=True, slots=True)
class DesktopNotice:
    """One desktop notification.

    Attributes
    ----------
    kind : str
        What it is about: the rate limit counts by it.
    title, text : str
    urgent : bool
        True for what must be seen at once; such a notice is never held back.
    has_answer : bool
        True where a button "That was me" belongs on it.
    """

    kind: str
    title: str
    text: str
    urgent: bool = False
    has_answer: bool = False


def notice(
    before: Status,
    now: Status,
    *,
    answer: AnswerWay = AnswerWay.MENU,
    has_menu: bool = True,
    language: Language = ENGLISH,
) -> DesktopNotice | None:
    """The notice that the change from `before` to `now` deserves, or None.

    A countdown goes first: it is the last moment at which the person can act. What helps stands first in each text:
    banners cut long ones.

    Parameters
    ----------
    before, now : Status
    answer : AnswerWay
        How the person can prove who they are, and so answer "that was me".
    has_menu : bool
        True where the tray has a menu; elsewhere the notice names the command that does the same.
    language : Language
    """
    if (now.countdown_s, now.countdown_held) != (before.countdown_s, before.countdown_held):
        due = _counting(before, now, answer, language)
    elif now.state is before.state:
        return None
    else:
        due = _on_entering(before, now, answer, has_menu, language)
    return replace(due, title=visible(due.title), text=visible(due.text)) if due else None


def _counting(before: Status, now: Status, answer: AnswerWay, language: Language) -> DesktopNotice | None:
    """The seconds that are left, in one notification that counts; and what became of the lock."""
    if now.countdown_s is not None:
        if _is_between(before, now):
            return None
        title, words = countdown(now, language), _help(now, answer, language)
        return DesktopNotice(
            "countdown",
            title,
            words,
            urgent=True,
            has_answer=answer is not AnswerWay.NONE and not now.countdown_held,
        )
    if now.last_lock == "locked":
        title = language.text("The screen was locked")
        words = language.text(
            "The mouse moved differently from how you usually move it. Everything you had open is still there."
        )
    elif now.last_lock == "withdrawn":
        title = language.text("The screen stays open")
        words = language.text("You have confirmed that it is you.")
    else:
        return None
    return DesktopNotice("countdown", title, words, urgent=True)


def _is_between(before: Status, now: Status) -> bool:
    """True for a second of a long countdown that is not announced."""
    if before.countdown_s is None or now.countdown_s is None or now.countdown_held or before.countdown_held:
        return False
    return now.countdown_s > EVERY_SECOND_FROM_S and now.countdown_s % EVERY_SECOND_FROM_S != 0


def _help(now: Status, answer: AnswerWay, language: Language) -> str:
    """What the person can do while it counts, and what happens otherwise."""
    if now.countdown_held:
        return language.text("Enter your password to keep the screen open.")
    nothing_lost = language.text("Nothing you have open is lost: unlock with your password.")
    finger = language.text("Or put your finger on the reader.") if now.fingerprint_asked else ""
    return " ".join(filter(None, (language.text(_ASKED[answer]), finger, nothing_lost)))


def _on_entering(
    before: Status, now: Status, answer: AnswerWay, has_menu: bool, language: Language
) -> DesktopNotice | None:
    match now.state:
        case State.PROTECTING:
            return _protecting(before, language)
        case State.SUSPICIOUS:
            return _suspicious(now, answer, language)
        case State.UNKNOWN_MOUSE:
            mouse = now.mouse or language.text("no name")
            words = language.text(_IS_IT_YOURS[has_menu], mouse=mouse)
            return DesktopNotice("unknown mouse", language.text("Unknown mouse"), words)
        case State.CANNOT_SEE | State.FAILED:
            return _blind(now, language)
        case State.LEARNING if before.state is State.STARTING:
            words = language.text(_WORK_AS_USUAL[has_menu])
            title = language.text("Steadyhand is learning how you move the mouse")
            return DesktopNotice("learning", title, words)
        case _ if before.state is State.PAUSED and now.state is not State.LOCKED:
            words = language.text("Steadyhand is watching again.")
            return DesktopNotice("pause ended", language.text("The pause has ended"), words)
    return None


def _blind(now: Status, language: Language) -> DesktopNotice:
    # GNOME's banner shows some 45 characters of a text: the reason, which is long, comes after them.
    reason = language.render(now.detail)
    sentences = language.text("Not protected: steadyhand doctor says why."), reason[:1].upper() + reason[1:]
    words = " ".join(filter(None, sentences))
    if now.state is State.FAILED:
        return DesktopNotice("failed", language.text("Steadyhand has failed"), words)
    return DesktopNotice("cannot see", language.text("Steadyhand cannot see the mouse"), words)


def _suspicious(now: Status, answer: AnswerWay, language: Language) -> DesktopNotice:
    parts = [language.text(_ASKED[answer])] if answer is not AnswerWay.NONE else []
    parts.append(language.text("The mouse moves differently from how you usually move it."))
    parts.append(
        language.text("Nothing is locked in shadow mode.")
        if now.mode == "shadow"
        else language.text("If this goes on, the screen locks.")
    )
    title = language.text("Unusual mouse movement")
    return DesktopNotice("suspicious", title, " ".join(parts), has_answer=answer is not AnswerWay.NONE)


def _protecting(before: Status, language: Language) -> DesktopNotice | None:
    if before.state is State.LEARNING:
        words = language.text(
            "Steadyhand knows how you move the mouse and protects this session from now on."
        )
        return DesktopNotice("protecting", language.text("Protection has started"), words)
    if before.state is State.NO_EVIDENCE:
        words = language.text(
            "Your administrator's profile has arrived. Steadyhand protects this session from now on."
        )
        return DesktopNotice("protecting", language.text("Protection has started"), words)
    if before.state is State.PAUSED:
        words = language.text("Steadyhand protects this session again.")
        return DesktopNotice("pause ended", language.text("The pause has ended"), words)
    if before.state is State.CANNOT_SEE:
        words = language.text("This session is protected again.")
        return DesktopNotice("seeing again", language.text("Steadyhand sees the mouse again"), words)
    return None
