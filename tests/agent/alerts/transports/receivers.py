"""A receiver for each registered transport, that the contract of transports is tried on."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from agent.alerts.transports import eventlog, journald
from tests.agent.alerts.signals.workbench import Workbench
from tests.agent.alerts.transports.http_stub import Handler, hang, serving
from tests.agent.alerts.transports.listening import stop_accepting
from tests.agent.alerts.transports.test_syslog_tls_transport import Server, polite, release, silent


@dataclass
class TestReceiver:
    """A receiver that takes alerts, hangs, or takes its time.

    Attributes
    ----------
    settings : dict
        Keys of ``[alerts]`` that lead there.
    arrived : callable
        The ids of the records that it has, in the order in which they came.
    hang : callable
        From now on it answers nobody.
    carries_all : bool
        False where the transport carries some kinds of alerts only, losses not among them.
    encoder : str
        What puts a record into words beside `to_ocsf`, as a name to patch; empty for nothing.
    """

    settings: dict[str, Any]
    arrived: Callable[[], list[str]]
    hang: Callable[[], None]
    carries_all: bool = True
    encoder: str = ""

    __test__ = False


def _over_http(
    tmp_path: Path, key: str, secret_key: str, secret: str, ids_of: Callable[[bytes], list[str]]
) -> Callable[[], Any]:
    @contextmanager
    def begin() -> Iterator[TestReceiver]:
        hanging = threading.Event()
        script: list[Any] = []

        def step(handler: Handler) -> None:
            script.append(step)
            if hanging.is_set():
                hang(handler)
            else:
                handler.answer(200, {}, b"{}")

        script.append(step)
        path = tmp_path / secret_key
        path.touch(0o600)
        path.write_text(secret)
        with serving() as stub:
            stub.script = script

            def arrived() -> list[str]:
                return [uid for request in stub.requests for uid in ids_of(request.body)]

            yield TestReceiver({key: stub.url(), secret_key: str(path)}, arrived, hanging.set)

    return begin


@contextmanager
def _syslog(tmp_path: Path) -> Iterator[TestReceiver]:
    release.clear()
    server = Server(tmp_path, trustme.CA(), polite)
    server.authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        context = server.context("localhost", client_certificate=False)
        threading.Thread(target=server.serve, args=(listener, context), daemon=True).start()
        settings = {
            "syslog_host": "localhost",
            "syslog_port": listener.getsockname()[1],
            "syslog_ca_file": str(tmp_path / "ca.pem"),
        }

        def arrived() -> list[str]:
            return [uid for frames in server.got for uid in _syslog_ids(frames)]

        yield TestReceiver(settings, arrived, lambda: setattr(server, "behave", silent))
        release.set()
        stop_accepting(listener)


def _syslog_ids(frames: bytes) -> list[str]:
    ids = []
    while frames:
        size, _, rest = frames.partition(b" ")
        message, frames = rest[: int(size)], rest[int(size) :]
        ids.append(message.partition(b'eventId="')[2].partition(b'"')[0].decode())
    return ids


@contextmanager
def _journald(tmp_path: Path, patch: Callable[..., None]) -> Iterator[TestReceiver]:
    """The journal's socket: a full one that nobody reads is what a journal that hangs looks like."""
    place = str(tmp_path / "journal")
    patch(journald, "SOCKET", place)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(place)
        bound.setblocking(False)
        ids: list[str] = []
        hanging = threading.Event()

        def drain() -> list[str]:
            while not hanging.is_set():
                try:
                    entry = bound.recv(1 << 20)
                except BlockingIOError:
                    break
                ids.append(entry.partition(b"STEADYHAND_EVENT_ID=")[2].partition(b"\n")[0].decode())
            return list(ids)

        def fill() -> None:
            drain()
            hanging.set()
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
                way.setblocking(False)
                way.connect(place)
                try:
                    while True:
                        way.send(b"x" * 1000)
                except BlockingIOError:
                    return

        stop = threading.Event()
        reader = threading.Thread(
            target=lambda: [drain() for _ in iter(lambda: stop.wait(0.002), True)], daemon=True
        )
        reader.start()
        yield TestReceiver({"journald": True}, lambda: list(ids), fill)
        stop.set()
        reader.join(5)


@contextmanager
def _eventlog(patch: Callable[..., None]) -> Iterator[TestReceiver]:
    """Windows' table of functions; a service of the log that hangs keeps whoever writes."""
    ids: list[str] = []
    hanging, released = threading.Event(), threading.Event()

    class Log:
        def write(self, entries: Sequence[tuple[int, int, str]]) -> int:
            if hanging.is_set():
                released.wait()
                return 0
            ids.extend(json.loads(text)["metadata"]["uid"] for _, _, text in entries)
            return len(entries)

    patch(eventlog, "has_event_log", lambda: True)
    patch(eventlog, "RealEventLog", Log)
    yield TestReceiver({"eventlog": True}, lambda: list(ids), hanging.set)
    released.set()


@contextmanager
def _ssf(tmp_path: Path) -> Iterator[TestReceiver]:
    bench = Workbench(tmp_path)
    receiver = bench.receiver
    with receiver.listening() as stub:
        yield TestReceiver(
            bench.settings(stub.url()),
            lambda: list(receiver.deliveries),
            lambda: setattr(receiver, "always", hang),
            carries_all=False,
            encoder="agent.alerts.signals.transmitter.event_of",
        )


def receiver_of(name: str, tmp_path: Path, patch: Callable[..., None], stack: ExitStack) -> TestReceiver:
    """A receiver for the registered transport `name`. A new transport gets a line here."""
    begin: dict[str, Callable[[], Any]] = {
        "syslog": lambda: _syslog(tmp_path),
        "journald": lambda: _journald(tmp_path, patch),
        "eventlog": lambda: _eventlog(patch),
        "splunk": _over_http(tmp_path, "splunk_url", "splunk_token_file", "token", _splunk_ids),
        "webhook": _over_http(
            tmp_path, "webhook_url", "webhook_secret_file", "whsec_" + "QUJD" * 8, _webhook_ids
        ),
        "ssf": lambda: _ssf(tmp_path),
        "otlp": _over_http(tmp_path, "otlp_url", "otlp_headers_file", "X-Test: 1", _otlp_ids),
    }
    receiver: TestReceiver = stack.enter_context(begin[name]())
    return receiver


def _splunk_ids(body: bytes) -> list[str]:
    return [json.loads(line)["event"]["metadata"]["uid"] for line in body.splitlines()]


def _webhook_ids(body: bytes) -> list[str]:
    return [json.loads(body)["data"]["metadata"]["uid"]]


def _otlp_ids(body: bytes) -> list[str]:
    (log,) = json.loads(body)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    return [pair["value"]["stringValue"] for pair in log["attributes"] if pair["key"] == "event.id"]
