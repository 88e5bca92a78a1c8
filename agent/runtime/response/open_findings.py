"""Findings that wait for the owner's word: "that was me", after they proved who they are."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.alerts.alert import Alert

MOST = 32


@dataclass(slots=True)
class OpenFindings:
    """The findings nobody has answered yet, and how many false alarms were confirmed. Worker thread only.

    Attributes
    ----------
    false_alarms : int
        Answers since the agent started.
    """

    false_alarms: int = 0
    _findings: list[Alert] = field(default_factory=list)

    def add(self, finding: Alert) -> None:
        """Remember one; beyond `MOST` the oldest is forgotten."""
        self._findings = [*self._findings, finding][-MOST:]

    @property
    def since_unix_s(self) -> float | None:
        """When the last unanswered finding was made, wall clock; None if there is none."""
        return self._findings[-1].time_unix_ns / 1e9 if self._findings else None

    def answer(self) -> tuple[Alert, ...]:
        """The owner's word: the findings it answers, which are then answered. Counted as one false alarm."""
        answered, self._findings = tuple(self._findings), []
        self.false_alarms += bool(answered)
        return answered
