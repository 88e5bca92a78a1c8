"""Transport: syslog over mutual TLS (RFC 5425), with the receiver's close_notify as acknowledgement.

Syslog has no acknowledgement. A write that succeeds only says that the data is in this computer's buffers:
a receiver that dies, or refuses this computer's certificate (TLS 1.3 tells only on the first read), takes
nothing and the sender never learns of it. So every batch has a connection of its own, and counts as
accepted when all of this holds:

1. The receiver stays connected for `SETTLE_S` after the batch was sent. One that turns a client away after
   the handshake closes at once, and may do so with a regular close_notify.
2. It answers our close_notify with its own: it has read the stream to the end.
3. It ends the TCP connection with FIN. Closing with unread data, as a process that is being stopped does,
   makes a RST.

That is the word of the program that ends TLS, not of the disk behind it; docs/alerts.md says how to set up
a receiver that writes before it answers.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.alerts.cef import cef
from agent.alerts.transports.connecting import open_connection, start_tls
from agent.alerts.transports.deadline import Deadline
from agent.alerts.transports.kind import TransportContext, TransportKind
from agent.alerts.transports.syslog_message import MOST_MESSAGE_BYTES, frame, ocsf_body, syslog_message
from agent.alerts.transports.tls_trouble import TlsFiles, client_context, explain
from agent.engine.errors import SteadyhandError
from agent.files.options import setting

if TYPE_CHECKING:
    import ssl

SETTLE_S = 0.25
TIMEOUT_S = 10.0
_STEPS = 3
"""A batch as a whole may take as long as three of its steps, whatever the receiver does."""
_TURNED_AWAY = (
    "hung up before it had read all: it is stopping, or does not permit the name in syslog_cert_file"
)


@dataclass(frozen=True, slots=True)
class SyslogSettings:
    """Which receiver, its certificate and ours, and what the messages hold."""

    syslog_host: str = setting("", "RFC 5425 syslog receiver; empty for none")
    syslog_port: int = setting(6514, "its TCP port", least=1, most=65_535)
    syslog_server_name: str = setting("", "name in the receiver's certificate; empty for the host name")
    syslog_ca_file: str = setting(
        "", "PEM file with the authorities that the receiver's certificate must come from"
    )
    syslog_cert_file: str = setting("", "PEM file with this computer's certificate; empty for none")
    syslog_key_file: str = setting("", "PEM file with its private key")
    syslog_form: str = setting(
        "ocsf", "what the messages hold: OCSF as JSON, or CEF", choices=("ocsf", "cef")
    )


@dataclass(frozen=True, slots=True)
class SyslogReceiver:
    """Where the receiver is, and who it must be.

    Attributes
    ----------
    host : str
    port : int
    server_name : str
        Name or address in its certificate.
    files : TlsFiles
    """

    host: str
    port: int
    server_name: str
    files: TlsFiles


class _ClosedEarlyError(Exception):
    """The receiver hung up before it could have read everything."""


class SyslogTls:
    """Sends a batch a connection.

    Parameters
    ----------
    receiver : SyslogReceiver
    to_body : callable
        A record as the text of a message.
    timeout_s : float, optional
        Limit of each step: connect, handshake, send, acknowledgement.
    """

    def __init__(
        self, receiver: SyslogReceiver, to_body: Callable[[Record], str], timeout_s: float = TIMEOUT_S
    ) -> None:
        self._receiver = receiver
        self._to_body = to_body
        self._timeout_s = timeout_s

    @property
    def name(self) -> str:
        """Its name in the outbox: the same whatever host is set, so that what waits goes to the new one."""
        return "syslog"

    def send(self, records: Sequence[Record]) -> Sent:
        """Send the records before the first that is too large; all of those are accepted, or none."""
        messages = [syslog_message(record, self._to_body(record)) for record in records]
        fitting = next(
            (at for at, text in enumerate(messages) if len(text) > MOST_MESSAGE_BYTES), len(messages)
        )
        if messages and not fitting:
            return Sent(
                0, DeliveryOutcome.TOO_LARGE, f"{len(messages[0])} bytes are more than {MOST_MESSAGE_BYTES}"
            )
        try:
            self._deliver(b"".join(map(frame, messages[:fitting])))
        except SteadyhandError as error:
            return Sent(0, DeliveryOutcome.AUTH_FAILED, str(error))
        except _ClosedEarlyError:
            return Sent(0, DeliveryOutcome.RETRY, f"{self._where()} {_TURNED_AWAY}")
        except OSError as error:
            outcome, text = explain(error, self._where(), self._receiver.server_name, "syslog_")
            return Sent(0, outcome, text)
        except ValueError as error:  # a host name or path that cannot be one
            return Sent(
                0, DeliveryOutcome.AUTH_FAILED, f"{self._where()}: a syslog_ setting is not valid ({error})"
            )
        if fitting < len(messages):
            return Sent(
                fitting, DeliveryOutcome.TOO_LARGE, f"a message has more than {MOST_MESSAGE_BYTES} bytes"
            )
        return Sent(fitting, DeliveryOutcome.OK)

    def _where(self) -> str:
        return f"syslog receiver {self._receiver.host}:{self._receiver.port}"

    def _deliver(self, frames: bytes) -> None:
        # Made anew each time: certificates are renewed while the agent runs.
        context = client_context(self._receiver.files)
        receiver = self._receiver
        with (
            Deadline(_STEPS * self._timeout_s) as deadline,
            open_connection(receiver.host, receiver.port, deadline, self._timeout_s) as plain,
        ):
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                with start_tls(plain, context, receiver.server_name, ragged=False) as tls:
                    tls.sendall(frames)
                    self._expect_quiet(tls)
                    tls.settimeout(self._timeout_s)
                    _expect_end(tls.unwrap())
            except OSError:
                deadline.check()
                raise

    def _expect_quiet(self, tls: ssl.SSLSocket) -> None:
        """Read for `SETTLE_S`: a receiver of syslog never speaks, so whatever comes is a refusal."""
        tls.settimeout(SETTLE_S)
        try:
            tls.recv(1)
        except TimeoutError:
            return
        raise _ClosedEarlyError


def _expect_end(plain: socket.socket) -> None:
    """FIN, not RST. A receiver that keeps its half open has answered all the same."""
    with plain:
        plain.shutdown(socket.SHUT_WR)
        plain.settimeout(SETTLE_S)
        try:
            plain.recv(1)
        except TimeoutError:
            return


def build(settings: SyslogSettings, context: TransportContext) -> SyslogTls:
    """The receiver that the settings name."""
    files = TlsFiles(settings.syslog_ca_file, settings.syslog_cert_file, settings.syslog_key_file)
    name = settings.syslog_server_name or settings.syslog_host
    to_body = cef if settings.syslog_form == "cef" else ocsf_body
    receiver = SyslogReceiver(settings.syslog_host, settings.syslog_port, name, files)
    return SyslogTls(receiver, partial(to_body, product=context.product), context.deadlines.step_s)


KIND: Final = TransportKind(SyslogSettings, build, switch="syslog_host")
