"""State of a computer as its agent reads it: the two clocks, the installation, its use."""

from __future__ import annotations

from agent.config.fingerprints import Installation
from agent.files.ledger import Gone
from agent.host.usage import Usage
from agent.runtime.lifecycle.resource_budget import ClockReading
from agent.runtime.status.snapshot import Status

_BEFORE_BOOT_S = 60.0


class MachineState:
    """A computer's clocks and what its agent observes. See `agent.runtime.lifecycle.heartbeat.Observation`.

    Parameters
    ----------
    clock_error_s : float
        Wall clock minus true time.

    Attributes
    ----------
    at_s : float
        True time, seconds since 1970.
    is_awake : bool
    """

    def __init__(self, clock_error_s: float) -> None:
        self.at_s = 0.0
        self.clock_error_s = clock_error_s
        self.is_awake = False
        self._booted_s = 0.0
        self._frozen_s = 0.0
        self._frozen_at_s = 0.0
        self._policies = 0
        self._status = Status(profile_id="p1", mode="enforce")

    def boot(self) -> None:
        """Begin to count from zero."""
        self._booted_s, self._frozen_s = self.at_s, 0.0

    def freeze(self) -> None:
        """Stop all clocks."""
        self.is_awake, self._frozen_at_s = False, self.at_s

    def thaw(self) -> None:
        """Let the clocks go on from where they stood."""
        self.is_awake = True
        self._frozen_s += self.at_s - self._frozen_at_s

    def change_policy(self) -> None:
        """Install another policy."""
        self._policies += 1

    def wall_ns(self) -> int:
        """What the wall clock shows."""
        return round((self.at_s + self.clock_error_s) * 1e9)

    def clock(self) -> ClockReading:
        """See `Observation.clock`."""
        return ClockReading(round((self.at_s - self._booted_s - self._frozen_s) * 1e9), self.wall_ns())

    def usage(self) -> Usage:
        """See `Observation.usage`: two per cent of a core."""
        return Usage(round(self.at_s * 0.02 * 1e9), 70.0)

    def installation(self) -> Installation:
        """See `Observation.installation`."""
        return Installation(policy=f"{self._policies:064x}", profiles={"p1.npz": "a" * 64})

    def status(self) -> Status:
        """See `Observation.status`."""
        return self._status

    def gone_recordings(self) -> Gone:
        """See `Observation.gone_recordings`: none."""
        return Gone()

    def damaged_files(self) -> tuple[str, ...]:
        """See `Observation.damaged_files`: none."""
        return ()


class NoEffects:
    """Heartbeats that have no effect on the computer. See `agent.runtime.lifecycle.heartbeat.HeartbeatEffects`."""

    def policy_changed(self) -> None:
        """See `HeartbeatEffects`."""

    def profiles_changed(self) -> None:
        """See `HeartbeatEffects`."""

    def over_budget(self) -> None:
        """See `HeartbeatEffects`."""

    def alive(self, state: str) -> None:
        """See `HeartbeatEffects`."""
