"""D-Bus menu: the menu of a status notifier item as com.canonical.dbusmenu describes it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

MENU_INTERFACE: Final = "com.canonical.dbusmenu"
VERSION: Final = 3
_ROOT: Final = 0

Answer = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class MenuLine:
    """One line of the menu; one without a text separates."""

    text: str
    enabled: bool = True


class DbusMenu:
    """A flat menu. Lines are numbered from 1; 0 is the menu itself."""

    def __init__(self) -> None:
        self._lines: tuple[MenuLine, ...] = ()
        self.revision = 1

    def show(self, lines: Sequence[MenuLine]) -> bool:
        """Take other lines; True where they differ."""
        if tuple(lines) == self._lines:
            return False
        self._lines = tuple(lines)
        self.revision += 1
        return True

    def properties(self) -> dict[str, tuple[str, Any]]:
        """The properties of the interface."""
        return {
            "Version": ("u", VERSION),
            "TextDirection": ("s", "ltr"),
            "Status": ("s", "normal"),
            "IconThemePath": ("as", []),
        }

    def answer(self, member: str, body: tuple[Any, ...]) -> Answer | None:
        """Signature and body of the answer to a call; None for one that there is not.

        Raises
        ------
        ValueError, TypeError
            If the call's arguments are none.
        """
        match member:
            case "GetLayout":
                parent, depth, _ = body
                return "u(ia{sv}av)", (self.revision, self._layout(int(parent), int(depth)))
            case "GetGroupProperties":
                numbers, _ = body
                wanted = [int(number) for number in numbers] or range(len(self._lines) + 1)
                return "a(ia{sv})", ([(n, self._of(n)) for n in wanted if self._has(n)],)
            case "GetProperty":
                number, name = body
                return "v", (self._of(int(number)).get(str(name), ("s", "")),)
            case "Event":
                return "", ()
            case "EventGroup":
                return "ai", ([],)
            case "AboutToShow":
                return "b", (False,)
            case "AboutToShowGroup":
                return "aiai", ([], [])
        return None

    def chosen(self, member: str, body: tuple[Any, ...]) -> list[int]:
        """Which lines a call says were chosen, from 0."""
        events: list[Any] = [body] if member == "Event" else list(body[0]) if member == "EventGroup" else []
        numbers = [int(event[0]) for event in events if event[1] == "clicked"]
        return [n - 1 for n in numbers if n != _ROOT and self._has(n) and self._lines[n - 1].enabled]

    def _layout(self, number: int, depth: int) -> tuple[int, dict[str, tuple[str, Any]], list[Any]]:
        children: list[Any] = []
        if number == _ROOT and depth != 0:
            children = [("(ia{sv}av)", self._layout(n, 0)) for n in range(1, len(self._lines) + 1)]
        return number, self._of(number), children

    def _has(self, number: int) -> bool:
        return 0 <= number <= len(self._lines)

    def _of(self, number: int) -> dict[str, tuple[str, Any]]:
        if number == _ROOT or not self._has(number):
            return {"children-display": ("s", "submenu")}
        line = self._lines[number - 1]
        if not line.text:
            return {"type": ("s", "separator")}
        # A line of text is a line of text: an underscore would be taken for a key.
        return {"label": ("s", line.text.replace("_", "__")), "enabled": ("b", line.enabled)}
