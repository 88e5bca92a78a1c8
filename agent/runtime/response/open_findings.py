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
    """

    false_alarms: int = 0
    _findings: list[Alert] = field(default_factory=list)

    def add(self, finding: Alert) -> None:
        """Add a finding; beyond `MOST` the oldest is forgotten."""
        self._findings = [*self._findings, finding][-MOST:]

    @property
    def since_unix_s(self) -> float | None:
        """When the last unanswered finding was made, wall clock; None if there is none."""
        return self._findings[-1].time_unix_ns / 1e9 if self._findings else None

    def close_all(self) -> tuple[Alert, ...]:
        """Take out all open findings; together they count as one false alarm."""
        closed, self._findings = tuple(self._findings), []
        self.false_alarms += bool(closed)
        return closed
