"""Origin of alerts: account, computer and session, as an analyst needs them for triage.

Names and addresses are those that this computer has by itself: no name server is asked.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_HOSTS: Final = Path("/etc/hosts")
# Addresses of documentation (RFC 5737, RFC 3849): connecting a datagram socket sends nothing, and names the way out.
_ELSEWHERE: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def read_origin(
    account: str, hostname: str, session: Mapping[str, Any], hosts: Path = _HOSTS
) -> dict[str, Any]:
    """The origin as plain values; what is not known is left out.

    Parameters
    ----------
    account : str
        As `agent.host.account.account_name` gives it.
    hostname : str
    session : mapping
        What the system tells of the session: ``session``, ``seat``, ``display``, ``type``, ``remote``, ``remote_host``.
    hosts : Path, optional
        The file with this computer's full name.
    """
    origin = {
        "uid": str(os.getuid()) if hasattr(os, "getuid") else "",
        "domain": _domain(account),
        "fqdn": _full_name(hostname, hosts),
        "ip": _address(),
        **session,
    }
    return {name: fact for name, fact in origin.items() if fact not in ("", None)}


def _domain(account: str) -> str:
    """The directory's domain of an account: ``DOMAIN\\name`` or ``name@domain``; empty for a local one."""
    if "\\" in account:
        return account.partition("\\")[0]
    if "@" in account:
        return account.partition("@")[2]
    return os.environ.get("USERDOMAIN", "") if sys.platform == "win32" else ""


def _full_name(hostname: str, hosts: Path) -> str:
    if "." in hostname:
        return hostname
    try:
        lines = hosts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""  # many systems have no such file; an origin without a full name is complete
    names = [name for line in lines for name in line.partition("#")[0].split()[1:]]
    return next((name for name in names if name.startswith(f"{hostname}.")), "")


def _address() -> str:
    for family, elsewhere in _ELSEWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as way:
                way.connect((elsewhere, 9))
                return str(way.getsockname()[0])
        except OSError:
            continue  # no way out by this family
    return ""
