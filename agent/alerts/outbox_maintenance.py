"""Outbox maintenance: moves alerts from memory to disk and announces losses."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.api import DeliveryOutcome, Sent
from agent.alerts.outbox.store import AlertStore
from agent.alerts.playbooks import playbook_detail
from agent.engine.sentence import quantity


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom the delivery speaks for when it raises an alert of its own, and its clocks.

    Attributes
    ----------
    user, host : str
    clock : callable
        Monotonic ns, for every wait.
    wall : callable
        Unix ns, for time stamps and to carry a back-off over a restart.
    playbooks : str
        Folder of the playbooks; empty to name their pages alone.
    """

    user: str
    host: str
    clock: Callable[[], int]
    wall: Callable[[], int]
    playbooks: str = ""


class OutboxMaintenance:
    """The job of the outbox itself.

    Parameters
    ----------
    store : AlertStore
    sender : Sender
    changed : callable
        Called when there is something new to bring. Must not block.
    """

    name = "outbox"

    def __init__(self, store: AlertStore, sender: Sender, changed: Callable[[], None]) -> None:
        self._store = store
        self._sender = sender
        self._changed = changed

    def work(self) -> Sent | None:
        """Open the disk if it is not, move what is in memory there, raise one alert for the losses."""
        problem = self._open()
        self._announce()
        if problem is not None:
            raise problem
        if self._store.move_to_disk():
            self._changed()
        return Sent(0, DeliveryOutcome.OK)

    def has_work(self) -> bool:
        """Whether something was lost, or is in memory only. An outbox that cannot say has work."""
        try:
            return self._store.needs_disk() or any(box.losses() for box in self._store.boxes)
        except OSError:
            # Not swallowed: the round that this calls for meets the same error and reports it.
            return True

    def put_off(self, attempts: int, delay_s: float) -> str:
        """Nothing to keep: a restart tries at once."""
        return ""

    def _open(self) -> OSError | None:
        """What keeps the disk from being opened: losses are announced, from memory, all the same."""
        try:
            self._store.open()
        except OSError as error:
            return error
        return None

    def _announce(self) -> None:
        for box in self._store.boxes:
            losses = box.losses()
            if losses:
                box.put(loss_alert(losses, self._sender), announces=losses)
                self._changed()


def loss_alert(losses: Mapping[str, int], sender: Sender) -> Alert:
    """The alert that says how many alerts were lost, and why.

    Parameters
    ----------
    losses : mapping of str to int
        Count by cause; 0 where nobody knows how many.
    sender : Sender
    """
    total = sum(losses.values())
    known = quantity(total, "alert")
    lost = known if all(losses.values()) else f"At least {known}" if total else "An unknown number of alerts"
    reasons = tuple(f"{count or 'unknown number'}: {cause}" for cause, count in losses.items())
    return Alert(
        finding_id=str(uuid.uuid4()),
        record_id=str(uuid.uuid4()),
        kind=AlertKind.LOSS,
        activity=Activity.CREATE,
        severity=Severity.HIGH,
        time_unix_ns=sender.wall(),
        user=sender.user,
        host=sender.host,
        message=f"{lost} did not reach every destination.",
        reasons=reasons,
        detail={"dropped": total, **playbook_detail(AlertKind.LOSS, sender.playbooks)},
    )
