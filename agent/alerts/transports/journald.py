"""Transport: the systemd journal of this computer, by its native protocol.

The journal's socket belongs to systemd and outlives a journald that crashes; a datagram in it is taken up by
the next one. It does not outlive the computer: what journald has not written by then is lost.

References
----------
systemd, "Native Journal Protocol": one datagram an entry; ``NAME=value`` lines, or for values with line ends
the name, a line end, the length as 64 bits little-endian, the value.
"""

from __future__ import annotations

import errno
import json
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.alerts.transports.batches import one_by_one
from agent.alerts.transports.kind import TransportContext, TransportKind
from agent.alerts.transports.syslog_message import LEVELS
from agent.files.options import setting

SOCKET: Final = "/run/systemd/journal/socket"
TIMEOUT_S: Final = 10.0
_MESSAGE_ID: Final = "7d9f1c2ab0c94f58a2a6ce2b2f7d5e31"


@dataclass(frozen=True, slots=True)
class JournaldSettings:
    """Whether alerts are written to the journal."""

    journald: bool = setting(False, "write alerts to this computer's systemd journal as well")


class Journald:
    """One datagram an alert.

    Parameters
    ----------
    to_event : callable
        A record as an OCSF event.
    path : str, optional
        The journal's socket.
    timeout_s : float, optional
        How long a full socket is waited for.
    """

    name = "journald"

    def __init__(
        self, to_event: Callable[[Record], dict[str, Any]], path: str = SOCKET, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._to_event = to_event
        self._path = path
        self._timeout_s = timeout_s

    def send(self, records: Sequence[Record]) -> Sent:
        """Hand over record after record."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
                way.settimeout(self._timeout_s)
                way.connect(self._path)
                return one_by_one(records, lambda record: self._bring(way, record))
        except OSError as error:
            return Sent(0, DeliveryOutcome.RETRY, f"journald ({self._path}): {error.strerror or error}")

    def _bring(self, way: socket.socket, record: Record) -> Sent:
        try:
            way.send(entry(record, self._to_event(record)))
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                return Sent(
                    0, DeliveryOutcome.TOO_LARGE, "an entry is larger than the journal's socket takes"
                )
            why = "it does not read its socket" if isinstance(error, TimeoutError) else error.strerror
            return Sent(0, DeliveryOutcome.RETRY, f"journald ({self._path}): {why or error}")
        return Sent(1, DeliveryOutcome.OK)


def entry(record: Record, event: dict[str, Any]) -> bytes:
    """The journal's entry for `record`; its OCSF form is the field ``STEADYHAND_OCSF``."""
    alert = record.alert
    fields = {
        "MESSAGE": alert.message,
        "MESSAGE_ID": _MESSAGE_ID,
        "PRIORITY": str(LEVELS[alert.severity]),
        "SYSLOG_IDENTIFIER": "steadyhand",
        "STEADYHAND_EVENT_ID": alert.record_id,
        "STEADYHAND_FINDING_ID": alert.finding_id,
        "STEADYHAND_STREAM": record.stream,
        "STEADYHAND_SEQUENCE": str(record.sequence),
        "STEADYHAND_KIND": alert.kind.value,
        "STEADYHAND_USER": alert.user,
        "STEADYHAND_OCSF": json.dumps(event, ensure_ascii=False, separators=(",", ":")),
    }
    return b"".join(_field(name.encode(), text.encode()) for name, text in fields.items())


def _field(name: bytes, content: bytes) -> bytes:
    if b"\n" in content:
        return b"%s\n%s%s\n" % (name, struct.pack("<Q", len(content)), content)
    return b"%s=%s\n" % (name, content)


def build(_: JournaldSettings, context: TransportContext) -> Journald:
    """The journal of this computer."""
    return Journald(context.to_event, SOCKET, context.deadlines.step_s)


KIND: Final = TransportKind(JournaldSettings, build, switch="journald", single=True)
