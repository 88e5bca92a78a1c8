"""Changing the texts of a menu in place: only of the menu that is there."""

from dataclasses import replace

from agent.ui.backend_gtk import retext
from agent.ui.menu import Row

ROWS = (Row("Protecting"), Row(""), Row("Status", default=True))


class Item:
    """A GTK menu item that remembers its text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def set_label(self, text: str) -> None:
        self.text = text


def embolden(item: Item, text: str) -> None:
    item.text = f"**{text}**"


def built(rows: tuple[Row, ...]) -> list[Item]:
    return [Item(row.text) for row in rows]


def test_only_texts_that_differ_are_changed() -> None:
    items = built(ROWS)
    new = (replace(ROWS[0], text="Learning"), ROWS[1], replace(ROWS[2], text="Page"))
    assert retext(items, ROWS, new, embolden)
    assert [item.text for item in items] == ["Learning", "", "**Page**"]


def test_a_menu_that_is_not_made_yet_is_left_to_be_made() -> None:
    assert not retext((), ROWS, ROWS, embolden)


def test_the_menu_before_the_last_one_is_left_alone() -> None:
    items = built(ROWS[:2])
    assert not retext(items, ROWS, (replace(ROWS[0], text="Learning"), *ROWS[1:]), embolden)
    assert [item.text for item in items] == ["Protecting", ""]


def test_rows_that_ask_for_something_else_need_another_menu() -> None:
    items = built(ROWS)
    assert not retext(items, ROWS, (replace(ROWS[0], enabled=not ROWS[0].enabled), *ROWS[1:]), embolden)
    assert items[0].text == "Protecting"
