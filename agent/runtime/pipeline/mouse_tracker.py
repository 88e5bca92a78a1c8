"""Mouse tracker: which mouse the events come from, and when its configuration is read again."""

from __future__ import annotations

from typing import Final

from agent.engine.events import UNKNOWN_SOURCE
from agent.engine.mouse import MouseConfiguration
from agent.runtime.pipeline.ports import MouseLookup

# A change without a notification must be noticed within 2 s while the mouse moves.
_REFRESH_EVERY_NS: Final = 1_500_000_000


class MouseTracker:
    """Follows the source of the events. Worker thread only.

    Parameters
    ----------
    mice : MouseLookup
    """

    def __init__(self, mice: MouseLookup) -> None:
        self._mice = mice
        self._source = UNKNOWN_SOURCE
        self._refreshed_ns = 0

    def refresh(self, now_ns: int) -> None:
        """Have the configuration of the mice read again, at most every 1.5 s."""
        if now_ns - self._refreshed_ns >= _REFRESH_EVERY_NS:
            self._refreshed_ns = now_ns
            self._mice.look()

    def changed_to(self, source: int) -> MouseConfiguration | None:
        """The mouse of `source` if another source moved before; None if not, or if it is not known."""
        if source == self._source:
            return None
        self._source = source
        return self._mice.of(source)

    def current(self) -> MouseConfiguration | None:
        """The mouse that moved last, in its newest configuration."""
        return self._mice.of(self._source) or self._mice.of(UNKNOWN_SOURCE)


def mouse_label(mouse: MouseConfiguration) -> str:
    """The mouse's name for people; its key where it has none."""
    return mouse.name or mouse.key
