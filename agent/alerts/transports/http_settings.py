"""Settings that all destinations over HTTP share, and the address that they make of them."""

from __future__ import annotations

from dataclasses import dataclass

from agent.alerts.transports.http_client import Address
from agent.alerts.transports.kind import TransportContext
from agent.alerts.transports.tls_trouble import TlsFiles
from agent.files.options import PROXY, setting


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Whom to believe, and this computer's certificate."""

    http_ca_file: str = setting(
        "", "PEM file with the authorities of https receivers; empty for those of the system"
    )
    http_cert_file: str = setting("", "PEM file with this computer's certificate for them; empty for none")
    http_key_file: str = setting("", "PEM file with its private key")
    http_proxy: str = setting(
        "",
        "HTTP proxy that https receivers are reached through, such as http://proxy.example:3128; empty for none: "
        "the environment's is never used",
        **PROXY,
    )

    def address(self, key: str, context: TransportContext) -> Address:
        """The address that the setting `key` names."""
        files = TlsFiles(self.http_ca_file, self.http_cert_file, self.http_key_file, prefix="http_")
        limits = context.deadlines
        url, tls = getattr(self, key), context.tls(files)
        return Address(key, url, tls, limits.step_s, limits.whole_s, self.http_proxy)
