"""Translated notifier: shows the agent's sentences in the language of the person's session."""

from __future__ import annotations

from collections.abc import Callable

from agent.host.notifier import ButtonNotifier, IconNotifier, NoticeButton
from agent.language.language import Language


class TranslatedNotifier:
    """`ButtonNotifier` and `IconNotifier` that renders titles and texts; what is in the language already stays.

    Parameters
    ----------
    notifier : ButtonNotifier
    language : Language
    """

    def __init__(self, notifier: ButtonNotifier, language: Language) -> None:
        self._notifier = notifier
        self._language = language

    def attach(self, show: Callable[[str, str], None]) -> None:
        """See `IconNotifier.attach`; nothing where the desktop shows notifications without an icon."""
        if isinstance(self._notifier, IconNotifier):
            self._notifier.attach(show)

    def has_buttons(self) -> bool:
        """See `ButtonNotifier.has_buttons`."""
        return self._notifier.has_buttons()

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        """See `Notifier.show`."""
        render = self._language.render
        return self._notifier.show(render(title), render(text), urgent=urgent, replaces=replaces)

    def show_with_button(
        self, title: str, text: str, button: NoticeButton, *, urgent: bool = False, replaces: str = ""
    ) -> bool:
        """See `ButtonNotifier.show_with_button`."""
        render = self._language.render
        labelled = NoticeButton(render(button.label), button.pressed)
        return self._notifier.show_with_button(
            render(title), render(text), labelled, urgent=urgent, replaces=replaces
        )
