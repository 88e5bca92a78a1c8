"""Builds the transports and the delivery that the settings ask for."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agent.alerts.api import Record, Sent, Transport
from agent.alerts.delivery import LocalDelivery
from agent.alerts.further_destinations import further_destinations
from agent.alerts.ocsf import Product, this_product
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.outbox.store import AlertStore
from agent.alerts.outbox_maintenance import Sender
from agent.alerts.settings import AlertSettings
from agent.alerts.transports.jsonlines import JsonLines
from agent.alerts.transports.kind import RelayServices, TransportContext
from agent.alerts.transports.relay_link import RelayLink
from agent.alerts.transports.relay_pipe import RelayPipeLink
from agent.files.pipe_endpoints import is_pipe_name

_MB = 1_000_000
SPARE_BYTES = 4 * _MB


def build_transports(
    settings: AlertSettings,
    jsonl_path: Path,
    product: Product,
    wall: Callable[[], int] = time.time_ns,
    relay: Path | None = None,
    services: RelayServices | None = None,
) -> tuple[Transport, ...]:
    """The destinations that `settings` ask for; the JSON-lines file is always the first of them.

    Where there is a relay, everything else goes through it: it has the keys of the receivers. What only the relay sends
    is built with its `services` alone.

    Raises
    ------
    ValueError
        If a further destination is not one; settings that were read from a file have been checked.
    """
    context = TransportContext(product, wall, relay=services)
    local = JsonLines(jsonl_path, context.to_event)
    if relay is not None:
        return (local, _relay_link(relay))
    wanted = settings.wanted()
    first = [kind.build(own, context) for kind, own in wanted if services or not kind.relay_only]
    further = []
    for line in further_destinations(settings.more):
        transport = line.kind.build(line.settings, context)
        further.append(Named(f"{transport.name} {line.name}", transport))
    return (local, *first, *further)


def _relay_link(relay: Path) -> Transport:
    return RelayPipeLink(str(relay)) if is_pipe_name(str(relay)) else RelayLink(relay)


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
    services: RelayServices | None = None,
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
        The relay's socket or pipe, where there is one.
    services : RelayServices, optional
        Where this process is the relay.
    """
    product = this_product(agent_version)
    transports = build_transports(settings, jsonl_path, product, wall, relay, services)
    names = [transport.name for transport in transports]
    most_bytes = round(settings.outbox_most_mb * _MB)
    spare, _ = open_outbox(None, SPARE_BYTES, names)
    store = AlertStore(partial(open_outbox, outbox_path, most_bytes, names), spare)
    delivery = LocalDelivery(
        store, transports, Sender(user, host, clock, wall, settings.playbook_url), random.Random()
    )
    delivery.start()
    return delivery
