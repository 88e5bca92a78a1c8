"""Connections to receivers: direct or through a policy's proxy, with TLS, within a deadline."""

from __future__ import annotations

import http
import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from agent.alerts.transports.deadline import Deadline
from agent.files.undo import undo_on_failure
from agent.files.web_address import WebAddress

if TYPE_CHECKING:
    import ssl

_MOST_HEAD_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class Route:
    """How a receiver is reached.

    Attributes
    ----------
    address : WebAddress
    proxy : WebAddress or None
        An HTTP proxy that policy names; never one of the environment. A receiver on this computer is reached directly.
    step_s : float
        Limit of each step.
    """

    address: WebAddress
    proxy: WebAddress | None
    step_s: float

    def connect(self, deadline: Deadline) -> socket.socket:
        """A connection to the receiver, or to the proxy's tunnel to it, without TLS.

        Raises
        ------
        OSError
            If it cannot be made in time, or ``http://`` would leave this computer.
        """
        if self.proxy is None or self.address.is_local:
            must_be_local = self.address.scheme == "http"
            return open_connection(
                self.address.host, self.address.port, deadline, self.step_s, must_be_local=must_be_local
            )
        connection = open_connection(self.proxy.host, self.proxy.port, deadline, self.step_s)
        with undo_on_failure(connection.close):
            _tunnel(connection, self.address)
        return connection


def open_connection(
    host: str, port: int, deadline: Deadline, step_s: float, *, must_be_local: bool = False
) -> socket.socket:
    """A TCP connection to the first address of `host` that takes one, guarded by the deadline.

    Raises
    ------
    OSError
        The last failure; ConnectionError where `must_be_local` and no address is this computer's.
    """
    failure: OSError = ConnectionError(f"{host} has no address that may be used")
    for family, kind, protocol, _, place in deadline.look_up(host, port):
        if must_be_local and not ipaddress.ip_address(place[0].partition("%")[0]).is_loopback:
            continue
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(deadline.left_s(step_s))
            deadline.guard(connection)
            connection.connect(place)
            connection.settimeout(step_s)
            return connection
        except OSError as error:
            connection.close()
            deadline.check()
            failure = error
    raise failure


def start_tls(
    connection: socket.socket, context: ssl.SSLContext, server_name: str, *, ragged: bool = True
) -> ssl.SSLSocket:
    """TLS over a connection, which is closed where that fails.

    Raises
    ------
    OSError
        As `ssl` raises it.
    """
    with undo_on_failure(connection.close):
        return context.wrap_socket(connection, server_hostname=server_name, suppress_ragged_eofs=ragged)


def _tunnel(connection: socket.socket, address: WebAddress) -> None:
    """Ask the proxy for a tunnel to the receiver (RFC 9110, CONNECT)."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    place = f"{host}:{address.port}"
    connection.sendall(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode("latin-1"))
    head = bytearray()
    # Byte by byte: what follows the head is the receiver's TLS.
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte or len(head) >= _MOST_HEAD_BYTES:
            raise ConnectionError("the proxy gave no whole answer")
        head += byte
    version, _, rest = bytes(head).partition(b" ")
    status = rest[:3]
    if not version.startswith(b"HTTP/1.") or not status.isdigit():
        raise ConnectionError("the proxy does not speak HTTP")
    if int(status) != http.HTTPStatus.OK:
        raise OSError(f"the proxy refuses a tunnel ({status.decode()})")
