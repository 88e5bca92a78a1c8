"""Motion stamps: tell the relay, and nobody else, when the mice of each seat moved last.

``motion-SEAT.json`` in the service's folder holds the monotonic time, renewed once a second at most. The relay locks or
alerts by it where a session goes on without its agent. It says nothing of who moved what.
"""

from __future__ import annotations

import grp
import json
import logging
import os
import re
from pathlib import Path
from typing import Final

RELAY_GROUP: Final = "steadyhand-relay"
_EVERY_NS: Final = 1_000_000_000
_SEAT: Final = re.compile(r"seat[A-Za-z0-9_-]{1,40}")

_log = logging.getLogger(__name__)


class MotionStamps:
    """Writes the stamps. One thread.

    Parameters
    ----------
    folder : Path
        The service's own, on a memory file system.
    group : int or None
        The relay's group, which may read them; None where there is none.
    """

    def __init__(self, folder: Path, group: int | None) -> None:
        self._folder = folder
        self._group = group
        self._written_ns: dict[str, int] = {}

    def moved(self, seat: str, now_ns: int) -> None:
        """Renew a seat's stamp, unless that was done within the last second."""
        if now_ns - self._written_ns.get(seat, -_EVERY_NS) < _EVERY_NS or not _SEAT.fullmatch(seat):
            return
        self._written_ns[seat] = now_ns
        file = self._folder / f"motion-{seat}.json"
        fresh = file.with_suffix(".new")
        try:
            descriptor = os.open(
                fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
            with os.fdopen(descriptor, "w", encoding="ascii") as stamp:
                json.dump({"form": 1, "monotonic_ns": now_ns}, stamp)
                if self._group is not None:
                    os.fchown(descriptor, -1, self._group)
                    os.fchmod(descriptor, 0o640)
            fresh.replace(file)
        except OSError as why:
            _log.error("%s cannot be written: %s", file, why)


def relay_group() -> int | None:
    """The number of the relay's group where this process belongs to it."""
    try:
        number = grp.getgrnam(RELAY_GROUP).gr_gid
    except KeyError:
        return None
    return number if number in os.getgroups() else None
