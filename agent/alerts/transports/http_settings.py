"""Settings that all destinations over HTTP share, and the address that they make of them."""

from __future__ import annotations

from dataclasses import dataclass

from agent.alerts.transports.http_client import Address
from agent.alerts.transports.kind import TransportContext
from agent.alerts.transports.tls_trouble import TlsFiles
from agent.files.options import setting


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Whom to believe, and this computer's certificate."""

    http_ca_file: str = setting(
        "", "PEM file with the authorities of https receivers; empty for those of the system"
    )
    http_cert_file: str = setting("", "PEM file with this computer's certificate for them; empty for none")
    http_key_file: str = setting("", "PEM file with its private key")

    def address(self, key: str, context: TransportContext) -> Address:
        """The address that the setting `key` names."""
        files = TlsFiles(self.http_ca_file, self.http_cert_file, self.http_key_file, prefix="http_")
        limits = context.deadlines
        return Address(key, getattr(self, key), context.tls(files), limits.step_s, limits.whole_s)
