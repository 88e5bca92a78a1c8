"""Builds the transports and the delivery that the settings ask for."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agent.alerts.api import Record, Sent, Transport
from agent.alerts.cef import cef
from agent.alerts.delivery import LocalDelivery
from agent.alerts.ocsf import Product, this_product, to_ocsf
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.outbox.store import AlertStore
from agent.alerts.outbox_maintenance import Sender
from agent.alerts.transports.journald import Journald
from agent.alerts.transports.jsonlines import JsonLines
from agent.alerts.transports.relay_link import RelayLink
from agent.alerts.transports.syslog_message import ocsf_body
from agent.alerts.transports.syslog_tls import SyslogReceiver, SyslogTls
from agent.alerts.transports.tls_trouble import TlsFiles
from agent.config.further_destinations import further_destinations
from agent.config.schema import AlertSettings

_MB = 1_000_000
SPARE_BYTES = 4 * _MB


def build_transports(
    settings: AlertSettings,
    jsonl_path: Path,
    product: Product,
    wall: Callable[[], int] = time.time_ns,
    relay: Path | None = None,
) -> tuple[Transport, ...]:
    """The destinations that `settings` ask for; the JSON-lines file is always the first of them.

    Where there is a relay, everything else goes through it: it has the keys of the receivers.

    Raises
    ------
    ValueError
        If a further destination is not one; settings that were read from a file have been checked.
    """
    local = JsonLines(jsonl_path, partial(to_ocsf, product=product))
    if relay is not None:
        return (local, RelayLink(relay))
    further = [
        Named(f"{transport.name} {name}", transport)
        for name, destination_settings in further_destinations(settings.more)
        for transport in _asked_for(destination_settings, product, wall)
    ]
    return (local, *_asked_for(settings, product, wall), *further)


@dataclass(frozen=True, slots=True)
class Named:
    """A further destination of a kind: the same transport under a name, and so with a cursor, of its own.

    Attributes
    ----------
    name : str
    transport : Transport
    """

    name: str
    transport: Transport

    def send(self, records: Sequence[Record]) -> Sent:
        """See `Transport.send`."""
        return self.transport.send(records)


def _asked_for(settings: AlertSettings, product: Product, wall: Callable[[], int]) -> list[Transport]:
    to_event = partial(to_ocsf, product=product)
    transports: list[Transport] = []
    if settings.syslog_host:
        transports.append(_syslog(settings, product))
    if settings.journald:
        transports.append(Journald(to_event))
    if settings.splunk_url or settings.webhook_url or settings.otlp_url:
        # Most agents have none of them, and save the megabyte that HTTP takes.
        from agent.alerts.transports.http_destinations import build_http

        transports += build_http(settings, to_event, product, wall)
    return transports


def _syslog(settings: AlertSettings, product: Product) -> SyslogTls:
    files = TlsFiles(settings.syslog_ca_file, settings.syslog_cert_file, settings.syslog_key_file)
    name = settings.syslog_server_name or settings.syslog_host
    to_body = cef if settings.syslog_form == "cef" else ocsf_body
    return SyslogTls(
        SyslogReceiver(settings.syslog_host, settings.syslog_port, name, files),
        partial(to_body, product=product),
    )


def open_delivery(
    settings: AlertSettings,
    outbox_path: Path,
    jsonl_path: Path,
    host: str,
    user: str,
    agent_version: str,
    clock: Callable[[], int] = time.monotonic_ns,
    wall: Callable[[], int] = time.time_ns,
    relay: Path | None = None,
) -> LocalDelivery:
    """A delivery that runs. Ask its `problems` what was found wrong, now and later.

    Without a disk to write to there is still a delivery: it keeps alerts in memory, says so in
    `problems`, and `submit` raises OSError after taking the alert.

    Parameters
    ----------
    settings : AlertSettings
    outbox_path, jsonl_path : Path
    host, user : str
        Whom the alerts about lost alerts name.
    agent_version : str
    clock : callable, optional
        Monotonic ns.
    wall : callable, optional
        Unix ns.
    relay : Path, optional
        The relay's socket, where there is one.
    """
    transports = build_transports(settings, jsonl_path, this_product(agent_version), wall, relay)
    names = [transport.name for transport in transports]
    most_bytes = round(settings.outbox_most_mb * _MB)
    spare, _ = open_outbox(None, SPARE_BYTES, names)
    store = AlertStore(partial(open_outbox, outbox_path, most_bytes, names), spare)
    delivery = LocalDelivery(store, transports, Sender(user, host, clock, wall), random.Random())
    delivery.start()
    return delivery
