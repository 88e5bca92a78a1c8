"""The windows to work in on the stage: a folder, a letter, a list of tasks; and the same as a `Desk`.

Run as ``python -m agent.demo.desktop WIDTH HEIGHT`` it shows them, and marks what is clicked, until the
display goes away.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageFont
from Xlib import X, Xutil
from Xlib.display import Display
from Xlib.error import ConnectionClosedError

from agent.demo.synthesis import Desk, Doing, Screen, Target

INK: Final = "#24313a"
PAPER: Final = "#fbfaf7"
_POINT: Final = (Doing.CLICK, Doing.MOVE)
_ITEM: Final = (Doing.CLICK, Doing.DOUBLE_CLICK, Doing.DRAG, Doing.MOVE)
_TEXT: Final = (Doing.CLICK, Doing.DOUBLE_CLICK, Doing.DRAG, Doing.SCROLL, Doing.MOVE)

Box = tuple[int, int, int, int]
Part = tuple[str, Box, tuple[Doing, ...]]


@dataclass(frozen=True, slots=True)
class Pane:
    """One window: its title, the place of its inside on the screen, and what is in it.

    Attributes
    ----------
    title : str
    place : (int, int, int, int)
        Left, top, width, height, px.
    parts : tuple of (str, box, doings)
        Label, left, top, width and height inside the window, and what can be done there.
    """

    title: str
    place: Box
    parts: tuple[Part, ...]


def layout(width: int, height: int) -> tuple[Pane, ...]:
    """The windows for a screen of this size, px."""
    u, v = width / 1280, height / 800
    folder = _pane("Letters", (40 * u, 50 * v, 330 * u, 560 * v), _rows(FILES, 330 * u, 30 * v, _ITEM))
    tools: list[Part] = [(name, _box(10 + 64 * i, 8, 58, 24), _POINT) for i, name in enumerate(TOOLS)]
    lines = _rows(LINES, 490 * u, 27 * v, _TEXT, top=46 * v)
    letter = _pane("Letter to the harbour office", (410 * u, 80 * v, 490 * u, 580 * v), tools + lines)
    buttons: list[Part] = [
        (name, _box(16 * u, (250 + 44 * i) * v, 120, 28), _POINT) for i, name in enumerate(BUTTONS)
    ]
    small: list[Part] = [("", _box((160 + 34 * i) * u, 254 * v, 22, 22), _POINT) for i in range(4)]
    tasks = _pane(
        "Today", (940 * u, 160 * v, 300 * u, 420 * v), _rows(TASKS, 300 * u, 32 * v, _ITEM) + buttons + small
    )
    return folder, letter, tasks


def desk(width: int, height: int, *, pace: float, report_ms: float = 8.0) -> Desk:
    """What there is to do in these windows."""
    targets = [
        Target(pane.place[0] + x, pane.place[1] + y, w, h, doings)
        for pane in layout(width, height)
        for _, (x, y, w, h), doings in pane.parts
    ]
    return Desk((Screen(0, 0, width, height),), tuple(targets), pace=pace, report_ms=report_ms)


def show(display: Display, panes: tuple[Pane, ...]) -> None:
    """Show the windows and mark what is clicked, until the display goes away. Blocks."""
    opened = {}
    for pane in panes:
        window = _open(display, pane)
        opened[window.id] = (window, pane)
    while True:
        event = display.next_event()
        if event.type == X.ButtonPress and event.window.id in opened and event.detail == 1:
            window, pane = opened[event.window.id]
            _mark(window, pane, event.event_x, event.event_y)


def _open(display: Display, pane: Pane):  # type: ignore[no-untyped-def]  # python-xlib has no types
    left, top, width, height = pane.place
    screen = display.screen()
    picture = screen.root.create_pixmap(width, height, screen.root_depth)
    picture.put_pil_image(picture.create_gc(), 0, 0, draw(pane))
    # Like an ordinary program it wants motion: X then delivers at once what RECORD would hold back.
    mask = X.ButtonPressMask | X.ButtonReleaseMask | X.PointerMotionMask
    window = screen.root.create_window(
        left, top, width, height, 0, screen.root_depth, background_pixmap=picture, event_mask=mask
    )
    window.set_wm_name(pane.title)
    place = Xutil.USPosition | Xutil.USSize | Xutil.PWinGravity
    window.set_wm_normal_hints(flags=place, win_gravity=X.StaticGravity)
    window.map()
    display.flush()
    return window


def _mark(window, pane: Pane, x: int, y: int) -> None:  # type: ignore[no-untyped-def]  # python-xlib has no types
    """Frame the part that was clicked, and no other."""
    window.clear_area()
    for _, (left, top, width, height), _ in pane.parts:
        if left <= x < left + width and top <= y < top + height:
            gc = window.create_gc(foreground=0xC8553D, line_width=2)
            window.rectangle(gc, left, top, width - 1, height - 1)
            gc.free()
    window.display.flush()


def draw(pane: Pane) -> Image.Image:
    """The window's picture."""
    picture = Image.new("RGB", pane.place[2:], PAPER)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(13)
    for label, (x, y, w, h), doings in pane.parts:
        if doings is _POINT:
            pen.rounded_rectangle((x, y, x + w - 1, y + h - 1), 4, "#dfe6e6", "#aab7b8")
        pen.text((x + 8, y + h / 2), label, INK, font, anchor="lm")
    return picture


def _box(left: float, top: float, width: float, height: float) -> Box:
    return round(left), round(top), round(width), round(height)


def _pane(title: str, place: tuple[float, float, float, float], parts: list[Part]) -> Pane:
    return Pane(title, _box(*place), tuple(parts))


def _rows(
    labels: tuple[str, ...], width: float, height: float, doings: tuple[Doing, ...], top: float = 8.0
) -> list[Part]:
    """Labels below one another, each as wide as its text or at least a third of the window."""
    return [
        (
            label,
            _box(12, top + i * height, min(width - 24, max(width / 3, 8.0 * len(label))), height - 4),
            doings,
        )
        for i, label in enumerate(labels)
    ]


FILES: Final = tuple(
    f"{name}.txt"
    for name in (
        "Accounts, third quarter", "Berth allocation", "Board minutes", "Crane inspection", "Customs form 12",
        "Delivery note 4471", "Fuel contract", "Harbour office", "Insurance renewal", "Inventory, north shed",
        "Minutes of Tuesday", "Offer, new moorings", "Rota for December", "Safety drill", "Tide tables",
        "Travel expenses", "Winter storage",
    )
)  # fmt: skip
TOOLS: Final = ("Save", "Print", "Undo", "Find", "Bold", "Send")
LINES: Final = (
    "Harbour office, Quay 3", "20 November", "", "Dear Ms Lindqvist,", "",
    "thank you for the plan of the new moorings. We have",
    "gone through it with the crew of the north shed, and",
    "would like to ask for two changes before it is signed.", "",
    "First, the crane needs four metres on either side, not", "three, when the wind comes from the west.",
    "Second, berth 12 should stay free until the end of the", "month, because the dredger will be there.", "",
    "The rest can stay as it is. The contract for fuel is", "attached; please send one copy back.", "",
    "With kind regards", "A. Holm",
)  # fmt: skip
TASKS: Final = (
    "Call the shipyard", "Sign the fuel contract", "Answer Ms Lindqvist", "Book the dredger",
    "Check tide tables", "Order lamps", "Send the rota",
)  # fmt: skip
BUTTONS: Final = ("New task", "Done", "Postpone")


def main() -> None:
    """Show the windows on $DISPLAY until it goes away."""
    width, height = map(int, sys.argv[1:3])
    display = Display()
    try:
        show(display, layout(width, height))
    except ConnectionClosedError:
        # The stage is over.
        return


if __name__ == "__main__":
    main()
