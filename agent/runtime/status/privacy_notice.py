"""Privacy notice: three sentences shown once, before anything is recorded, and the same everywhere."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.private import write_private
from agent.host.api import Notifier

LOG: Final = logging.getLogger(__name__)
TITLE: Final = "What Steadyhand records"

PURPOSE: Final = (
    "Steadyhand looks at how the mouse moves (when, where, its buttons and its wheel) to notice when somebody "
    "else uses your unlocked computer."
)
NEVER: Final = "It sees no key, no text, no window and no program, and it measures nobody's work."
LEARNS: Final = (
    "Until it knows your way, in a few hours of normal work, the movements are kept encrypted on this "
    "computer; then they are deleted, and from the tray you can see everything that is kept."
)
KEEPS: Final = (
    "Until it knows your way, in a few hours of normal work, the movements are kept encrypted on this "
    "computer, and policy keeps them afterwards; from the tray you can see everything that is kept."
)
HANDS_OVER: Final = (
    "Your administrator makes your profile: until it is there, in a few hours of normal work, the movements are kept "
    "encrypted on this computer, handed over so that only your administrator can open them, and then deleted "
    "here; from the tray you can see everything that is kept."
)
RECORDS_NOTHING: Final = (
    "It compares with a profile that your administrator has made and keeps no movements on this computer; "
    "from the tray you can see everything that is kept."
)


def sentences(*, learns: bool, keeps: bool, hands_over: bool = False) -> tuple[str, str, str]:
    """The three sentences.

    Parameters
    ----------
    learns : bool
        True where policy allows to enrol on this computer.
    keeps : bool
        True where policy keeps recordings after training.
    hands_over : bool
        True where policy does not let this computer learn and asks for its recordings.
    """
    elsewhere = HANDS_OVER if hands_over else RECORDS_NOTHING
    last = elsewhere if not learns else KEEPS if keeps else LEARNS
    return PURPOSE, NEVER, last


def was_told(marker: Path, sentence: str) -> bool:
    """True if the person has been told this very sentence: without it, nothing is handed over."""
    try:
        return sentence in marker.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False


def introduce(
    marker: Path, words: tuple[str, str, str], notifier: Notifier, say: Callable[[str], None]
) -> bool:
    """Say the three sentences, on the terminal and as a notification, once and whenever they change. May block 200 ms.

    Parameters
    ----------
    marker : Path
        Holds what was told last; written here.
    words : tuple of str
    notifier : Notifier
    say : callable
        Takes each line for the terminal.

    Returns
    -------
    bool
        True if they were said.
    """
    if all(was_told(marker, word) for word in words):
        return False
    for line in (TITLE + ":", *words):
        say(line)
    # A desktop without notifications has the terminal and the status page.
    notifier.show(TITLE, " ".join(words), urgent=True)
    try:
        write_private(marker, "\n".join(words).encode())
    except SteadyhandError as error:
        LOG.warning("the introduction will be shown again: %s", error)
    return True
