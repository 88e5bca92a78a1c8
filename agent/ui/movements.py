"""The movement picture of a page: the last movements, drawn by the code of docs/picture.md."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from agent.engine.picture import picture
from agent.engine.sketch import WIDTH
from agent.language.language import ENGLISH, Language, mark
from agent.ui.page import plain

SIDE_PX = 360

CAPTION = mark(
    "The last movements, each drawn to end in the middle: no place on the screen is kept. Colour is direction (red "
    "right, green-yellow down, cyan left, violet up), bright is fast, pale is braking, a green ring is a left click "
    "and a red ring a right click."
)


def movement_picture(movements: bytes, language: Language = ENGLISH) -> str:
    """HTML of the picture with its explanation; empty without movements.

    Parameters
    ----------
    movements : bytes
        Sketches, float32, one after the other, as `Status` has them.
    language : Language
    """
    sketches = np.frombuffer(movements, np.float32)
    if not len(sketches) or len(sketches) % WIDTH:
        return ""
    stored = io.BytesIO()
    Image.fromarray(picture(sketches.reshape(-1, WIDTH), SIDE_PX)).save(stored, "PNG", optimize=True)
    png_base64 = base64.b64encode(stored.getvalue()).decode()
    count = len(sketches) // WIDTH
    caption = plain(language.text(CAPTION))
    alternative = language.text("The last {count} movements as coloured lines on black", count=count)
    return (
        f'<img class="movements" alt="{plain(alternative)}" '
        f'width="{SIDE_PX}" height="{SIDE_PX}" src="data:image/png;base64,{png_base64}"><p>{caption}</p>'
    )
