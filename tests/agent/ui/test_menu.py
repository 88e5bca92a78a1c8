"""The menu's rows."""

from __future__ import annotations

from itertools import pairwise

import pytest

from agent.config.schema import EnrolmentSettings, ResponseSettings, Settings
from agent.runtime.status.snapshot import Command, State, Status
from agent.ui.menu import BY_POLICY, NO_REAUTHENTICATION, SEPARATOR, Allowed, Page, Row, rows
from agent.ui.status_lines import tooltip

FREE = Allowed()


def row(menu: tuple[Row, ...], action: Command | Page, start: str = "") -> Row:
    found = [r for r in menu if r.action is action and r.text.startswith(start)]
    assert len(found) == 1, found
    return found[0]


def has(menu: tuple[Row, ...], action: Command) -> bool:
    return any(r.action is action for r in menu)


def test_the_whole_menu() -> None:
    status = Status(State.PROTECTING, trust=93, mode="enforce", mouse="Test mouse, 800 CPI")
    assert [r.text for r in rows(status, FREE)] == [
        "Protecting this session",
        "Trust: 93 of 100",
        "Mouse: Test mouse, 800 CPI",
        "Mode: enforce, alerts and locks",
        "",
        "Pause for 15 minutes",
        "Enrol this mouse",
        "Enrol me anew",
        "",
        "Status page",
        "What is recorded",
        "",
        "Quit Steadyhand",
    ]


@pytest.mark.parametrize("state", State)
def test_one_default_and_no_loose_separators(state: State) -> None:
    menu = rows(Status(state), FREE)
    assert [r.action for r in menu if r.default] == [Page.STATUS]
    assert SEPARATOR not in (menu[0], menu[-1])
    assert (SEPARATOR, SEPARATOR) not in pairwise(menu)


def test_the_last_seconds_before_a_lock_count_in_menu_and_tooltip() -> None:
    for seconds, words in ((4.0, "in 4 seconds"), (1.0, "in 1 second")):
        status = Status(State.SUSPICIOUS, trust=3, mode="enforce", countdown_s=seconds)
        told = rows(status, FREE)
        assert told[0].text == f"The screen locks {words}"
        assert tooltip(status).startswith(f"Steadyhand: The screen locks {words}")
        assert has(told, Command.IT_WAS_ME)


@pytest.mark.parametrize("state", [State.CANNOT_SEE, State.PAUSED, State.LOCKED, State.AWAY])
def test_no_figure_where_nothing_is_judged(state: State) -> None:
    status = Status(state, trust=100)
    assert not any("100" in r.text for r in rows(status, FREE))
    assert "100" not in tooltip(status)


@pytest.mark.parametrize("state", State)
def test_pause_and_resume_never_together(state: State) -> None:
    menu = rows(Status(state), FREE)
    assert has(menu, Command.RESUME) is (state is State.PAUSED)
    assert has(menu, Command.PAUSE) is not has(menu, Command.RESUME)


def test_that_was_me_only_when_suspicious() -> None:
    assert row(rows(Status(State.SUSPICIOUS), FREE), Command.IT_WAS_ME).enabled
    assert not has(rows(Status(State.PROTECTING), FREE), Command.IT_WAS_ME)


def test_that_was_me_stays_until_it_is_answered() -> None:
    later = Status(State.PROTECTING, doubted_unix_s=1_700_000_000.0)
    assert row(rows(later, FREE), Command.IT_WAS_ME).enabled


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0.01, "A few minutes of mouse use are left"),
        (0.6, "About 35 minutes of mouse use are left"),
        (2.6, "About 3 hours of mouse use are left"),
    ],
)
def test_learning_says_how_long_it_still_takes(hours: float, words: str) -> None:
    status = Status(State.LEARNING, enrolled_share=0.42, hours_left=hours)
    assert words in [r.text for r in rows(status, FREE)]
    assert tooltip(status).endswith(f"42 % done. {words}")
    assert not any("left" in r.text for r in rows(Status(State.LEARNING, enrolled_share=0.0), FREE))


def test_without_reauthentication_nothing_that_ends_protection() -> None:
    allowed = Allowed.under(Settings(), reauthentication=False)
    menu = rows(Status(State.SUSPICIOUS), allowed)
    for command in (Command.PAUSE, Command.ENROL, Command.QUIT, Command.IT_WAS_ME):
        asked = row(menu, command)
        assert not asked.enabled
        assert NO_REAUTHENTICATION in asked.text
    assert row(rows(Status(State.PAUSED), allowed), Command.RESUME).enabled


def test_policy_is_named_before_anything_else() -> None:
    settings = Settings(
        response=ResponseSettings(pause_allowed=False), enrolment=EnrolmentSettings(local=False)
    )
    for reauthentication in (True, False):
        menu = rows(Status(State.PROTECTING), Allowed.under(settings, reauthentication=reauthentication))
        for command in (Command.PAUSE, Command.ENROL):
            assert not row(menu, command).enabled
            assert BY_POLICY in row(menu, command).text


@pytest.mark.parametrize(
    ("most_min", "text"), [(30.0, "15 minutes"), (10.0, "10 minutes"), (1.0, "1 minute")]
)
def test_pause_is_no_longer_than_policy_has_it(most_min: float, text: str) -> None:
    allowed = Allowed.under(
        Settings(response=ResponseSettings(pause_most_min=most_min)), reauthentication=True
    )
    assert row(rows(Status(State.PROTECTING), allowed), Command.PAUSE).text == f"Pause for {text}"


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0 %"), (0.29, "29 %"), (0.999, "99 %"), (1.0, "100 %"), (1.7, "100 %")]
)
def test_progress_is_never_ahead(share: float, text: str) -> None:
    menu = rows(Status(State.LEARNING, enrolled_share=share), FREE)
    assert menu[0].text == f"Learning how you move the mouse: {text} done"


@pytest.mark.parametrize(
    ("state", "why"), [(State.LEARNING, "already under way"), (State.CANNOT_SEE, "cannot be seen")]
)
def test_enrolling_has_its_time(state: State, why: str) -> None:
    asked = row(rows(Status(state), FREE), Command.ENROL)
    assert not asked.enabled
    assert why in asked.text
