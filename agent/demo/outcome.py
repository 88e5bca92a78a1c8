"""What happened in a demonstration, to the owner and to the intruder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.demo.observer import SeenAlert

LOCKING_KINDS: Final = frozenset({"intruder", "lock result", "lock failed"})
FINDING_KINDS: Final = LOCKING_KINDS | {"suspicious"}


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What happened.

    Attributes
    ----------
    enrolled_s : float
        From the agent's start to protection, training included.
    owner_actions, owner_s : float
        How long the owner worked.
    owner_trust : tuple of int
        Lowest and last trust while the owner worked.
    owner_alerts : tuple of str
        Kinds of findings raised against the owner before the intruder took over, suspicions included.
    took_over_unix_s : float
        Wall clock when the intruder's first event was played.
    suspicious, intruder, lock : SeenAlert or None
    grabbed : bool
        Whether a bystander found the screen's input grabbed after the lock.
    events_sent, events_seen : int
        Played, and captured by the agent.
    punctual : bool
        False where input could not be played on time.
    screenshots : tuple of Path
    """

    enrolled_s: float
    owner_actions: int
    owner_s: float
    owner_trust: tuple[int, int]
    owner_alerts: tuple[str, ...]
    took_over_unix_s: float
    suspicious: SeenAlert | None
    intruder: SeenAlert | None
    lock: SeenAlert | None
    grabbed: bool
    events_sent: int
    events_seen: int
    punctual: bool
    screenshots: tuple[Path, ...]

    def to_json(self) -> dict[str, Any]:
        """What happened, as plain JSON; times of the intruder's records count from the change of hands."""

        def after_s(alert: SeenAlert | None) -> float | None:
            return None if alert is None else round(alert.time_s - self.took_over_unix_s, 1)

        return {
            "owner_alerts": list(self.owner_alerts),
            "owner_actions": self.owner_actions,
            "owner_trust_lowest": self.owner_trust[0],
            "suspicious_s": after_s(self.suspicious),
            "intruder_s": after_s(self.intruder),
            "lock_s": after_s(self.lock),
            "intruder_locked_out": self.intruder_locked_out,
            "events_played": self.events_sent,
            "events_captured": self.events_seen,
            "punctual": self.punctual,
        }

    @property
    def owner_left_alone(self) -> bool:
        """True if nothing was raised against the owner: neither a lock nor an alert."""
        return not self.owner_alerts

    @property
    def owner_locked_out(self) -> bool:
        """True if the agent took the owner for an intruder."""
        return any(kind in LOCKING_KINDS for kind in self.owner_alerts)

    @property
    def intruder_locked_out(self) -> bool:
        """True if the lock was verified by the agent and seen by the bystander."""
        return self.lock is not None and self.lock.kind == "lock result" and self.grabbed

    @property
    def went_well(self) -> bool:
        """True if the demonstration showed what it is for."""
        return not self.owner_locked_out and self.intruder_locked_out
