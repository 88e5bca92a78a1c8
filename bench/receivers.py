"""One receiver for every destination over HTTP, and the settings that lead there."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from tests.agent.alerts.transports.http_stub import serving


@contextmanager
def everything_over_http(root: Path) -> Iterator[str]:
    """Splunk, a webhook and a collector over TLS, believed through the system's whole list of authorities.

    Gives lines for `settings.toml`. The list is what costs memory.
    """
    authority = trustme.CA()
    system = ssl.get_default_verify_paths().cafile
    believed = Path(system).read_bytes() if system else b""
    (root / "ca.pem").write_bytes(believed + authority.cert_pem.bytes())
    secret = root / "secret"
    secret.touch(0o600)
    secret.write_text("whsec_" + "QUJD" * 8)
    with serving(tls=authority.issue_cert("localhost")) as stub:
        url = stub.url(scheme="https")
        yield "\n".join(
            (
                "[alerts]",
                f'splunk_url = "{url}"',
                f'splunk_token_file = "{secret}"',
                f'webhook_url = "{url}/hook"',
                f'webhook_secret_file = "{secret}"',
                f'otlp_url = "{url}"',
                f'http_ca_file = "{root}/ca.pem"',
                "",
            )
        )
        if len({request.path for request in stub.requests}) != 3:
            raise AssertionError("a destination was not used: its memory was not measured")
