"""One deadline for a request as a whole, against servers that send a byte now and then at every step."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from agent.alerts.api import DeliveryOutcome, Record
from agent.alerts.transports.connecting import Route, open_connection
from agent.alerts.transports.deadline import Deadline
from agent.alerts.transports.http_client import Address, Client
from agent.alerts.transports.syslog_tls import SyslogReceiver, SyslogTls
from agent.alerts.transports.tls_trouble import TlsContext, TlsFiles
from agent.files.web_address import parse_address
from agent.runtime.central.folder import Folder
from tests.agent.alerts.fakes import STREAM, make_alert
from tests.agent.alerts.transports.http_stub import serving
from tests.agent.alerts.transports.listening import stop_accepting

WHOLE_S = 0.8
LATEST_S = 2.5


@contextmanager
def dripping(first: bytes, drop: bytes) -> Iterator[int]:
    """A server that sends `first`, then a piece every 50 ms for as long as it is asked; its port."""
    ended = threading.Event()
    threads = []

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                connection.sendall(first)
                while not ended.wait(0.05):
                    connection.sendall(drop)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        acceptor = threading.Thread(target=accept)
        acceptor.start()
        yield listener.getsockname()[1]
        ended.set()
        stop_accepting(listener)
    acceptor.join()
    for thread in threads:
        thread.join()


ANSWERS = {
    "status line": (b"", b"H"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "body without a length": (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    "body of a length": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "chunk head": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    "continuations": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


def client(port: int, scheme: str = "http", proxy: str = "") -> Client:
    tls = TlsContext(TlsFiles("", "", "", prefix="http_"))
    return Client(
        Address("x_url", f"{scheme}://localhost:{port}", tls, step_s=0.5, whole_s=WHOLE_S, proxy=proxy)
    )


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("where", ANSWERS)
def test_a_byte_now_and_then_is_not_in_time(where: str, method: str) -> None:
    with dripping(*ANSWERS[where]) as port, client(port) as asking:
        began_s = time.monotonic()
        answer = asking.get("/p", {}, 1 << 20) if method == "get" else asking.post("/p", {}, b"x")
        assert time.monotonic() - began_s < LATEST_S
    assert answer.outcome is DeliveryOutcome.RETRY
    assert answer.body == b""
    assert "did not answer in time" in answer.detail or "no whole answer" in answer.detail


def test_tls_a_byte_now_and_then_is_not_in_time() -> None:
    # The head of a TLS record of 16 KB: the handshake waits for the rest of it.
    with dripping(b"\x16\x03\x03\x40\x00", b"\x00") as port, client(port, "https") as asking:
        began_s = time.monotonic()
        answer = asking.get("/p", {}, 1 << 20)
        assert time.monotonic() - began_s < LATEST_S
    assert (answer.outcome, answer.body) == (DeliveryOutcome.RETRY, b"")


def test_syslog_a_byte_now_and_then_is_not_in_time() -> None:
    with dripping(b"\x16\x03\x03\x40\x00", b"\x00") as port:
        receiver = SyslogReceiver("127.0.0.1", port, "localhost", TlsFiles("", "", ""))
        began_s = time.monotonic()
        sent = SyslogTls(receiver, lambda record: "x", timeout_s=0.3).send([Record(STREAM, 1, make_alert())])
        assert time.monotonic() - began_s < LATEST_S
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)


def test_a_name_that_is_not_looked_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [None] * released.wait(20))
    began_s = time.monotonic()
    with Client(
        Address("x_url", "https://a.example", TlsContext(TlsFiles("", "", "", prefix="http_")), 0.3, 0.5)
    ) as asking:
        answer = asking.get("/p", {}, 10)
    released.set()
    assert time.monotonic() - began_s < LATEST_S
    assert answer.outcome is DeliveryOutcome.RETRY
    assert "in time" in answer.detail


def addresses(*numbers: str) -> Callable[..., list[Any]]:
    return lambda host, port, **_: [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers
    ]


def test_http_never_leaves_this_computer_whatever_the_name_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", addresses("192.0.2.1", "10.0.0.1"))
    with client(80) as asking:
        answer = asking.get("/p", {"Authorization": "Bearer secret"}, 10)
    assert answer.outcome is DeliveryOutcome.RETRY
    assert answer.status == 0


def test_the_next_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving([200]) as stub:
        monkeypatch.setattr(socket, "getaddrinfo", addresses("127.1.2.3", "127.0.0.1"))
        with client(stub.port) as asking:
            assert asking.post("/p", {}, b"x").outcome is DeliveryOutcome.OK


@contextmanager
def proxy(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """An HTTP proxy that answers CONNECT so, and then echoes; its address, and what it was asked."""
    asked: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            asked.append(connection.recv(4096))
            with contextlib.suppress(ConnectionError):  # it hangs up on an answer that it does not like
                connection.sendall(answer)
                asked.append(connection.recv(4096))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve)
        server.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        server.join(5)


def test_a_proxy_of_policy_carries_tls_to_the_receiver() -> None:
    with proxy(b"HTTP/1.1 200 Connection established\r\n\r\n") as (url, asked):
        tls = TlsContext(TlsFiles("", "", "", prefix="http_"))
        with Client(Address("x_url", "https://siem.example:8088/x", tls, 1.0, 2.0, url)) as asking:
            answer = asking.post("/p", {"Authorization": "secret"}, b"x")
    assert answer.outcome is DeliveryOutcome.RETRY
    assert asked[0] == b"CONNECT siem.example:8088 HTTP/1.1\r\nHost: siem.example:8088\r\n\r\n"
    assert asked[1].startswith(b"\x16\x03"), "TLS begins, and nothing is said in clear"
    assert b"secret" not in b"".join(asked)


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"SSH-2.0\r\n\r\n", b"x" * 20_000, b""]
)
def test_a_proxy_that_refuses_is_told(answer: bytes) -> None:
    with proxy(answer) as (url, asked):
        tls = TlsContext(TlsFiles("", "", "", prefix="http_"))
        with Client(Address("x_url", "https://siem.example", tls, 1.0, 2.0, url)) as asking:
            assert asking.post("/p", {}, b"x").outcome is DeliveryOutcome.RETRY
    assert len(asked) in (1, 2)


def test_the_environments_proxy_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving([200]) as stub, client(stub.port) as asking:
        assert asking.post("/p", {}, b"x").outcome is DeliveryOutcome.OK
        assert Folder("central.folder_url", stub.url()).proxy == ""


def test_a_receiver_on_this_computer_is_reached_without_the_proxy() -> None:
    with serving([200]) as stub, client(stub.port, proxy="http://127.0.0.1:9") as asking:
        assert asking.post("/p", {}, b"x").outcome is DeliveryOutcome.OK


def test_a_deadline_that_is_over_lets_nothing_begin() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, Deadline(0.05) as deadline:
        time.sleep(0.1)
        port = listener.getsockname()[1]
        for begin in (
            partial(open_connection, "127.0.0.1", port, deadline, 1.0),
            partial(Route(parse_address(f"http://127.0.0.1:{port}"), None, 1.0).connect, deadline),
        ):
            with pytest.raises(TimeoutError):
                begin()
