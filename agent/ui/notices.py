"""Desktop notices: which changes of the status deserve one, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.engine.visible_text import visible
from agent.host.api import Notifier
from agent.language.language import ENGLISH, Language
from agent.runtime.status.snapshot import State, Status
from agent.ui.status_lines import countdown

AGAIN_AFTER_NS = 5 * 60 * 1_000_000_000
"""The same kind of notice is not shown again within five minutes; a countdown always is."""


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
    """

    kind: str
    title: str
    text: str
    urgent: bool = False


def notice(
    before: Status, now: Status, *, can_answer: bool = True, language: Language = ENGLISH
) -> DesktopNotice | None:
    """The notice that the change from `before` to `now` deserves, or None.

    A countdown goes first: it is the last moment at which the person can act. What helps stands first in each text:
    banners cut long ones.

    Parameters
    ----------
    before, now : Status
    can_answer : bool
        True where the person can prove who they are, and so answer "that was me".
    language : Language
    """
    if (now.countdown_s, now.countdown_held) != (before.countdown_s, before.countdown_held):
        due = _counting(now, can_answer, language)
    elif now.state is before.state:
        return None
    else:
        due = _on_entering(before, now, can_answer, language)
    return replace(due, title=visible(due.title), text=visible(due.text)) if due else None


def _counting(now: Status, can_answer: bool, language: Language) -> DesktopNotice | None:
    """The seconds that are left, in one notification that counts; and what became of the lock."""
    if now.countdown_s is not None:
        return DesktopNotice(
            "countdown", countdown(now, language), _help(now, can_answer, language), urgent=True
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


def _help(now: Status, can_answer: bool, language: Language) -> str:
    """What the person can do while it counts, and what happens otherwise."""
    if now.countdown_held:
        return language.text("Enter your password to keep the screen open.")
    nothing_lost = language.text("Nothing you have open is lost: unlock with your password.")
    if not can_answer:
        return nothing_lost
    return language.text("Is it you? Choose “That was me” in the tray's menu.") + " " + nothing_lost


def _on_entering(before: Status, now: Status, can_answer: bool, language: Language) -> DesktopNotice | None:
    match now.state:
        case State.PROTECTING:
            return _protecting(before, language)
        case State.SUSPICIOUS:
            return _suspicious(now, can_answer, language)
        case State.UNKNOWN_MOUSE:
            mouse = now.mouse or language.text("no name")
            words = language.text(
                "Is it yours? Choose “Enrol this mouse” in the tray's menu. This mouse ({mouse}) is new here.",
                mouse=mouse,
            )
            return DesktopNotice("unknown mouse", language.text("Unknown mouse"), words)
        case State.CANNOT_SEE:
            words = now.detail or language.text("No mouse events arrive: this session is not protected.")
            return DesktopNotice("cannot see", language.text("Steadyhand cannot see the mouse"), words)
        case State.LEARNING if before.state is State.STARTING:
            words = language.text(
                "Work as usual. Only mouse movements are recorded: see “What is recorded” in the tray's menu."
            )
            title = language.text("Steadyhand is learning how you move the mouse")
            return DesktopNotice("learning", title, words)
        case _ if before.state is State.PAUSED and now.state is not State.LOCKED:
            words = language.text("Steadyhand is watching again.")
            return DesktopNotice("pause ended", language.text("The pause has ended"), words)
    return None


def _suspicious(now: Status, can_answer: bool, language: Language) -> DesktopNotice:
    parts = [language.text("Is it you? Choose “That was me” in the tray's menu.")] if can_answer else []
    parts.append(language.text("The mouse moves differently from how you usually move it."))
    parts.append(
        language.text("Nothing is locked in shadow mode.")
        if now.mode == "shadow"
        else language.text("If this goes on, the screen locks.")
    )
    return DesktopNotice("suspicious", language.text("Unusual mouse movement"), " ".join(parts))


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


class Notices:
    """Turns the stream of statuses into desktop notifications, a few at most.

    Not thread-safe: one thread reports every status. `status_changed` blocks as long as the notifier does (200 ms).

    Parameters
    ----------
    notifier : Notifier
    clock : callable
        Monotonic time in ns.
    can_answer : bool
        True where the person can answer "that was me".
    language : Language
    """

    def __init__(
        self,
        notifier: Notifier,
        clock: Callable[[], int],
        *,
        can_answer: bool = True,
        language: Language = ENGLISH,
    ) -> None:
        self._notifier = notifier
        self._language = language
        self._can_answer = can_answer
        self._clock = clock
        self._before = Status()
        self._shown_ns: dict[str, int] = {}

    def status_changed(self, status: Status) -> DesktopNotice | None:
        """Show what `status` deserves after the one before; returns what was shown, None if nothing was."""
        due = notice(self._before, status, can_answer=self._can_answer, language=self._language)
        self._before = status
        if due is None or not (due.urgent or self._is_time(due.kind)):
            return None
        self._shown_ns[due.kind] = self._clock()
        shown = self._notifier.show(due.title, due.text, urgent=due.urgent, replaces=due.kind)
        return due if shown else None

    def hold_back(self, kind: str) -> None:
        """Do not show this kind for the next five minutes: the person knows already."""
        self._shown_ns[kind] = self._clock()

    def _is_time(self, kind: str) -> bool:
        last_ns = self._shown_ns.get(kind)
        return last_ns is None or self._clock() - last_ns >= AGAIN_AFTER_NS
