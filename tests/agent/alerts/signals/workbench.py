"""Settings, keys and files of a transmitter in a folder of a test."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.alerts.alert import Alert
from agent.alerts.ocsf import Product
from agent.alerts.signals.metadata import publish
from agent.alerts.signals.signing_keys import KeyRing, write_key_ring
from agent.alerts.signals.transmitter import SignalTransmitter
from agent.alerts.transports.kind import Deadlines, RelayServices, TransportContext
from agent.alerts.transports.ssf import SsfSettings, build
from tests.agent.alerts.signals.ssf_receiver import SsfReceiver

ISSUER = "https://signals.example"
AUDIENCE = "https://idp.example/signals"
NOW_S = 1_767_225_660
ALICE = {"format": "email", "email": "alice@example.com"}


@functools.cache
def one_key() -> KeyRing:
    """A ring of one key, which takes a while to make."""
    return KeyRing().with_new(0)


class Workbench:
    """Everything that a transmitter reads, and a receiver that reads what it publishes."""

    def __init__(self, folder: Path, authorization: str = "") -> None:
        self.folder = folder
        self.web = folder / "web"
        self.receiver = SsfReceiver(self.web, ISSUER, AUDIENCE, authorization)
        self.raised: list[Alert] = []
        self.raise_alert: Callable[[Alert], None] = self.raised.append
        self.now_ns = NOW_S * 1_000_000_000
        self.keys(one_key())
        self.publish(one_key())
        self.receiver.fetch()
        self.subjects({"alice": ALICE})
        self.authorization = authorization
        if authorization:
            self.secret("authorization", authorization)

    def keys(self, ring: KeyRing) -> None:
        write_key_ring(str(self.folder / "keys.json"), ring)

    def publish(self, ring: KeyRing) -> None:
        publish(self.web, ISSUER, ring.public_set())

    def subjects(self, mapping: Any) -> None:
        path = self.folder / "subjects.json"
        path.write_text(mapping if isinstance(mapping, str) else json.dumps(mapping))
        path.chmod(0o644)

    def secret(self, name: str, line: str) -> None:
        path = self.folder / name
        path.touch(0o600)
        path.write_text(line)

    def settings(self, url: str, **changes: Any) -> dict[str, Any]:
        """Keys of ``[alerts]``."""
        return {
            "ssf_receiver_url": url,
            "ssf_issuer": ISSUER,
            "ssf_audience": AUDIENCE,
            "ssf_keys_file": str(self.folder / "keys.json"),
            "ssf_subjects_file": str(self.folder / "subjects.json"),
            "ssf_authorization_file": str(self.folder / "authorization") if self.authorization else "",
            **changes,
        }

    def transmitter(self, url: str, **changes: Any) -> SignalTransmitter:
        """One that begins: a second one is what there is after a restart of the relay."""
        services = RelayServices(self.folder, lambda alert: self.raise_alert(alert))
        context = TransportContext(
            Product("1", "Linux"), lambda: self.now_ns, Deadlines(2.0, 10.0), relay=services
        )
        transport = build(SsfSettings(**self.settings(url, **changes)), context)
        assert isinstance(transport, SignalTransmitter)
        return transport
