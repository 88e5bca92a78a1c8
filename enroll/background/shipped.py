"""Shipped background: five people of the Boğaziçi data, the only one whose licence lets it be passed on.

Computed from "Mouse dynamics dataset" by Kılıç, Yıldırım & Anarım (2021), Data in Brief 36:107094, licensed CC BY 4.0
(https://creativecommons.org/licenses/by/4.0/). Changed: second moments of window vectors alone, no row and no event. It
was signed once, by a key whose private half was thrown away.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from agent.files.background import Background, read_background
from agent.files.keys import PublicKey, Trust

FILE: Final = Path(__file__).with_name("bogazici-five.background")
KEY_FILE: Final = Path(__file__).with_name("bogazici-five.pub.pem")


@cache
def shipped_background() -> Background:
    """The background that comes with Steadyhand.

    Raises
    ------
    SteadyhandError
        If the file is missing or was changed.
    """
    key = PublicKey.from_pem(KEY_FILE.read_bytes(), str(KEY_FILE))
    return read_background(FILE, Trust.of(administrator=key))
