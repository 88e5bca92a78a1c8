"""The page after a false lock: why, what helps, and the offer to be enrolled anew, once for each false lock."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.alerts.alert_history import Noticed
from agent.language.language import ENGLISH, Language, language_named
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.snapshot import State, Status
from agent.ui.day import Day
from agent.ui.false_lock import FalseLockScreen, false_lock_page
from agent.ui.viewer import Viewer
from tests.agent.ui.test_notices import Shown

REASON = "speed differs much from the owner's"
DAY = Day(
    1000.0,
    noticed=(
        Noticed(900.0, "intruder", "t", "m", ("path differs clearly from the owner's",), "e"),
        Noticed(950.0, "intruder", "t", "m", (REASON,), "f"),
        Noticed(960.0, "lock result", "t", "m", (), "f"),
    ),
)
LOCKED = Status(State.PROTECTING, last_lock="locked", false_locks=1)
SEVERAL = Status(State.PROTECTING, last_lock="locked", false_locks=2, locks_suspended=True)


def test_it_says_why_and_that_nothing_is_held_against_anybody() -> None:
    page = false_lock_page(LOCKED, DAY, PrivacyFacts(contact="Ms Berg, 4711"))
    assert "<h1>Why the screen was locked</h1>" in page
    assert "speed differs much" in page
    assert "path differs" not in page, "only the newest finding"
    assert "Nothing is held against you" in page
    assert "Questions: Ms Berg, 4711" in page
    withdrawn = false_lock_page(Status(last_lock="withdrawn", false_locks=1), DAY, PrivacyFacts())
    assert "<h1>Why the screen was about to lock</h1>" in withdrawn


def test_after_several_false_locks_learning_anew_is_offered_first() -> None:
    once, often = (false_lock_page(s, DAY, PrivacyFacts()) for s in (LOCKED, SEVERAL))
    for page, first, second in ((once, "enrol</code>", "enrol-anew"), (often, "enrol-anew", "enrol</code>")):
        assert page.index(first) < page.index(second)
    assert "only alerts until tomorrow" in often
    assert "only alerts until tomorrow" not in once


def test_where_this_computer_does_not_learn_the_administrator_is_named() -> None:
    page = false_lock_page(SEVERAL, DAY, PrivacyFacts(learns_here=False))
    assert "ask your administrator to enrol you anew" in page
    assert "enrol-anew" not in page


@pytest.mark.parametrize(
    ("language", "word"), [(ENGLISH, "Why the screen"), (language_named("de"), "Warum der Bildschirm")]
)
def test_it_is_shown_once_for_each_false_lock(tmp_path: Path, language: Language, word: str) -> None:
    opened: list[str] = []
    viewer = Viewer(tmp_path, ("open-it",), lambda command: opened.append(command[-1]))
    screen = FalseLockScreen(viewer, Shown(), lambda: DAY, PrivacyFacts, language)
    for status in (Status(), LOCKED, LOCKED, SEVERAL, Status(), LOCKED):
        screen.status_changed(status)
    assert [Path(path).name for path in opened] == ["false-lock.html"] * 3
    assert word in (tmp_path / "false-lock.html").read_text(encoding="utf-8")


def test_where_nothing_opens_pages_a_notification_says_where_to_look(tmp_path: Path) -> None:
    shown = Shown()
    screen = FalseLockScreen(Viewer(tmp_path, ()), shown, lambda: DAY, PrivacyFacts)
    screen.status_changed(LOCKED)
    assert shown.titles == ["Why the screen was locked"]
