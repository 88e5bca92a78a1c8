"""A menu that is open is not replaced; what changed meanwhile comes when it is closed."""

from __future__ import annotations

from agent.ui.menu import Row
from agent.ui.open_menu import OpenMenu

FIRST, SECOND, THIRD = (Row("Trust: 90"),), (Row("Trust: 80"),), (Row("Trust: 70"),)


def test_rows_are_put_once_each() -> None:
    shown: list[tuple[Row, ...]] = []
    menu = OpenMenu(shown.append)
    for rows in (FIRST, FIRST, SECOND):
        menu.show(rows)
    assert shown == [FIRST, SECOND]


def test_while_it_is_open_nothing_is_put_and_afterwards_the_latest() -> None:
    shown: list[tuple[Row, ...]] = []
    menu = OpenMenu(shown.append)
    menu.show(FIRST)

    def opens(first: int, second: int) -> int:
        menu.show(SECOND)
        menu.show(THIRD)
        # The menu's loop hands on other messages of the icon, which end before it does.
        assert menu.watched(lambda *_: 7)(0, 0x200) == 7
        assert shown == [FIRST]
        return first + second

    assert menu.watched(opens)(1, 0x205) == 0x206
    assert shown == [FIRST, THIRD]


def test_a_click_that_fails_leaves_a_menu_that_changes_again() -> None:
    shown: list[tuple[Row, ...]] = []
    menu = OpenMenu(shown.append)

    def fails(_first: int, _second: int) -> None:
        menu.show(SECOND)
        raise OSError("nothing opens pages")

    try:
        menu.watched(fails)(0, 0)
    except OSError:
        menu.show(THIRD)
    assert shown == [SECOND, THIRD]
