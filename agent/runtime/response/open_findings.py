"""Open findings: those that the owner has not answered with "that was me" yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.alerts.alert import Alert

MOST = 32


@dataclass(slots=True)
class OpenFindings:
    """Unanswered findings and the number of confirmed false alarms. Worker thread only.

    Attributes
    ----------
    false_alarms : int
        Answers since the agent started.
    has_lock : bool
        True if one of the open findings called for a lock.
    """

    false_alarms: int = 0
    has_lock: bool = False
    _findings: list[Alert] = field(default_factory=list)

    def add(self, finding: Alert, *, locks: bool = False) -> None:
        """Add a finding, which locks or only alerts; beyond `MOST` the oldest is forgotten."""
        self._findings = [*self._findings, finding][-MOST:]
        self.has_lock |= locks

    @property
    def since_unix_s(self) -> float | None:
        """When the last unanswered finding was made, wall clock; None if there is none."""
        return self._findings[-1].time_unix_ns / 1e9 if self._findings else None

    def close_all(self) -> tuple[Alert, ...]:
        """Take out all open findings; together they count as one false alarm."""
        closed, self._findings = tuple(self._findings), []
        self.has_lock = False
        self.false_alarms += bool(closed)
        return closed
