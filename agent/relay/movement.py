"""Movement witness: whether the mouse of a seat moves, by the word of a service that reads the kernel's devices.

The relay has no access to devices. Where no such service runs it does not know whether anybody moves the mouse, and
answers for every session that is shown. logind's IdleHint is not asked: the session's own programs set it.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from agent.engine.errors import SteadyhandError
from agent.files.decode import Fields, decode_json
from agent.files.opening import FileRule, RequiredOwner, open_checked
from agent.host.linux.bus import account_uids

MOTION_DIR: Final = Path("/run/steadyhand-mouse")
WRITERS: Final = ("root", "steadyhand-mouse")
_STAMP: Final = FileRule(RequiredOwner.ANYBODY, 0o022, one_link=True)
_MOST_BYTES: Final = 200
_SEAT: Final = re.compile(r"seat[A-Za-z0-9_-]{1,40}")


class MovementWitness(Protocol):
    """Whoever knows whether the mouse of a seat moves. Relay thread; never blocks on anything but a small file."""

    def last_moved_ns(self, seat: str) -> int | None:
        """When a mouse of the seat moved last, on the monotonic clock; None where nobody looks."""


class MotionStamp:
    """`MovementWitness` by the stamps that a mouse service writes, once a second at most: ``motion-SEAT.json``.

    A stamp is ``{"form": 1, "monotonic_ns": N}``. Its folder and the file must belong to root or to the service's own
    account and be closed to writing by others.

    Parameters
    ----------
    folder : Path
    writers : frozenset of int, optional
        User numbers that are believed; anything but root's and the service's is for tests.
    clock : callable
        Monotonic ns.
    """

    def __init__(
        self,
        folder: Path = MOTION_DIR,
        writers: frozenset[int] | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._folder = folder
        self._writers = account_uids(*WRITERS) if writers is None else writers
        self._clock = clock

    def last_moved_ns(self, seat: str) -> int | None:
        """See `MovementWitness.last_moved_ns`; a stamp that cannot be believed is none."""
        if not _SEAT.fullmatch(seat):
            return None
        try:
            self._require_writer(os.lstat(self._folder))
            descriptor = open_checked(self._folder / f"motion-{seat}.json", _STAMP)
            with os.fdopen(descriptor, "rb") as stamp:
                self._require_writer(os.fstat(descriptor))
                fields = Fields.of(decode_json(stamp.read(_MOST_BYTES + 1), _MOST_BYTES))
            fields.integer("form", 1, 1)
            return min(fields.integer("monotonic_ns", 0), self._clock())
        except (OSError, SteadyhandError, ValueError):
            return None

    def _require_writer(self, status: os.stat_result) -> None:
        if status.st_uid not in self._writers or stat.S_IMODE(status.st_mode) & 0o022:
            raise ValueError("somebody else could have written the stamp")
