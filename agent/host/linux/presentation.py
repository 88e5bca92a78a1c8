"""Presentation: whether a program of this user keeps the screen from going idle, as slides and meetings do."""

from __future__ import annotations

import os
from collections.abc import Callable

from agent.host.linux.bus import Bus, BusError
from agent.host.linux.logind import LOGIND


class LogindInhibitors:
    """Asks logind who inhibits idleness. See `Presentation`.

    Any program of this user can say so: what follows from it must be short, and never prevent a lock.

    Parameters
    ----------
    bus : Bus
    uid : callable
        The uid whose inhibitors count.
    """

    def __init__(self, bus: Bus, uid: Callable[[], int] = os.geteuid) -> None:
        self._bus = bus
        self._uid = uid

    def is_presenting(self) -> bool:
        """See `Presentation.is_presenting`. False also where nobody answers."""
        try:
            (inhibitors,) = self._bus.call(LOGIND, "ListInhibitors")
        except (BusError, ValueError):
            return False
        if not isinstance(inhibitors, list):
            return False
        return any(self._counts(inhibitor) for inhibitor in inhibitors)

    def _counts(self, inhibitor: object) -> bool:
        """An inhibitor is what, who, why, mode, uid and pid (org.freedesktop.login1)."""
        if not isinstance(inhibitor, tuple | list) or len(inhibitor) != 6:
            return False
        what, _, _, mode, uid, _ = inhibitor
        return isinstance(what, str) and "idle" in what.split(":") and mode == "block" and uid == self._uid()
