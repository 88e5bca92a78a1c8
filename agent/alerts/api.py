"""Interfaces of alert delivery: records, outcomes, transports; implemented in the agent and by the relay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from agent.alerts.alert import Alert


class DeliveryOutcome(Enum):
    """What a transport says about one batch.

    AUTH_FAILED: somebody must mend an address, a certificate or a secret first.
    """

    OK = "ok"
    RETRY = "retry"
    BACK_OFF = "back off"
    AUTH_FAILED = "auth failed"
    TOO_LARGE = "too large"
    PERMANENT = "permanent"


REFUSED: Final = frozenset({DeliveryOutcome.PERMANENT, DeliveryOutcome.TOO_LARGE})
"""This very record will never be taken; everything else is tried again without end."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer of a transport: how many records from the front of the batch arrived, and why no more."""

    accepted: int
    outcome: DeliveryOutcome
    detail: str = ""
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """An alert with its place in the outbox.

    Attributes
    ----------
    stream : str
        UUID of the outbox: a new one shows that the old outbox is gone.
    sequence : int
        Grows by one with every alert of the stream: a gap that no LOSS alert explains shows tampering.
    alert : Alert
    """

    stream: str
    sequence: int
    alert: Alert


class Transport(Protocol):
    """One destination."""

    @property
    def name(self) -> str:
        """Stable name: the outbox keeps a cursor for it."""

    def send(self, records: Sequence[Record]) -> Sent:
        """Bring `records` in order; accept them only when the receiver has them.

        Delivery thread; may block 30 s. Never raises for what the world does (OSError, TLS): that is an
        outcome. Without records it only checks the way.
        """


class Delivery(Protocol):
    """Takes alerts and sees to it that they arrive. The in-process one, and the relay's client."""

    def submit(self, alert: Alert) -> None:
        """Return once the alert is on disk (p99 50 ms). Any thread.

        Raises
        ------
        OSError
            If it could not be written; the caller locks all the same. Submitting the alert again is allowed
            and does not multiply it.
        """

    def depth(self) -> int:
        """Alerts that some destination has not taken yet."""

    def problems(self) -> tuple[str, ...]:
        """What is wrong with it now, a line each; empty when all is well. Any thread."""

    def settle(self) -> bool:
        """Try again what the disk did not take; True once nothing is left of it.

        Any thread, again and again while it returns False. Where all is well it costs nothing.
        """

    def close(self, flush_s: float) -> None:
        """Stop, after trying for `flush_s` seconds to bring what waits."""
