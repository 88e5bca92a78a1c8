"""Self-observation: what a heartbeat reads about the agent and its installation."""

from __future__ import annotations

import time
from typing import Final

from agent.config.fingerprints import Fingerprints, Installation
from agent.files.damage import damaged_files
from agent.files.ledger import Gone, RecordingLedger
from agent.files.paths import Paths
from agent.host.usage import Usage, own_usage
from agent.runtime.lifecycle.resource_budget import ClockReading
from agent.runtime.status.snapshot import Status
from agent.runtime.status.status_merge import StatusMerge

_BOOT_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", None)


class SelfObservation:
    """Readings of the running agent.

    Parameters
    ----------
    paths : Paths
    status : StatusMerge
    """

    def __init__(self, paths: Paths, status: StatusMerge) -> None:
        self._fingerprints = Fingerprints(paths)
        self._ledger = RecordingLedger(paths)
        self._status = status
        self._state_dir = paths.state_dir

    def clock(self) -> ClockReading:
        """Both clocks now."""
        return boot_and_wall()

    def usage(self) -> Usage:
        """CPU time and memory of this process."""
        return own_usage()

    def installation(self) -> Installation:
        """Hashes of policies and profiles. Blocks as long as the disk takes."""
        return self._fingerprints.look()

    def status(self) -> Status:
        """The newest snapshot, with the depth of the outbox and the last lock."""
        return self._status.status

    def gone_recordings(self) -> Gone:
        """The recordings that have gone since the last call. Blocks as long as the disk takes."""
        return self._ledger.gone()

    def damaged_files(self) -> tuple[str, ...]:
        """Files that were damaged and set aside; each is a note of the status, too."""
        lines = damaged_files(self._state_dir)
        for line in lines:
            self._status.note(line, holds=True)
        return lines


def boot_and_wall() -> ClockReading:
    """The clock that counts sleep too, where there is one, and the wall clock."""
    boot_ns = time.monotonic_ns() if _BOOT_CLOCK is None else time.clock_gettime_ns(_BOOT_CLOCK)
    return ClockReading(boot_ns, time.time_ns())
