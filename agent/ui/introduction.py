"""What the person is told once, before anything is recorded: three sentences, the same wherever they stand."""

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
RECORDS_NOTHING: Final = (
    "It compares with a profile that your administrator has made and keeps no movements on this computer; "
    "from the tray you can see everything that is kept."
)


def sentences(*, learns: bool, keeps: bool) -> tuple[str, str, str]:
    """The three sentences.

    Parameters
    ----------
    learns : bool
        True where policy allows to enrol on this computer.
    keeps : bool
        True where policy keeps recordings after training.
    """
    last = RECORDS_NOTHING if not learns else KEEPS if keeps else LEARNS
    return PURPOSE, NEVER, last


def introduce(
    marker: Path, words: tuple[str, str, str], notifier: Notifier, say: Callable[[str], None]
) -> bool:
    """On the first run say the three sentences, on the terminal and as a notification. May block 200 ms.

    Parameters
    ----------
    marker : Path
        Stands for "was told"; made here.
    words : tuple of str
    notifier : Notifier
    say : callable
        Takes each line for the terminal.

    Returns
    -------
    bool
        True if this was the first run.
    """
    if marker.exists():
        return False
    for line in (TITLE + ":", *words):
        say(line)
    # A desktop without notifications has the terminal and the status page.
    notifier.show(TITLE, " ".join(words), urgent=True)
    try:
        write_private(marker, b"")
    except SteadyhandError as error:
        LOG.warning("the introduction will be shown again: %s", error)
    return True
