"""Session fate: what the operating system says of the session and the computer while the agent is being ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final


class SessionFate(Enum):
    """Whether the session goes on."""

    GOES_ON = "goes on"
    ENDING = "session end"
    SHUTTING_DOWN = "shutdown"
    UNKNOWN = "unknown"


def _unknown() -> SessionFate:
    return SessionFate.UNKNOWN


def _never(_begins: Callable[[], None]) -> None:
    """Where nobody tells that the computer shuts down."""


@dataclass(frozen=True, slots=True)
class SessionOutlook:
    """What the operating system tells of the session's end.

    Attributes
    ----------
    fate : callable
        What becomes of the session now. Any thread; may block 1.5 s.
    on_shutdown : callable
        Takes a function that is called, from another thread, when the computer begins to shut down; once the session
        monitor has started.
    """

    fate: Callable[[], SessionFate] = _unknown
    on_shutdown: Callable[[Callable[[], None]], None] = _never


NO_WORD: Final = SessionOutlook()
"""Of systems that tell nothing."""
