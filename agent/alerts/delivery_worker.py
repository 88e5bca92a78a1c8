"""Delivery worker: sends waiting alerts to one destination, a batch a step. No thread, no waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.alerts.alert import AlertKind
from agent.alerts.api import REFUSED, DeliveryOutcome, Record, Sent, Transport
from agent.alerts.back_off import MOST_RETRY_AFTER_S
from agent.alerts.outbox.queue import Outbox
from agent.alerts.outbox.store import AlertStore
from agent.alerts.outbox_maintenance import Sender

BATCH = 100
MOST_SHOWN = 200
"""Letters of an unexpected error that are shown."""
_NS = 1_000_000_000


class DeliveryWorker:
    """The job of one destination: what it has not taken, at most `BATCH` records a round.

    Parameters
    ----------
    store : AlertStore
    transport : Transport
    sender : Sender
    changed : callable
        Called when a loss was counted, which the outbox maintenance will announce. Must not block.
    """

    def __init__(
        self, store: AlertStore, transport: Transport, sender: Sender, changed: Callable[[], None]
    ) -> None:
        self._store = store
        self._transport = transport
        self._sender = sender
        self._changed = changed

    @property
    def name(self) -> str:
        """The transport's."""
        return self._transport.name

    def left_by_an_earlier_run(self) -> tuple[int, float]:
        """Failed attempts so far, and seconds of back-off that are left, as the outbox on disk has them.

        The wall clock may have been set meanwhile: no wait is longer than the longest there is.

        Raises
        ------
        OSError
            If the outbox cannot be read.
        """
        attempts, next_try_unix_ns = self._store.boxes[0].deferred()[self.name]
        left_s = (next_try_unix_ns - self._sender.wall()) / _NS
        return attempts, min(max(left_s, 0.0), MOST_RETRY_AFTER_S)

    def work(self) -> Sent | None:
        """Bring a batch from each outbox; stops at the first that does not arrive."""
        done = None
        for outbox in self._store.boxes:
            records = outbox.pending(self.name, BATCH)
            if records:
                done = self._hand_over(outbox, records)
                if done.outcome is not DeliveryOutcome.OK:
                    return done
        return done

    def has_work(self) -> bool:
        """Whether something waits for this destination. An outbox that cannot say counts as waiting."""
        try:
            return any(outbox.waiting(self.name) for outbox in self._store.boxes)
        except OSError:
            # Not swallowed: the round that this calls for meets the same error and reports it.
            return True

    def put_off(self, attempts: int, delay_s: float) -> str:
        """Keep the back-off over a restart."""
        try:
            self._store.boxes[0].defer(self.name, attempts, self._sender.wall() + round(delay_s * _NS))
        except OSError as error:
            return f"; its back-off could not be kept: {error}"
        return ""

    def _hand_over(self, outbox: Outbox, records: Sequence[Record]) -> Sent:
        try:
            sent = self._transport.send(records)
        except OSError:
            raise  # the world's doing: no record is to blame
        except Exception:  # noqa: BLE001 -- a bug in a transport must not end delivery
            return self._isolate(outbox, records)
        if sent.accepted:
            outbox.ack(self.name, records[sent.accepted - 1].sequence)
        if sent.outcome in REFUSED and sent.accepted < len(records):
            refused = records[sent.accepted]
            self._bury(outbox, refused, sent.detail, f"{self.name} refuses them as {sent.outcome.value}")
            return Sent(sent.accepted, DeliveryOutcome.OK)
        if sent.outcome is DeliveryOutcome.OK and not sent.accepted:
            return Sent(0, DeliveryOutcome.RETRY, "it took nothing and did not say why")
        return sent

    def _isolate(self, outbox: Outbox, records: Sequence[Record]) -> Sent:
        """Send a batch on which the transport failed record by record, to find the records to blame.

        A record is to blame only where a later one gets through: where all fail it is the transport that is broken,
        and everything waits.
        """
        suspects: list[tuple[Record, Exception]] = []
        for record in records:
            try:
                sent = self._transport.send([record])
            except OSError:
                raise
            except Exception as failure:  # noqa: BLE001 -- as above
                suspects.append((record, failure))
                continue
            if sent.outcome is not DeliveryOutcome.OK or not sent.accepted:
                return sent if not suspects else _unexpected(suspects[0][1])
            for suspect, cause in suspects:
                self._bury(outbox, suspect, _named(cause), f"{self.name} fails on them")
            suspects.clear()
            outbox.ack(self.name, record.sequence)
        return _unexpected(suspects[0][1]) if suspects else Sent(len(records), DeliveryOutcome.OK)

    def _bury(self, outbox: Outbox, record: Record, reason: str, loss: str) -> None:
        # The loss of an announcement is not announced: that would never end.
        about_loss = record.alert.kind is AlertKind.LOSS
        outbox.bury(
            self.name, record.sequence, reason, "" if about_loss else f"{loss}; they are kept as dead letters"
        )
        self._changed()


def _unexpected(error: Exception) -> Sent:
    return Sent(0, DeliveryOutcome.RETRY, f"an error in this program: {_named(error)}")


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:MOST_SHOWN]
