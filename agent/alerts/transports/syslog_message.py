"""An alert as an RFC 5424 syslog message, framed as RFC 5425 wants it. Pure.

References
----------
RFC 5424, The Syslog Protocol; RFC 5425, TLS Transport Mapping for Syslog, section 4.3 (octet counting);
RFC 5612 (32473 is the enterprise number for examples: Steadyhand has none of its own).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from agent.alerts.alert import Severity
from agent.alerts.api import Record
from agent.alerts.ocsf import Product, to_ocsf

FACILITY = 10  # security and authorization messages
SD_ID = "steadyhand@32473"
APP_NAME = "steadyhand"
MOST_MESSAGE_BYTES = 8192
"""What RFC 5425 asks receivers to take (section 4.3.1); many cut longer ones without a word."""
LEVELS = {
    Severity.CRITICAL: 2,  # critical
    Severity.HIGH: 3,  # error
    Severity.MEDIUM: 4,  # warning
    Severity.LOW: 5,  # notice
    Severity.INFORMATIONAL: 6,  # informational
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NIL = "-"


def ocsf_body(record: Record, product: Product) -> str:
    """The OCSF form as JSON."""
    return json.dumps(to_ocsf(record, product), ensure_ascii=False, separators=(",", ":"))


def syslog_message(record: Record, body: str) -> bytes:
    """The message for `record` with `body` as UTF-8 text.

    Without the byte order mark by which RFC 5424 (section 6.4) knows UTF-8: rsyslog's mmjsonparse takes it for a letter
    before the JSON, and then there is none. Receivers read UTF-8 all the same.
    """
    alert = record.alert
    priority = FACILITY * 8 + LEVELS[alert.severity]
    header = " ".join(
        (
            f"<{priority}>1",
            _timestamp(alert.time_unix_ns),
            _printable(alert.host, 255),
            APP_NAME,
            _NIL,  # the process that sends is often not the one that raised the alert
            _printable(alert.kind.value.replace(" ", "-"), 32),
            _structured_data(record),
        )
    )
    return header.encode() + b" " + body.encode()


def frame(message: bytes) -> bytes:
    """``MSG-LEN SP SYSLOG-MSG``: no line ends, which a body could hold."""
    return b"%d %s" % (len(message), message)


def _structured_data(record: Record) -> str:
    alert = record.alert
    parameters = {
        "eventId": alert.record_id,
        "findingId": alert.finding_id,
        "stream": record.stream,
        "sequence": str(record.sequence),
        "kind": alert.kind.value,
        "activity": alert.activity.name.lower(),
        "severity": alert.severity.name.lower(),
        "user": alert.user,
    }
    pairs = "".join(f' {name}="{_escaped(text)}"' for name, text in parameters.items())
    return f"[{SD_ID}{pairs}]"


def _escaped(raw: str) -> str:
    """RFC 5424 section 6.3.3, and no control characters: many receivers split or garble at them."""
    text = raw.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")
    return "".join(char if char.isprintable() else "?" for char in text)


def _printable(text: str, most: int) -> str:
    """PRINTUSASCII of at most `most` characters, ``-`` for nothing."""
    return "".join(char if "!" <= char <= "~" else "?" for char in text[:most]) or _NIL


def _timestamp(unix_ns: int) -> str:
    moment = _EPOCH + timedelta(microseconds=unix_ns // 1000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
