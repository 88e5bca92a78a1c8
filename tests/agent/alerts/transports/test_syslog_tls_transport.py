"""The TLS transport against a small server that misbehaves on demand."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.alerts.transports.syslog_message import MOST_MESSAGE_BYTES
from agent.alerts.transports.syslog_tls import SyslogReceiver, SyslogTls
from agent.alerts.transports.tls_trouble import TlsFiles
from tests.agent.alerts.fakes import make_record
from tests.agent.alerts.transports.listening import reset, resets_are_seen, stop_accepting

Behaviour = Callable[[ssl.SSLSocket, list[bytes]], None]


def polite(tls: ssl.SSLSocket, got: list[bytes]) -> None:
    """Read to the sender's close_notify, then answer it."""
    data = b""
    while chunk := tls.recv(65536):
        data += chunk
    got.append(data)
    tls.unwrap().close()


def turns_away(tls: ssl.SSLSocket, got: list[bytes]) -> None:
    """What rsyslog does with a name that it does not permit: a regular close_notify at once."""
    tls.unwrap().close()


def turns_away_and_drains(tls: ssl.SSLSocket, got: list[bytes]) -> None:
    """The same with a lingering close, which makes no RST: it reads on but looks at nothing."""
    tls.setblocking(False)
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.unwrap()
    with socket.socket(fileno=tls.detach()) as plain:
        plain.settimeout(5)
        while plain.recv(65536):
            pass


def dies_at_once(tls: ssl.SSLSocket, got: list[bytes]) -> None:
    """A crash before anything was read."""


def dies_after_reading(tls: ssl.SSLSocket, got: list[bytes]) -> None:
    """Reads some, then ends without close_notify: the rest is lost."""
    tls.recv(10)


def stops_while_data_waits(tls: ssl.SSLSocket, got: list[bytes]) -> None:
    """A server being stopped: close_notify after ours, but the socket is closed with data unread: RST."""
    tls.settimeout(5)
    while tls.recv(65536):
        pass
    reset(tls.unwrap())


def silent(tls: ssl.SSLSocket, got: list[bytes]) -> None:
    """Takes everything and never answers."""
    tls.settimeout(5)
    while tls.recv(65536):
        pass
    release.wait(5)


def talks(tls: ssl.SSLSocket, got: list[bytes]) -> None:
    """Not a syslog receiver: something that speaks first."""
    tls.sendall(b"220 smtp.example ESMTP\r\n")
    release.wait(5)


release = threading.Event()


@dataclass
class Server:
    """One thread; each connection is served by `behave`."""

    folder: Path
    authority: trustme.CA
    behave: Behaviour = polite
    got: list[bytes] = field(default_factory=list)
    errors: list[OSError] = field(default_factory=list)
    port: int = 0

    def context(self, name: str, client_certificate: bool) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(name).configure_cert(context)
        if client_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            self.authority.configure_trust(context)
        return context

    def serve(self, listener: socket.socket, context: ssl.SSLContext) -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:  # closed: the test is over
                return
            try:
                with plain, context.wrap_socket(plain, server_side=True) as tls:
                    self.behave(tls, self.got)
            except OSError as error:  # what the client makes of it is what the tests look at
                self.errors.append(error)


StartServer = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[StartServer]:
    release.clear()
    listeners = []

    def begin(
        behave: Behaviour = polite,
        name: str = "localhost",
        client_certificate: bool = True,
        newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ) -> Server:
        server = Server(tmp_path, trustme.CA(), behave)
        server.authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        client = server.authority.issue_cert("laptop.example")
        client.private_key_pem.write_to_path(tmp_path / "client.key")
        client.cert_chain_pems[0].write_to_path(tmp_path / "client.pem")
        context = server.context(name, client_certificate)
        context.maximum_version = newest
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        server.port = listener.getsockname()[1]
        threading.Thread(target=server.serve, args=(listener, context), daemon=True).start()
        return server

    yield begin
    release.set()
    for listener in listeners:
        stop_accepting(listener)
        listener.close()


def body(record: Record) -> str:
    return json.dumps({"n": record.sequence, **record.alert.detail})


def transport(
    server: Server,
    *,
    name: str = "localhost",
    ca: str = "ca.pem",
    cert: str = "client",
    host: str = "127.0.0.1",
) -> SyslogTls:
    def at(file: str) -> str:
        return str(server.folder / file) if file else ""

    files = TlsFiles(at(ca), at(f"{cert}.pem" if cert else ""), at(f"{cert}.key" if cert else ""))
    return SyslogTls(SyslogReceiver(host, server.port, name, files), body, timeout_s=1.0)


def batch(count: int = 3) -> list[Record]:
    return [make_record(number) for number in range(count)]


SEES_RESETS = pytest.mark.skipif(
    sys.platform == "win32" and not resets_are_seen(), reason="Wine shows a reset as a regular end"
)
TLS = pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


@TLS
def test_a_batch_arrives_framed_and_acknowledged(start: StartServer, newest: ssl.TLSVersion) -> None:
    server = start(newest=newest)
    assert transport(server).send(batch(50)) == Sent(50, DeliveryOutcome.OK)
    data, found = server.got[0], []
    while data:
        length, _, rest = data.partition(b" ")
        found.append(rest[: int(length)])
        data = rest[int(length) :]
    assert len(found) == 50
    assert all(message.startswith(b"<83>1 ") and message.endswith(b"}") for message in found)


@TLS
@pytest.mark.parametrize(
    "behave",
    [
        turns_away,
        turns_away_and_drains,
        dies_at_once,
        dies_after_reading,
        pytest.param(stops_while_data_waits, marks=SEES_RESETS),
        silent,
        talks,
    ],
)
def test_nothing_counts_as_accepted_without_a_regular_end(
    start: StartServer, behave: Behaviour, newest: ssl.TLSVersion
) -> None:
    sent = transport(start(behave, newest=newest)).send(batch())
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)
    assert sent.detail.startswith("syslog receiver 127.0.0.1:")


@TLS
def test_a_client_certificate_that_is_missing_or_foreign_is_no_success(
    start: StartServer, newest: ssl.TLSVersion, tmp_path: Path
) -> None:
    server = start(newest=newest)
    stranger = trustme.CA().issue_cert("laptop.example")
    stranger.private_key_pem.write_to_path(tmp_path / "rogue.key")
    stranger.cert_chain_pems[0].write_to_path(tmp_path / "rogue.pem")
    for cert in ("", "rogue"):
        sent = transport(server, cert=cert).send(batch())
        assert sent.accepted == 0
        assert sent.outcome in (DeliveryOutcome.AUTH_FAILED, DeliveryOutcome.RETRY)
        assert "refuses this computer's certificate" in sent.detail


def test_a_wrong_authority_is_refused_before_anything_is_sent(start: StartServer, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    server = start()
    sent = transport(server, ca="other.pem").send(batch())
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert "comes from nobody in syslog_ca_file" in sent.detail
    assert server.got == []


@pytest.mark.parametrize("name", ["siem.example", "127.0.0.1"])
def test_a_certificate_for_another_name_is_refused(start: StartServer, name: str) -> None:
    sent = transport(start(), name=name).send(batch())
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert f"not for {name!r}; set syslog_server_name" in sent.detail


def test_an_address_in_the_certificate_is_a_name(start: StartServer) -> None:
    server = start(name="127.0.0.1")
    assert transport(server, name="127.0.0.1").send(batch()).outcome is DeliveryOutcome.OK


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
def test_tls_1_1_is_not_spoken(start: StartServer) -> None:
    server = start(newest=ssl.TLSVersion.TLSv1_1)
    sent = transport(server).send(batch())
    assert sent.accepted == 0
    assert sent.outcome in (DeliveryOutcome.AUTH_FAILED, DeliveryOutcome.RETRY)


def test_nobody_listens(start: StartServer) -> None:
    server = start()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server.port = taken.getsockname()[1]
    sent = transport(server).send(batch())
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)
    assert "refuses connections: is it running" in sent.detail


def test_a_port_without_tls(start: StartServer) -> None:
    server = start()
    with socket.create_server(("127.0.0.1", 0)) as plain:
        server.port = plain.getsockname()[1]

        def answer() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
                connection.recv(4096)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        sent = transport(server).send(batch())
        thread.join(5)
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert "does not speak TLS" in sent.detail


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"ca": "missing.pem"}, "syslog_ca_file"),
        ({"ca": "client.key"}, "syslog_ca_file"),
        ({"cert": "missing"}, "syslog_cert_file"),
        ({"cert": "ca\0"}, "not valid"),
        ({"host": "a..b"}, "not valid"),
        ({"host": "no-such-host.invalid"}, "not found"),
    ],
)
def test_settings_that_cannot_work_are_named(start: StartServer, change: dict[str, str], word: str) -> None:
    sent = transport(start(), **change).send(batch())
    assert sent.accepted == 0
    assert word in sent.detail


def test_an_encrypted_key_is_an_error_and_not_a_prompt(start: StartServer, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as pem

    server = start()
    key = pem.load_pem_private_key((tmp_path / "client.key").read_bytes(), None)
    locked = key.private_bytes(
        pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.BestAvailableEncryption(b"secret")
    )
    (tmp_path / "client.key").write_bytes(locked)
    sent = transport(server).send(batch())
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert "unencrypted PEM" in sent.detail


def test_a_message_that_no_receiver_takes_is_singled_out(start: StartServer) -> None:
    server = start()
    huge = make_record(detail={"text": "x" * MOST_MESSAGE_BYTES})
    sent = transport(server).send([*batch(2), huge, *batch(2)])
    assert (sent.accepted, sent.outcome) == (2, DeliveryOutcome.TOO_LARGE)
    calls = len(server.got)
    assert transport(server).send([huge]).outcome is DeliveryOutcome.TOO_LARGE
    assert len(server.got) == calls, "nothing to send: nobody is bothered"


def test_without_records_it_only_checks_the_way(start: StartServer) -> None:
    server = start()
    assert transport(server).send([]) == Sent(0, DeliveryOutcome.OK)
    assert server.got == [b""]
    assert transport(server, name="siem.example").send([]).outcome is DeliveryOutcome.AUTH_FAILED
