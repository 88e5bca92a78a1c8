"""The movement picture of the report: what an owner's and an intruder's hand look like, side by side."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image

from agent.engine.errors import SteadyhandError
from agent.engine.picture import picture
from agent.engine.sketch import SketchedRows
from agent.language.language import mark
from enroll.report import charts
from enroll.report.blocks import paragraph, section
from enroll.report.markup import Markup, element
from enroll.report.words import counted, written
from enroll.sessions import session_rows
from enroll.sources.keys import NO_KEYS, SourceKeys
from enroll.sources.sessions import sessions_at

MOVEMENTS = 60
SIDE_PX = 360

Drawn = tuple[bool, bytes, int]

_CODE = mark(
    "The first movements of a table of events, each drawn to end in the middle. Colour is direction (red right, "
    "green-yellow down, cyan left, violet up), bright is fast, pale is braking; a green ring is a left click, a red "
    "one a right click. Examples, not a measure."
)


def read_movements(path: Path, *, is_owner: bool, keys: SourceKeys = NO_KEYS) -> Drawn:
    """Whose they are, their picture as PNG, and how many movements it shows.

    Raises
    ------
    SteadyhandError
        If the file cannot be read, or nothing moves in it.
    """
    session = sessions_at(path, keys)[0]
    rows = session_rows(session.account, session.name, session, sketched=True).rows
    if not len(rows) or not isinstance(rows, SketchedRows):
        raise SteadyhandError(f"{path}: no movement in it", "give a table or recording with mouse moves")
    shown = rows.sketches[:MOVEMENTS]
    stored = io.BytesIO()
    Image.fromarray(picture(shown, SIDE_PX)).save(stored, "PNG", optimize=True)
    return is_owner, stored.getvalue(), len(shown)


def movements(drawn: tuple[Drawn, ...]) -> Markup:
    """The section with the pictures."""
    figures = []
    for is_owner, png, count in drawn:
        source = "data:image/png;base64," + base64.b64encode(png).decode()
        if is_owner:
            caption = counted("{n} movement of the owner", "{n} movements of the owner", count)
        else:
            caption = counted("{n} movement of an intruder", "{n} movements of an intruder", count)
        description = written("{movements}, as coloured lines on black", movements=caption)
        image = element("img", src=source, alt=description, width=SIDE_PX, height=SIDE_PX)
        figures.append(charts.figure(image, caption + "."))
    return section(
        written("What a hand looks like"),
        paragraph(written(_CODE), "under"),
        element("div", *figures, class_="pair"),
    )
