"""The destinations over HTTP: apart from the others, so that who has none does not load what they need."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from agent.alerts.api import Record, Transport
from agent.alerts.ocsf import Product
from agent.alerts.transports.http_client import Address
from agent.alerts.transports.otlp import OtlpContext, OtlpLogs
from agent.alerts.transports.splunk import SplunkHec, Waits
from agent.alerts.transports.tls_trouble import TlsContext, TlsFiles
from agent.alerts.transports.webhook import Webhook
from agent.config.schema import AlertSettings
from agent.files.secret import SecretFile


def build_http(
    settings: AlertSettings,
    to_event: Callable[[Record], dict[str, Any]],
    product: Product,
    wall: Callable[[], int],
) -> list[Transport]:
    """Those of Splunk, the webhook and the collector that `settings` ask for.

    Parameters
    ----------
    settings : AlertSettings
    to_event : callable
        A record as an OCSF event.
    product : Product
    wall : callable
        Unix ns.
    """
    files = TlsFiles(settings.http_ca_file, settings.http_cert_file, settings.http_key_file, prefix="http_")
    tls = TlsContext(files)
    transports: list[Transport] = []
    if settings.splunk_url:
        token = SecretFile("splunk_token_file", settings.splunk_token_file)
        waits = Waits(time.monotonic_ns, time.sleep)
        address = Address("splunk_url", settings.splunk_url, tls)
        transports.append(SplunkHec(address, token, settings.splunk_index, to_event, waits))
    if settings.webhook_url:
        secret = SecretFile("webhook_secret_file", settings.webhook_secret_file)
        address = Address("webhook_url", settings.webhook_url, tls)
        transports.append(Webhook(address, secret, to_event, wall))
    if settings.otlp_url:
        headers = SecretFile("otlp_headers_file", settings.otlp_headers_file)
        transports.append(
            OtlpLogs(Address("otlp_url", settings.otlp_url, tls), headers, OtlpContext(to_event, product))
        )
    return transports
