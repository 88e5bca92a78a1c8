"""Which changes of the status deserve a desktop notification, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.host.api import Notifier
from agent.runtime.status.snapshot import State, Status
from agent.ui.menu import countdown

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


def notice(before: Status, now: Status, *, can_answer: bool = True) -> DesktopNotice | None:
    """The notice that the change from `before` to `now` deserves, or None.

    A countdown goes first: it is the last moment at which the person can act.

    Parameters
    ----------
    before, now : Status
    can_answer : bool
        True where the person can prove who they are, and so answer "that was me".
    """
    if now.countdown_s != before.countdown_s:
        return _counting(now, can_answer)
    if now.state is before.state:
        return None
    return _on_entering(before, now, can_answer)


def _counting(now: Status, can_answer: bool) -> DesktopNotice | None:
    """The seconds that are left, in one notification that counts; and what became of the lock."""
    if now.countdown_s is not None:
        return DesktopNotice(
            "countdown",
            countdown(now.countdown_s),
            "The mouse is not moved the way you move it. Your work stays open; unlock with your password"
            + (", or choose “That was me” in the tray's menu and type it there." if can_answer else "."),
            urgent=True,
        )
    ends = {
        "locked": (
            "The screen was locked",
            "The mouse was not moved the way you move it. Your work is still open.",
        ),
        "withdrawn": ("The screen stays open", "You have proved who you are."),
    }
    end_notice = ends.get(now.last_lock)
    return DesktopNotice("countdown", *end_notice, urgent=True) if end_notice else None


def _on_entering(before: Status, now: Status, can_answer: bool) -> DesktopNotice | None:
    match now.state:
        case State.PROTECTING:
            return _protecting(before)
        case State.SUSPICIOUS:
            text = "The mouse is not moved the way you usually do."
            end = (
                " Nothing is locked in shadow mode."
                if now.mode == "shadow"
                else " If it goes on, the screen locks."
            )
            if can_answer:
                end += " If it is you, choose “That was me” in the tray's menu."
            return DesktopNotice("suspicious", "Unusual mouse movement", text + end)
        case State.UNKNOWN_MOUSE:
            mouse = f" ({now.mouse})" if now.mouse else ""
            text = (
                f"This mouse{mouse} is new here. Choose “Enrol this mouse” in the tray's menu if it is yours."
            )
            return DesktopNotice("unknown mouse", "Unknown mouse", text)
        case State.CANNOT_SEE:
            text = now.detail or "No mouse events can be seen: this session is not protected."
            return DesktopNotice("cannot see", "Steadyhand cannot see the mouse", text)
        case State.LEARNING if before.state is State.STARTING:
            text = "Work as usual. Only how the mouse moves is recorded: see “What is recorded” in the tray's menu."
            return DesktopNotice("learning", "Steadyhand is learning how you move the mouse", text)
        case _ if before.state is State.PAUSED and now.state is not State.LOCKED:
            return DesktopNotice("pause ended", "The pause has ended", "Steadyhand is watching again.")
    return None


def _protecting(before: Status) -> DesktopNotice | None:
    if before.state is State.LEARNING:
        text = "Steadyhand has learnt how you move the mouse and protects this session from now on."
        return DesktopNotice("protecting", "Protection has started", text)
    if before.state is State.NO_EVIDENCE:
        text = "Your administrator's profile is there: Steadyhand protects this session from now on."
        return DesktopNotice("protecting", "Protection has started", text)
    if before.state is State.PAUSED:
        return DesktopNotice("pause ended", "The pause has ended", "Steadyhand protects this session again.")
    if before.state is State.CANNOT_SEE:
        return DesktopNotice(
            "seeing again", "Steadyhand sees the mouse again", "This session is protected again."
        )
    return None


class Notices:
    """Turns the stream of statuses into desktop notifications, a few at most.

    Not thread-safe: one thread tells it every status. `told` blocks as long as the notifier does (200 ms).

    Parameters
    ----------
    notifier : Notifier
    clock : callable
        Monotonic time in ns.
    can_answer : bool
        True where the person can answer "that was me".
    """

    def __init__(self, notifier: Notifier, clock: Callable[[], int], *, can_answer: bool = True) -> None:
        self._notifier = notifier
        self._can_answer = can_answer
        self._clock = clock
        self._before = Status()
        self._shown_ns: dict[str, int] = {}

    def status_changed(self, status: Status) -> DesktopNotice | None:
        """Show what `status` deserves after the one before; returns what was shown, None if nothing was."""
        due = notice(self._before, status, can_answer=self._can_answer)
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
