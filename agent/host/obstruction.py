"""Obstruction: what keeps a pointer source that works from hearing the mouse, for as long as it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Obstruction:
    """What is in the way now.

    Attributes
    ----------
    reason : str
        A sentence for the person at the computer; empty where nothing is in the way.
    unseen_ns : int
        For how long a hand moved the pointer unseen; time in which it was seen counts against it.
    """

    reason: str = ""
    unseen_ns: int = 0


CLEAR: Final = Obstruction()
"""Nothing is in the way."""


def nothing_obstructs() -> Obstruction:
    """The answer of systems that show every window's mouse."""
    return CLEAR
