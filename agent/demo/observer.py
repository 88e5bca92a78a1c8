"""What a bystander sees of the demonstration: the agent's status file, the alerts, the screen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from agent.runtime.status.status_file import read_status


@dataclass(frozen=True, slots=True)
class SeenAlert:
    """One line of the alerts file.

    Attributes
    ----------
    kind : str
        As `agent.alerts.alert.AlertKind` says it.
    finding_id : str
    time_s : float
        Wall clock at which it was raised.
    message : str
    reasons : tuple of str
    fields : dict
        The agent's own fields.
    """

    kind: str
    finding_id: str
    time_s: float
    message: str
    reasons: tuple[str, ...]
    fields: dict[str, Any]


class Observer:
    """Reads what the agent writes; takes no part.

    Parameters
    ----------
    paths : Paths
        The agent's folders.
    alive : callable
        True while the agent runs.
    """

    def __init__(self, paths: Paths, alive: Callable[[], bool]) -> None:
        self._paths = paths
        self._alive = alive

    def status(self) -> dict[str, Any]:
        """The newest status; empty before the first."""
        try:
            return read_status(self._paths.status_file, self._paths.lock_file)
        except SteadyhandError:
            return {}

    def alerts(self) -> list[SeenAlert]:
        """All alerts that have arrived."""
        if not self._paths.alerts_file.exists():
            return []
        lines = self._paths.alerts_file.read_text().splitlines()
        return [_seen(json.loads(line)) for line in lines]

    def first(self, *kinds: str) -> SeenAlert | None:
        """The first alert of one of these kinds."""
        return next((alert for alert in self.alerts() if alert.kind in kinds), None)

    def wait(self, what: str, ready: Callable[[], bool], timeout_s: float) -> None:
        """Return when `ready` says so.

        Raises
        ------
        SteadyhandError
            If it takes longer, or the agent ends.
        """
        end_s = time.monotonic() + timeout_s
        while not ready():
            if not self._alive():
                raise SteadyhandError(
                    "the agent ended by itself", "read agent.log among the demonstration's files"
                )
            if time.monotonic() > end_s:
                raise SteadyhandError(
                    f"waited {timeout_s:.0f} s for {what} in vain (the agent says: {self.status().get('detail')})",
                    "read agent.log among the demonstration's files",
                )
            time.sleep(0.05)


class Locked:
    """Asks every so often, cheaply, whether an alert with the lock's result has come.

    Parameters
    ----------
    observer : Observer
    alerts_file : Path
    """

    def __init__(self, observer: Observer, alerts_file: Path) -> None:
        self._observer = observer
        self._file = alerts_file
        self._size = -1

    def __call__(self) -> bool:
        size = self._file.stat().st_size if self._file.exists() else 0
        if size == self._size:
            return False
        self._size = size
        return self._observer.first("lock result", "lock failed") is not None


def _seen(record: dict[str, Any]) -> SeenAlert:
    own = record["unmapped"]
    return SeenAlert(
        kind=own["kind"],
        finding_id=record["finding_info"]["uid"],
        time_s=record["time"] / 1e3,
        message=record["message"],
        reasons=tuple(r for evidence in record.get("evidences", ()) for r in evidence["data"]["reasons"]),
        fields=own,
    )
