"""Registry of transports: schema, policy templates, documents, `alerts.more`, the doctor and delivery go by it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from agent.alerts.transports import eventlog, journald, otlp, splunk, ssf, syslog_tls, webhook
from agent.alerts.transports.kind import TransportKind

TRANSPORTS: Final[Mapping[str, TransportKind]] = MappingProxyType(
    {
        "syslog": syslog_tls.KIND,
        "journald": journald.KIND,
        "eventlog": eventlog.KIND,
        "splunk": splunk.KIND,
        "webhook": webhook.KIND,
        "otlp": otlp.KIND,
        "ssf": ssf.KIND,
    }
)
"""By the name that the transport has in the outbox. It is never changed: the outbox keeps a cursor under it."""


def transport_kinds() -> Mapping[str, TransportKind]:
    """The kinds of transports by name, in the order of the documents."""
    return TRANSPORTS
