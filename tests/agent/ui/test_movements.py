"""The movement picture of the status page: on this computer alone."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image

from agent.engine.sketch import WIDTH
from agent.runtime.status.snapshot import State, Status
from agent.ui.movements import SIDE_PX, movement_picture
from agent.ui.statuspage import status_page
from tests.agent.engine.sketched import sketches

STATUS = Status(state=State.PROTECTING, trust=80, movements=sketches(20, 0.4, 1).tobytes())


def test_the_page_shows_the_last_movements() -> None:
    text = status_page(STATUS, "12:00:00")
    assert "The last movements" in text
    found = re.search(r'alt="The last 20 movements[^>]*base64,([^"]+)"', text)
    assert found is not None
    drawn = np.asarray(Image.open(io.BytesIO(base64.b64decode(found[1]))))
    assert drawn.shape == (SIDE_PX, SIDE_PX, 3)
    assert (drawn.max(axis=2) > 60).sum() > 200
    assert "style=" not in text, "the page's own policy would block it"


def test_without_movements_there_is_no_picture() -> None:
    assert "The last movements" not in status_page(Status(state=State.PROTECTING), "12:00:00")
    assert movement_picture(b"") == ""
    assert movement_picture(np.zeros(WIDTH - 1, np.float32).tobytes()) == ""


def test_the_status_file_holds_no_movements() -> None:
    assert "movements" not in STATUS.to_json()
    assert Status.from_json(STATUS.to_json()).movements == b""
