"""What arrived of what was sent: the one thing that every trial of reliability counts."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.engine.errors import SteadyhandError


@dataclass(frozen=True, slots=True)
class Arrival:
    """One trial's count.

    Attributes
    ----------
    trial : str
        What was done, in words.
    sent : int
        Alerts that the outbox acknowledged.
    missing : int
        Of those, how many never arrived.
    repeated : int
        Arrivals beyond the first of the same alert: told by their id.
    troubles : int
        Kills, refusals and cuts that there were.
    seconds : float
        How long the trial took.
    """

    trial: str
    sent: int
    missing: int
    repeated: int
    troubles: int
    seconds: float

    def row(self) -> str:
        """For a table in Markdown."""
        return (
            f"| {self.trial} | {self.sent:,} | {self.troubles:,} | {self.missing:,} | {self.repeated:,} |"
            f" {self.seconds:.0f} s |"
        )


HEAD = ("| trial | alerts | troubles | lost | repeated | time |", "|---|---:|---:|---:|---:|---:|")


def arrival(
    trial: str, sent: Iterable[str], arrived: Iterable[str], troubles: int, began_s: float
) -> Arrival:
    """Count; `began_s` is of `time.monotonic`."""
    wanted, counts = set(sent), Counter(arrived)
    repeated = sum(counts[record_id] - 1 for record_id in wanted if record_id in counts)
    seconds = time.monotonic() - began_s
    return Arrival(trial, len(wanted), len(wanted - counts.keys()), repeated, troubles, seconds)


def made_alert(number: int) -> Alert:
    """An alert like a real one, in size as well."""
    return Alert(
        finding_id=str(uuid.uuid4()),
        record_id=str(uuid.uuid4()),
        kind=AlertKind.SUSPICIOUS,
        activity=Activity.CREATE,
        severity=Severity.MEDIUM,
        time_unix_ns=time.time_ns(),
        user="trial",
        host="trial",
        message=f"Alert {number} of a trial.",
        reasons=("speed: much higher than the owner's (v_mean +1.2 sd over 40 actions)",) * 3,
        detail={"trust": 20, "statistic": 3.2, "actions": 40, "text": "x" * 600},
    )


def wait_until(done: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for other threads and processes.

    Raises
    ------
    SteadyhandError
        If it takes longer than `seconds`.
    """
    end_s = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end_s:
            raise SteadyhandError(f"{what} took longer than {seconds:.0f} s", "look at what it waited for")
        time.sleep(0.05)
