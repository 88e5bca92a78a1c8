"""Vocabulary of event tables: the words that public data sets and event lists use for events and buttons."""

from __future__ import annotations

from enum import Enum
from typing import Final

from agent.engine.events import Button, EventKind


class Extra(Enum):
    """What a word means beyond one event."""

    NONE = "one event"
    CLICK = "a press and its release at once"
    DERIVED = "no event of its own: others in the table tell the same"


# The words in which tables are written: Balabit's, and those that it lacks.
STATES: Final = {
    EventKind.MOVE: "Move",
    EventKind.DRAG: "Drag",
    EventKind.PRESS: "Pressed",
    EventKind.RELEASE: "Released",
}
BUTTONS: Final = {
    Button.LEFT: "Left",
    Button.RIGHT: "Right",
    Button.MIDDLE: "Middle",
    Button.BACK: "XButton",
    Button.FORWARD: "Forward",
}
DIRECTIONS: Final = {
    Button.SCROLL_UP: "Up",
    Button.SCROLL_DOWN: "Down",
    Button.SCROLL_LEFT: "Left",
    Button.SCROLL_RIGHT: "Right",
}

Meaning = tuple[EventKind, Button, Extra]

_KINDS: Final = {
    **dict.fromkeys(("move", "moved", "mousemove", "pointermove", "mousemoved"), EventKind.MOVE),
    **dict.fromkeys(("drag", "dragged", "dragging", "mousedrag", "mousedragged"), EventKind.DRAG),
    **dict.fromkeys(("pressed", "press", "mousedown", "pointerdown", "buttondown"), EventKind.PRESS),
    **dict.fromkeys(("released", "release", "mouseup", "pointerup", "buttonup"), EventKind.RELEASE),
    **dict.fromkeys(("click", "clicked", "mouseclick"), EventKind.PRESS),
}
_CLICKS: Final = frozenset(("click", "clicked", "mouseclick"))
_DERIVED: Final = frozenset(
    ("dblclick", "doubleclick", "contextmenu", "mouseenter", "mouseleave", "mouseover", "mouseout")
)
# DFL writes "Scrool", and no direction: it is taken as down.
_WHEEL: Final = {
    **dict.fromkeys(
        ("scroll", "scrool", "wheel", "mousewheel", "scrolldown", "wheeldown"), Button.SCROLL_DOWN
    ),
    **dict.fromkeys(("scrollup", "wheelup"), Button.SCROLL_UP),
}
_DIRECTIONS: Final = {
    "up": Button.SCROLL_UP,
    "down": Button.SCROLL_DOWN,
    "left": Button.SCROLL_LEFT,
    "right": Button.SCROLL_RIGHT,
}
_UP_OR_DOWN: Final = {"down": EventKind.PRESS, "up": EventKind.RELEASE}
_WHEEL_BUTTONS: Final = frozenset(("scroll", "wheel", "scrool"))
_BUTTONS: Final = {
    **dict.fromkeys(("nobutton", "none", "", "scroll", "wheel", "scrool"), Button.NONE),
    **dict.fromkeys(("left", "leftbutton", "buttonleft"), Button.LEFT),
    **dict.fromkeys(("right", "rightbutton", "buttonright"), Button.RIGHT),
    **dict.fromkeys(("middle", "middlebutton", "other", "buttonmiddle"), Button.MIDDLE),
    **dict.fromkeys(("xbutton", "back", "xbutton1"), Button.BACK),
    **dict.fromkeys(("forward", "xbutton2"), Button.FORWARD),
}


def meaning_of(state: str, button: str | None) -> Meaning | None:
    """What the words of one row mean.

    Parameters
    ----------
    state : str
    button : str or None
        None where the table has no column of buttons: a press is then one of the left button.

    Returns
    -------
    (kind, button, extra) or None
        None where a word is not known, or a press or release names no button.
    """
    word, named = _plain(state), "" if button is None else _plain(button)
    pressed = _BUTTONS.get(named)
    if pressed is None:
        return None
    if word in _DERIVED:
        return EventKind.MOVE, Button.NONE, Extra.DERIVED
    if word in _WHEEL:
        return EventKind.SCROLL, _WHEEL[word], Extra.NONE
    if word in _DIRECTIONS and (named in _WHEEL_BUTTONS or (pressed == Button.NONE and button is not None)):
        return EventKind.SCROLL, _DIRECTIONS[word], Extra.NONE
    kind = _KINDS.get(word, _UP_OR_DOWN.get(word))
    if kind is None:
        return None
    if kind in (EventKind.PRESS, EventKind.RELEASE) and pressed == Button.NONE:
        if button is not None:
            return None
        pressed = Button.LEFT
    return kind, pressed, Extra.CLICK if word in _CLICKS else Extra.NONE


def _plain(word: str) -> str:
    return word.strip().strip('"').lower().replace(" ", "").replace("_", "").replace("-", "")
