"""Notifications beside the tray icon: none without an icon, long texts cut, failures said."""

from __future__ import annotations

import pytest

from agent.host.notifier import NoticeButton
from agent.host.tray_notifier import TrayNotifier, cut


def test_nothing_is_shown_before_there_is_an_icon() -> None:
    notifier, shown = TrayNotifier(), list[tuple[str, str]]()
    assert not notifier.show("title", "text")
    notifier.attach(lambda title, text: shown.append((title, text)))
    assert notifier.show("title", "text", urgent=True, replaces="countdown")
    assert notifier.show_with_button("again", "text", NoticeButton("That was me", lambda: None))
    assert shown == [("title", "text"), ("again", "text")]
    assert not notifier.has_buttons()


def test_an_icon_that_shows_nothing_is_not_taken_for_one_that_does() -> None:
    def refuse(title: str, text: str) -> None:
        raise OSError("no notification area")

    notifier = TrayNotifier()
    notifier.attach(refuse)
    assert not notifier.show("title", "text")


@pytest.mark.parametrize("text", ["word " * 80, "x" * 300, "\N{GRINNING FACE}" * 200, "ä" * 256])
def test_what_is_too_long_for_windows_is_cut_and_marked(text: str) -> None:
    shorter = cut(text, 255)
    assert len(shorter.encode("utf-16-le")) <= 510
    assert shorter.endswith(" …")
    assert text.startswith(shorter.removesuffix(" …"))


def test_what_fits_stays() -> None:
    assert cut("x" * 255, 255) == "x" * 255
