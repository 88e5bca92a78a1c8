"""Notices: which changes are told, in what words, and how often."""

from __future__ import annotations

import pytest

from agent.host.notifier import NoticeButton
from agent.language.language import ENGLISH
from agent.runtime.status.snapshot import State, Status
from agent.ui.notice_wording import AnswerWay, notice
from agent.ui.notices import AGAIN_AFTER_NS, Notices


class Shown:
    """A notifier that keeps what it showed."""

    def __init__(self, works: bool = True, buttons: bool = False) -> None:
        self.buttons: list[NoticeButton | None] = []
        self.texts: list[str] = []
        self._has_buttons = buttons
        self.titles: list[str] = []
        self.urgent: list[bool] = []
        self.replaced: list[str] = []
        self._works = works

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        assert text.endswith((".", "steadyhand was-me", "steadyhand open", "menu if it is yours."))
        self.texts.append(text)
        self.buttons.append(None)
        self.titles.append(title)
        self.urgent.append(urgent)
        self.replaced.append(replaces)
        return self._works

    def has_buttons(self) -> bool:
        return self._has_buttons

    def show_with_button(
        self, title: str, text: str, button: NoticeButton, *, urgent: bool = False, replaces: str = ""
    ) -> bool:
        assert self._has_buttons, "a button where there are none"
        shown = self.show(title, text, urgent=urgent, replaces=replaces)
        self.buttons[-1] = button
        return shown


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


@pytest.mark.parametrize(
    ("before", "now", "title"),
    [
        (State.LEARNING, State.PROTECTING, "Protection has started"),
        (State.NO_EVIDENCE, State.PROTECTING, "Protection has started"),
        (State.PAUSED, State.PROTECTING, "The pause has ended"),
        (State.PAUSED, State.NO_EVIDENCE, "The pause has ended"),
        (State.CANNOT_SEE, State.PROTECTING, "Steadyhand sees the mouse again"),
        (State.PROTECTING, State.SUSPICIOUS, "Unusual mouse movement"),
        (State.PROTECTING, State.UNKNOWN_MOUSE, "Unknown mouse"),
        (State.PROTECTING, State.CANNOT_SEE, "Steadyhand cannot see the mouse"),
        (State.STARTING, State.LEARNING, "Steadyhand is learning how you move the mouse"),
    ],
)
def test_told(before: State, now: State, title: str) -> None:
    told = notice(Status(before), Status(now))
    assert told is not None
    assert told.title == title
    assert not told.urgent


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (State.STARTING, State.PROTECTING),
        (State.SUSPICIOUS, State.PROTECTING),
        (State.PROTECTING, State.NO_EVIDENCE),
        (State.PROTECTING, State.PAUSED),
        (State.SUSPICIOUS, State.LOCKED),
        (State.PAUSED, State.LOCKED),
        *((state, state) for state in State),
    ],
)
def test_not_told(before: State, now: State) -> None:
    assert notice(Status(before, trust=90), Status(now, trust=10)) is None


def test_suspicion_says_whether_it_locks() -> None:
    shadow = notice(Status(State.PROTECTING), Status(State.SUSPICIOUS, mode="shadow"))
    enforce = notice(Status(State.PROTECTING), Status(State.SUSPICIOUS, mode="enforce"))
    assert shadow is not None
    assert enforce is not None
    assert "shadow mode" in shadow.text
    assert "the screen locks" in enforce.text


@pytest.mark.parametrize("now", [Status(State.SUSPICIOUS), Status(State.PROTECTING, countdown_s=5.0)])
@pytest.mark.parametrize(
    ("way", "has_buttons", "words"),
    [
        (AnswerWay.MENU, True, "Choose “That was me”."),
        (AnswerWay.COMMAND, True, "Choose “That was me”."),
        (AnswerWay.MENU, False, "Choose “That was me” in the tray's menu."),
        (AnswerWay.COMMAND, False, "Type this in a terminal: steadyhand was-me"),
        (AnswerWay.NONE, True, ""),
    ],
)
def test_the_notice_names_the_best_way_to_answer_that_there_is(
    now: Status, way: AnswerWay, has_buttons: bool, words: str
) -> None:
    shown, pressed = Shown(buttons=has_buttons), list[str]()
    notices = Notices(
        shown, Clock(), answer_way=lambda: way, was_me=lambda: pressed.append("was me"), language=ENGLISH
    )
    notices.status_changed(now)
    (text,), (button,) = shown.texts, shown.buttons
    assert words in text
    assert ("Is it you?" in text) is bool(words)
    assert (button is not None) is (has_buttons and way is not AnswerWay.NONE)
    if button:
        assert button.label == "That was me"
        button.pressed()
        assert pressed == ["was me"]


def test_while_the_question_is_asked_there_is_no_button() -> None:
    shown = Shown(buttons=True)
    notices = Notices(shown, Clock())
    for held in (False, True):
        notices.status_changed(Status(State.SUSPICIOUS, countdown_s=7.0, countdown_held=held))
    assert [button is not None for button in shown.buttons] == [True, False]
    assert shown.texts[1] == "Enter your password to keep the screen open."


def test_a_long_countdown_is_announced_every_ten_seconds_and_the_last_ten_one_by_one() -> None:
    shown = Shown()
    notices = Notices(shown, Clock())
    for left in range(45, 0, -1):
        notices.status_changed(Status(State.SUSPICIOUS, countdown_s=float(left)))
    seconds = [int(title.split()[4]) for title in shown.titles]
    assert seconds == [45, 40, 30, 20, *range(10, 0, -1)]


def test_the_countdown_counts_in_one_urgent_notification_and_says_how_it_ended() -> None:
    shown, clock = Shown(), Clock()
    notices = Notices(shown, clock)
    for end, lock in (("The screen was locked", "locked"), ("The screen stays open", "withdrawn")):
        for left in (3.0, 2.0, 2.0, 1.0, None):
            notices.status_changed(
                Status(State.SUSPICIOUS, countdown_s=left, last_lock=lock if left is None else "")
            )
        words = ["3 seconds", "2 seconds", "1 second"]
        assert shown.titles == [*(f"The screen locks in {left}" for left in words), end]
        assert shown.urgent == [True] * 4
        assert shown.replaced == ["countdown"] * 4
        for kept in (shown.titles, shown.urgent, shown.replaced):
            kept.clear()
    notices.status_changed(Status(State.SUSPICIOUS, countdown_s=1.0))
    notices.status_changed(Status(State.SUSPICIOUS, last_lock="failed"))
    assert shown.titles == ["The screen locks in 1 second"], "that it failed is told by whoever tried"


def test_the_same_is_not_told_again_within_five_minutes() -> None:
    shown, clock = Shown(), Clock()
    notices = Notices(shown, clock)
    for clock.now_ns in (0, AGAIN_AFTER_NS // 2, AGAIN_AFTER_NS - 1, AGAIN_AFTER_NS):
        notices.status_changed(Status(State.SUSPICIOUS))
        notices.status_changed(Status(State.NO_EVIDENCE))
    assert shown.titles == ["Unusual mouse movement"] * 2


def test_what_the_person_knows_already_is_held_back_for_five_minutes() -> None:
    shown, clock = Shown(), Clock()
    notices = Notices(shown, clock)
    notices.hold_back("learning")
    notices.status_changed(Status(State.LEARNING))
    assert shown.titles == []
    clock.now_ns = AGAIN_AFTER_NS
    notices.status_changed(Status(State.STARTING))
    assert notices.status_changed(Status(State.LEARNING)) is not None


def test_one_kind_does_not_hold_back_another() -> None:
    shown = Shown()
    notices = Notices(shown, Clock())
    for state in (State.SUSPICIOUS, State.UNKNOWN_MOUSE, State.CANNOT_SEE):
        assert notices.status_changed(Status(state)) is not None
    assert len(shown.titles) == 3


def test_a_desktop_without_notifications_is_no_error() -> None:
    assert Notices(Shown(works=False), Clock()).status_changed(Status(State.CANNOT_SEE)) is None


def test_what_helps_fits_into_gnomes_banner_whatever_the_reason() -> None:
    reason = "the mouse service does not answer at /run/steadyhand-mouse/socket (refused): as root: systemctl"
    for state in (State.CANNOT_SEE, State.FAILED):
        shown = notice(Status(state=State.PROTECTING), Status(state=state, detail=reason))
        assert shown is not None
        assert "steadyhand doctor" in shown.text[:45]
        assert shown.text.endswith(f". T{reason[1:]}"), "it begins as a sentence does"


@pytest.mark.parametrize(
    ("has_menu", "now", "words"),
    [
        (True, State.UNKNOWN_MOUSE, "Choose “Enrol this mouse” in the tray's menu."),
        (False, State.UNKNOWN_MOUSE, "Type: steadyhand enrol."),
        (True, State.LEARNING, "see “What is recorded” in the tray's menu."),
        (False, State.LEARNING, "see steadyhand open."),
    ],
)
def test_a_desktop_without_a_tray_is_pointed_to_no_menu(has_menu: bool, now: State, words: str) -> None:
    shown = Shown()
    notices = Notices(shown, Clock(), has_menu=lambda: has_menu)
    notices.status_changed(Status(now, mouse="M90"))
    assert words in shown.texts[0]
    assert ("menu" in shown.texts[0]) is has_menu
