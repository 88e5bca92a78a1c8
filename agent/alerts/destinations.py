"""From settings to a running delivery: which destinations there are, and what is wrong with them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from agent.alerts.api import Transport
from agent.alerts.cef import cef
from agent.alerts.delivery import LocalDelivery
from agent.alerts.http_client import Address
from agent.alerts.journald import Journald
from agent.alerts.jsonlines import JsonLines
from agent.alerts.keeper import Sender
from agent.alerts.ocsf import Product, this_product, to_ocsf
from agent.alerts.otlp import Form, OtlpLogs
from agent.alerts.outbox_repair import open_outbox
from agent.alerts.relay_link import RelayLink
from agent.alerts.splunk import SplunkHec, Waits
from agent.alerts.store import Store
from agent.alerts.syslog_message import ocsf_body
from agent.alerts.syslog_tls import Receiver, SyslogTls
from agent.alerts.tls_trouble import TlsFiles
from agent.alerts.webhook import Webhook
from agent.engine.settings import Alerts
from agent.files.secret import SecretFile

_MB = 1_000_000
SPARE_BYTES = 4 * _MB


def build_transports(
    settings: Alerts,
    jsonl_path: Path,
    product: Product,
    wall: Callable[[], int] = time.time_ns,
    relay: Path | None = None,
) -> tuple[Transport, ...]:
    """The destinations that `settings` ask for; the JSON-lines file is always the first of them.

    Where there is a relay, everything else goes through it: it has the keys of the receivers.
    """
    to_event = partial(to_ocsf, product=product)
    local = JsonLines(jsonl_path, to_event)
    if relay is not None:
        return (local, RelayLink(relay))
    found: list[Transport] = [local]
    if settings.syslog_host:
        found.append(_syslog(settings, product))
    if settings.journald:
        found.append(Journald(to_event))
    if settings.splunk_url:
        token = SecretFile("splunk_token_file", settings.splunk_token_file)
        waits = Waits(time.monotonic_ns, time.sleep)
        address = _address(settings, "splunk_url", settings.splunk_url)
        found.append(SplunkHec(address, token, settings.splunk_index, to_event, waits))
    if settings.webhook_url:
        secret = SecretFile("webhook_secret_file", settings.webhook_secret_file)
        found.append(Webhook(_address(settings, "webhook_url", settings.webhook_url), secret, to_event, wall))
    if settings.otlp_url:
        headers = SecretFile("otlp_headers_file", settings.otlp_headers_file)
        address = _address(settings, "otlp_url", settings.otlp_url)
        found.append(OtlpLogs(address, headers, Form(to_event, product)))
    return tuple(found)


def _syslog(settings: Alerts, product: Product) -> SyslogTls:
    files = TlsFiles(settings.syslog_ca_file, settings.syslog_cert_file, settings.syslog_key_file)
    name = settings.syslog_server_name or settings.syslog_host
    to_body = cef if settings.syslog_form == "cef" else ocsf_body
    return SyslogTls(
        Receiver(settings.syslog_host, settings.syslog_port, name, files), partial(to_body, product=product)
    )


def _address(settings: Alerts, setting: str, url: str) -> Address:
    files = TlsFiles(settings.http_ca_file, settings.http_cert_file, settings.http_key_file, prefix="http")
    return Address(setting, url, files)


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
    transports = build_transports(settings, jsonl_path, this_product(agent_version), wall, relay)
    names = [transport.name for transport in transports]
    most_bytes = round(settings.outbox_most_mb * _MB)
    spare, _ = open_outbox(None, SPARE_BYTES, names)
    store = Store(partial(open_outbox, outbox_path, most_bytes, names), spare)
    delivery = LocalDelivery(store, transports, Sender(user, host, clock, wall), random.Random())
    delivery.start()
    return delivery
