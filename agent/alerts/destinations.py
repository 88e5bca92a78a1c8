"""From settings to a running delivery: which destinations there are, and what is wrong with them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from agent.alerts.api import Transport
from agent.alerts.courier import Sender
from agent.alerts.delivery import LocalDelivery
from agent.alerts.jsonlines import JsonLines
from agent.alerts.ocsf import Product, this_product, to_ocsf
from agent.alerts.outbox_repair import open_outbox
from agent.alerts.relay_link import RelayLink
from agent.alerts.syslog_tls import Receiver, SyslogTls
from agent.alerts.tls_trouble import TlsFiles
from agent.engine.errors import SteadyhandError
from agent.engine.settings import Alerts

_MB = 1_000_000
SPARE_BYTES = _MB


def build_transports(
    settings: Alerts, jsonl_path: Path, product: Product, relay: Path | None = None
) -> tuple[Transport, ...]:
    """The destinations that `settings` ask for; the JSON-lines file is always one of them.

    Where there is a relay, everything else goes through it: it has the keys of the receivers.
    """
    to_event = partial(to_ocsf, product=product)
    local = JsonLines(jsonl_path, to_event)
    if relay is not None:
        return (local, RelayLink(relay))
    if not settings.syslog_host:
        return (local,)
    files = TlsFiles(settings.syslog_ca_file, settings.syslog_cert_file, settings.syslog_key_file)
    name = settings.syslog_server_name or settings.syslog_host
    receiver = Receiver(settings.syslog_host, settings.syslog_port, name, files)
    return (local, SyslogTls(receiver, to_event))


def open_delivery(
    settings: Alerts,
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
    settings : Alerts
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
    transports = build_transports(settings, jsonl_path, this_product(agent_version), relay)
    names = [transport.name for transport in transports]
    most_bytes = round(settings.outbox_most_mb * _MB)
    on_disk = True
    try:
        outbox, found = open_outbox(outbox_path, most_bytes, names)
    except (OSError, SteadyhandError) as error:
        on_disk = False
        outbox, _ = open_outbox(None, most_bytes, names)
        found = (f"no outbox on disk, alerts are kept in memory only: {error}",)
    spare, _ = open_outbox(None, SPARE_BYTES, names)
    delivery = LocalDelivery(
        outbox,
        spare,
        transports,
        Sender(user, host, clock, wall),
        random.Random(),
        found=found,
        on_disk=on_disk,
    )
    delivery.start()
    return delivery
