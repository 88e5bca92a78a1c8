"""End of the session: the contract of a system that says so by other means than a signal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class SessionEnd(Protocol):
    """The system's word that the session, or this program, ends now."""

    def listen_end(self, on_end: Callable[[str], None]) -> None:
        """Call `on_end` with who ends it, in words, from a thread of the system's that must not wait.

        Called before the session monitor's `start`.
        """

    def finished(self) -> None:
        """The agent has ended: the system, which waits some seconds, may go on."""
