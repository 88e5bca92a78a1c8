"""Web addresses: parsed as a whole and never compared by their beginning, so that a token goes where it is meant to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_HOST: Final = r"(?P<host>[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(:(?P<port>[0-9]{1,5}))?"
_ADDRESS: Final = re.compile(rf"(?P<scheme>https?)://{_HOST}(?P<target>/[!-~]*)?")
_PROXY: Final = re.compile(rf"(?P<scheme>http)://{_HOST}/?")
_LOCAL_HOSTS: Final = frozenset(("localhost", "127.0.0.1", "::1"))
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_MOST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class WebAddress:
    """Where something is on the web. It never holds a user name or a password.

    Attributes
    ----------
    scheme : str
        ``https``, or ``http`` to this computer.
    host : str
        Name or number, without brackets.
    port : int
    path, query : str
        The path without a slash at its end; the query with its question mark, or empty.
    """

    scheme: str
    host: str
    port: int
    path: str = ""
    query: str = ""

    @property
    def is_local(self) -> bool:
        """True where it names this computer; whoever connects makes sure that it is."""
        return self.host in _LOCAL_HOSTS

    @property
    def shown(self) -> str:
        """Scheme, host and port where that is not the usual one, for people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def parse_address(url: str) -> WebAddress:
    """An ``https://`` address, or ``http://`` to this computer.

    Raises
    ------
    ValueError
        If it is anything else: ``http://localhost.example`` and ``http://localhost@example`` are other computers.
    """
    address = _parsed(_ADDRESS, url)
    if address.scheme == "http" and not address.is_local:
        raise ValueError("http:// is for this computer alone; use https://")
    return address


def parse_proxy(url: str) -> WebAddress:
    """The ``http://`` address of a proxy, which may be any computer: what goes through it is TLS.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    return _parsed(_PROXY, url)


def _parsed(form: re.Pattern[str], url: str) -> WebAddress:
    match = form.fullmatch(url)
    if match is None:
        raise ValueError("it is not of the form https://host[:port]/path")
    parts = match.groupdict()
    port = int(parts["port"] or _DEFAULT_PORTS[parts["scheme"]])
    if not 0 < port <= _MOST_PORT:
        raise ValueError(f"there is no port {port}")
    path, mark, query = (parts.get("target") or "").partition("?")
    return WebAddress(
        parts["scheme"], parts["host"].strip("[]").lower(), port, path.rstrip("/"), mark + query
    )
