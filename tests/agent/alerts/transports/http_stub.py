"""An HTTP receiver on loopback that answers by script: a status, a hang, a cut, a byte now and then."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme

Behaviour = Callable[["Handler"], None]


@dataclass(frozen=True)
class Request:
    """What came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Stub:
    """What it is to do, request by request, and what it got; without a script left it answers 200.

    A step of the script is a status, ``(status, headers, body)``, or a function that does it itself.
    """

    script: list[Any] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    connections: int = 0
    port: int = 0

    def url(self, path: str = "", scheme: str = "http") -> str:
        return f"{scheme}://localhost:{self.port}{path}"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    stub: Stub

    def setup(self) -> None:
        super().setup()
        self.stub.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.stub.requests.append(Request(self.path, dict(self.headers), body))
        self.respond()

    do_PUT = do_POST

    def respond(self) -> None:
        step = self.stub.script.pop(0) if self.stub.script else 200
        if callable(step):
            step(self)
            return
        status, headers, answer = step if isinstance(step, tuple) else (step, {}, b"{}")
        self.answer(status, headers, answer)

    def answer(self, status: int, headers: dict[str, str], body: bytes | dict[str, Any]) -> None:
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def hang(handler: Handler) -> None:
    """Say nothing until the test is over."""
    handler.stub.released.wait(20)
    handler.close_connection = True


def cut(handler: Handler) -> None:
    """Hang up in the middle of the answer."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    handler.close_connection = True


def hang_up(handler: Handler) -> None:
    """Hang up without an answer."""
    handler.close_connection = True


def drip(handler: Handler) -> None:
    """A byte now and then: no read ever times out."""
    handler.close_connection = True
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not handler.stub.released.wait(0.05):
            handler.wfile.write(b"x")
            handler.wfile.flush()
    except OSError:
        return


def chatter(handler: Handler) -> None:
    """An answer that never ends."""
    handler.close_connection = True
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not handler.stub.released.is_set():
            handler.wfile.write(b"y" * 65536)
    except OSError:
        return


def no_http(handler: Handler) -> None:
    """Something else answers on that port."""
    handler.wfile.write(b"220 smtp.example ESMTP\r\n")
    handler.close_connection = True


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


@contextmanager
def serving(
    script: Iterable[Any] = (), tls: trustme.LeafCert | None = None, client_ca: trustme.CA | None = None
) -> Iterator[Stub]:
    """A stub that listens, over TLS with a certificate; clients need one of `client_ca`."""
    stub = Stub(list(script))
    handler = type("Bound", (Handler,), {"stub": stub})
    server = _Quiet(("127.0.0.1", 0), handler)
    stub.port = server.server_address[1]
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.configure_cert(context)
        if client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            client_ca.configure_trust(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        stub.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
