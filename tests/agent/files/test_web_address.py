"""Web addresses: what only begins like this computer is another one."""

from __future__ import annotations

import pytest

from agent.config.options import all_options
from agent.engine.errors import SteadyhandError
from agent.files.web_address import WebAddress, parse_address, parse_proxy
from agent.runtime.central.folder import Folder

LOCAL_LOOKALIKES = [
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://localhost@evil.example",
    "http://localhost:80@evil.example/",
    "http://localhost:secret@evil.example",
    "http://127.0.0.1@evil.example/x",
    "http://localhost\\@evil.example",
    "http://localhost%00.evil.example",
    "http://localhost%2eevil.example",
    "http://localhost#@evil.example",
    "http://localhost?@evil.example",
    "http://localhost\n.evil.example",
    "http://localhost .evil.example",
    "http://localhostevil.example",
    "http://127.0.0.1:8080.evil.example",
    "http://127.0.0.2.example",
    "http://127.1",
    "http://2130706433",
    "http://0x7f000001",
    "http://[::1].evil.example",
    "http://[::ffff:127.0.0.1]",
    "http://0.0.0.0",
    "http://\uff11\uff12\uff17.0.0.1",
    "http://ⓛocalhost",
    "http://evil.example",
    "HTTP://evil.example",
    "http:localhost",
    "http:///localhost",
    "//localhost",
    "localhost",
    "file:///etc/passwd",
    "",
]


@pytest.mark.parametrize("url", LOCAL_LOOKALIKES)
def test_what_only_looks_like_this_computer_gets_nothing(url: str) -> None:
    with pytest.raises(ValueError, match=r"https://"):
        parse_address(url)
    with pytest.raises(SteadyhandError, match="no https:// address"):
        Folder("central.folder_url", url, token_file="/token").client()
    for key in ("central.folder_url", "central.recordings_url", "alerts.webhook_url", "alerts.splunk_url"):
        if url:
            with pytest.raises(ValueError, match=key):
                all_options()[key].parse(url)


@pytest.mark.parametrize(
    "url", ["https://a.example:0", "https://a.example:65536", "https://u:p@a.example", "https://"]
)
def test_other_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ValueError, match=r"port|form"):
        parse_address(url)


def test_addresses_by_their_parts() -> None:
    assert parse_address("https://A.example:8443/base/?key=5") == WebAddress(
        "https", "a.example", 8443, "/base", "?key=5"
    )
    assert parse_address("https://[2001:db8::1]").shown == "https://[2001:db8::1]"
    assert parse_address("http://[::1]:81/x").is_local
    assert not parse_address("https://localhost.example").is_local
    assert parse_proxy("http://proxy.example:3128/") == WebAddress("http", "proxy.example", 3128)
    with pytest.raises(ValueError, match="form"):
        parse_proxy("http://user:password@proxy.example:3128")
