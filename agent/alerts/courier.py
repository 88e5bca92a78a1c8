"""Brings alerts from the outbox to the destinations, one round at a time. No thread, no waiting."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.api import Outcome, Record, Sent, Transport
from agent.alerts.outbox import Outbox
from agent.alerts.schedule import MOST_RETRY_AFTER_S, Schedule

BATCH = 100
_NS = 1_000_000_000
_OWN = "outbox"
_REFUSED = frozenset({Outcome.PERMANENT, Outcome.TOO_LARGE})


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom the courier speaks for when it raises an alert of its own, and its clocks.

    Attributes
    ----------
    user, host : str
    clock : callable
        Monotonic ns, for every wait.
    wall : callable
        Unix ns, for time stamps and to carry a back-off over a restart.
    """

    user: str
    host: str
    clock: Callable[[], int]
    wall: Callable[[], int]


class Courier:
    """One round a call: what each destination that is due has not taken, at most `BATCH` records.

    Parameters
    ----------
    outbox : Outbox
        On disk.
    spare : Outbox
        In memory: what the disk did not take. Moved to `outbox` as soon as that works again.
    transports : sequence of Transport
        Tried in this order; names must be unique.
    sender : Sender
    rng : random.Random
        For the jitter of the back-off.
    """

    def __init__(
        self,
        outbox: Outbox,
        spare: Outbox,
        transports: Sequence[Transport],
        sender: Sender,
        rng: random.Random,
    ) -> None:
        self._outbox = outbox
        self._spare = spare
        self._transports = transports
        self._sender = sender
        self._schedule = Schedule([_OWN, *(transport.name for transport in transports)], rng)
        self._trouble: dict[str, str] = {}

    def resume(self) -> None:
        """Take up the back-off that an earlier run left in the outbox. Once, before the first step.

        The wall clock may have been set meanwhile: no wait is longer than the longest there is.

        Raises
        ------
        OSError
            If the outbox cannot be read.
        """
        now_ns, wall_ns = self._sender.clock(), self._sender.wall()
        for name, (attempts, next_try_unix_ns) in self._outbox.deferred().items():
            left_ns = min(max(next_try_unix_ns - wall_ns, 0), int(MOST_RETRY_AFTER_S * _NS))
            self._schedule.resume(name, attempts, now_ns + left_ns)

    def step(self) -> float | None:
        """One round. Seconds until the next makes sense (0: at once), None when nothing waits."""
        if self._schedule.is_due(_OWN, self._sender.clock()):
            self._settle(_OWN, self._tidy)
        for transport in self._transports:
            if self._schedule.is_due(transport.name, self._sender.clock()):
                self._settle(transport.name, partial(self._bring, transport))
        return self._schedule.wait_s(self._waiting(), self._sender.clock())

    def hasten(self) -> None:
        """Let the next round try every destination, whatever its back-off says."""
        self._schedule.hasten()

    def problems(self) -> tuple[str, ...]:
        """Why alerts wait, a line for each destination that does not take them. Any thread."""
        return tuple(f"{name}: {text}" for name, text in self._trouble.items())

    def _settle(self, name: str, work: Callable[[], Sent | None]) -> None:
        """Do `work` and draw the consequences of its outcome; None means that there was nothing to do."""
        try:
            sent = work()
        except OSError as error:  # the outbox's own: a transport answers with an outcome
            sent = Sent(0, Outcome.RETRY, str(error))
        if sent is None:
            return
        others = {other: text for other, text in self._trouble.items() if other != name}
        if sent.outcome is Outcome.OK:
            self._schedule.succeeded(name)
            self._trouble = others
        else:
            self._trouble = {**others, name: sent.detail + self._back_off(name, sent)}

    def _back_off(self, name: str, sent: Sent) -> str:
        delay_s = self._schedule.failed(name, self._sender.clock(), sent.outcome, sent.retry_after_s)
        next_try_unix_ns = self._sender.wall() + round(delay_s * _NS)
        try:
            self._outbox.defer(name, self._schedule.attempts(name), next_try_unix_ns)
        except OSError as error:
            return f"; its back-off could not be kept: {error}"
        return ""

    def _tidy(self) -> Sent:
        """Bring to disk what it did not take before; raise one alert for the losses since the last one."""
        self._spare.move_to(self._outbox)
        for outbox in (self._outbox, self._spare):
            losses = outbox.losses()
            if losses:
                outbox.put(loss_alert(losses, self._sender), announces=losses)
        return Sent(0, Outcome.OK)

    def _bring(self, transport: Transport) -> Sent | None:
        done = None
        for outbox in (self._outbox, self._spare):
            records = outbox.pending(transport.name, BATCH)
            if records:
                done = self._hand_over(outbox, transport, records)
                if done.outcome is not Outcome.OK:
                    return done
        return done

    def _hand_over(self, outbox: Outbox, transport: Transport, records: Sequence[Record]) -> Sent:
        sent = transport.send(records)
        if sent.accepted:
            outbox.ack(transport.name, records[sent.accepted - 1].sequence)
        if sent.outcome in _REFUSED and sent.accepted < len(records):
            refused = records[sent.accepted]
            # The loss of an announcement is not announced: that would never end.
            about_loss = refused.alert.kind is AlertKind.LOSS
            cause = "" if about_loss else f"{transport.name} refuses them as {sent.outcome.value}"
            outbox.ack(transport.name, refused.sequence, lost_because=cause)
            return Sent(sent.accepted, Outcome.OK)
        if sent.outcome is Outcome.OK and not sent.accepted:
            return Sent(0, Outcome.RETRY, "it took nothing and did not say why")
        return sent

    def _waiting(self) -> list[str]:
        """Names of those for whom there is something to do. An outbox that cannot say counts as waiting."""
        names = [transport.name for transport in self._transports if self._has_work(transport.name)]
        return [*names, _OWN] if self._has_work(_OWN) else names

    def _has_work(self, name: str) -> bool:
        try:
            if name == _OWN:
                return bool(self._outbox.losses() or self._spare.losses() or self._spare.depth())
            return bool(self._outbox.waiting(name) or self._spare.waiting(name))
        except OSError:
            # Not swallowed: the round that this calls for meets the same error and reports it.
            return True


def loss_alert(losses: Mapping[str, int], sender: Sender) -> Alert:
    """The alert that says how many alerts were lost, and why.

    Parameters
    ----------
    losses : mapping of str to int
        Count by cause; 0 where nobody knows how many.
    sender : Sender
    """
    total = sum(losses.values())
    number = str(total) if all(losses.values()) else f"At least {total}" if total else "An unknown number of"
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
        message=f"{number} alerts did not reach every destination.",
        reasons=reasons,
        detail={"dropped": total},
    )
