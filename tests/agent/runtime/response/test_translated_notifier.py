"""Notifications in the person's language, and beside the icon where they belong to one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from agent.config.schema import Settings
from agent.files.paths import Paths
from agent.host.tray_notifier import TrayNotifier
from agent.language.language import ENGLISH
from agent.runtime.response.translated_notifier import TranslatedNotifier
from agent.ui.main import _tray
from agent.ui.tray import Tray


def test_messages_reach_the_icon_that_is_attached_later() -> None:
    """On Windows every notification goes this way."""
    notifier, shown = TranslatedNotifier(TrayNotifier(), ENGLISH), list[tuple[str, str]]()
    assert not notifier.show("The screen locks in 10 seconds", "Is it you?")
    notifier.attach(lambda title, text: shown.append((title, text)))
    assert notifier.show("The screen locks in 10 seconds", "Is it you?")
    assert shown == [("The screen locks in 10 seconds", "Is it you?")]


def test_a_desktop_that_needs_no_icon_takes_none() -> None:
    class Refuses:
        """Takes no call at all."""

    TranslatedNotifier(Refuses(), ENGLISH).attach(lambda _title, _text: None)  # type: ignore[arg-type]


def test_the_agent_attaches_its_icon_to_the_notifier_that_it_shows_with(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[str, str]] = []
    monkeypatch.setattr(Tray, "notify", lambda _self, title, text: shown.append((title, text)))
    notifier = TranslatedNotifier(TrayNotifier(), ENGLISH)
    app: Any = SimpleNamespace(request=print, can_ask=True, settings=Settings(), notifier=notifier)
    _tray(app, Paths(tmp_path, tmp_path, tmp_path), SimpleNamespace(spells=()), ENGLISH)  # type: ignore[arg-type]
    assert notifier.show("a", "b")
    assert shown == [("a", "b")]
