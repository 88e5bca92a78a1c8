"""Transport: the relay, a service under a user of its own that brings alerts on. Linux only.

One alert a packet over a Unix socket; the relay answers each once it has it on its own disk. From then on a program of
the watched user can no longer take it back. The kernel says who listens: a relay that runs as this very user would
promise nothing, and is not believed.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.alerts.wire import alert_to_json
from agent.files.decode import Fields, decode_json
from agent.files.private import effective_uid
from agent.files.unix_sockets import peer_process

MOST_PACKET: Final = 16_384
MOST_REFUSAL: Final = 240
_ANSWER_S: Final = 5.0


def _connect(connection: socket.socket, path: str) -> None:
    """Connect, and wait for a place in the relay's queue where others have filled it, as long as for an answer.

    Raises
    ------
    OSError
        If there is no relay, or no place in time.
    """
    # Not by `settimeout`: that makes the socket non-blocking, and a full queue then is an error at once.
    seconds = int(_ANSWER_S)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", seconds, 0))
    connection.connect(path)
    connection.settimeout(_ANSWER_S)


class RelayLink:
    """Hands alerts to the relay.

    Parameters
    ----------
    path : Path
        Its socket.
    own_uid : int, optional
        This process's user; anything else is for tests.
    """

    def __init__(self, path: Path, own_uid: int | None = None) -> None:
        self._path = path
        self._own_uid = effective_uid() if own_uid is None else own_uid

    @property
    def name(self) -> str:
        """Its name in the outbox."""
        return "relay"

    def send(self, records: Sequence[Record]) -> Sent:
        """Hand the records over one by one. Delivery thread; blocks 5 s at most where the relay hangs."""
        accepted = 0
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
                _connect(connection, str(self._path))
                _, uid = peer_process(connection)
                if uid == self._own_uid:
                    why = f"{self._path}: the relay runs as this user; start it under one of its own"
                    return Sent(0, DeliveryOutcome.AUTH_FAILED, why)
                for record in records:
                    refusal = self._hand_over(connection, record)
                    if refusal is not None:
                        return Sent(accepted, *refusal)
                    accepted += 1
        except (OSError, ValueError) as why:
            return Sent(
                accepted, DeliveryOutcome.RETRY, f"the relay at {self._path} does not take alerts: {why}"
            )
        return Sent(accepted, DeliveryOutcome.OK)

    def _hand_over(self, connection: socket.socket, record: Record) -> tuple[DeliveryOutcome, str] | None:
        """Send one, and read what the relay says: None if it has it."""
        connection.send(alert_to_json(record.alert).encode())
        answer = connection.recv(MOST_PACKET)
        if not answer:
            raise OSError("it hung up")
        reply = Fields.of(decode_json(answer, MOST_PACKET))
        if reply.document.get("taken") == record.alert.record_id:
            return None
        is_final = "never" in reply.document and reply.boolean("never")
        outcome = DeliveryOutcome.PERMANENT if is_final else DeliveryOutcome.BACK_OFF
        return outcome, f"the relay says: {reply.text('refused', most=MOST_REFUSAL)}"
