"""Desktop notices: shows what changes of the status deserve, a few notifications at most."""

from __future__ import annotations

from collections.abc import Callable

from agent.host.notifier import ButtonNotifier, NoticeButton
from agent.language.language import ENGLISH, Language
from agent.runtime.status.snapshot import Status
from agent.ui.notice_wording import AnswerWay, DesktopNotice, notice

AGAIN_AFTER_NS = 5 * 60 * 1_000_000_000
"""The same kind of notice is not shown again within five minutes; a countdown always is."""


class Notices:
    """Turns the stream of statuses into desktop notifications, a few at most.

    Not thread-safe: one thread reports every status. `status_changed` blocks as long as the notifier does (200 ms).

    Parameters
    ----------
    notifier : ButtonNotifier
    clock : callable
        Monotonic time in ns.
    answer_way : callable
        How the person can answer where notifications have no button.
    has_menu : callable
        Whether the tray has a menu now.
    was_me : callable
        What the button asks for; must return at once.
    language : Language
    """

    def __init__(
        self,
        notifier: ButtonNotifier,
        clock: Callable[[], int],
        *,
        answer_way: Callable[[], AnswerWay] = lambda: AnswerWay.MENU,
        has_menu: Callable[[], bool] = lambda: True,
        was_me: Callable[[], None] = lambda: None,
        language: Language = ENGLISH,
    ) -> None:
        self._notifier = notifier
        self._language = language
        self._answer_way = answer_way
        self._has_menu = has_menu
        self._was_me = was_me
        self._clock = clock
        self._before = Status()
        self._shown_ns: dict[str, int] = {}

    def status_changed(self, status: Status) -> DesktopNotice | None:
        """Show what `status` deserves after the one before; returns what was shown, None if nothing was."""
        due, button = self._due(status)
        self._before = status
        if due is None or not (due.urgent or self._is_time(due.kind)):
            return None
        self._shown_ns[due.kind] = self._clock()
        return due if self._show(due, button) else None

    def _due(self, status: Status) -> tuple[DesktopNotice | None, NoticeButton | None]:
        """The notice, and the button "That was me" where it belongs on it and the desktop has buttons."""
        due = self._notice(status, AnswerWay.MENU)
        if due is None or not due.has_answer:
            return due, None
        way = self._answer_way()
        button = None
        if way is not AnswerWay.NONE and self._notifier.has_buttons():
            way = AnswerWay.BUTTON
            button = NoticeButton(self._language.text("That was me"), self._was_me)
        return self._notice(status, way), button

    def _notice(self, status: Status, way: AnswerWay) -> DesktopNotice | None:
        return notice(self._before, status, answer=way, has_menu=self._has_menu(), language=self._language)

    def hold_back(self, kind: str) -> None:
        """Do not show this kind for the next five minutes: the person knows already."""
        self._shown_ns[kind] = self._clock()

    def _show(self, due: DesktopNotice, button: NoticeButton | None) -> bool:
        if button is not None:
            return self._notifier.show_with_button(
                due.title, due.text, button, urgent=due.urgent, replaces=due.kind
            )
        return self._notifier.show(due.title, due.text, urgent=due.urgent, replaces=due.kind)

    def _is_time(self, kind: str) -> bool:
        last_ns = self._shown_ns.get(kind)
        return last_ns is None or self._clock() - last_ns >= AGAIN_AFTER_NS
