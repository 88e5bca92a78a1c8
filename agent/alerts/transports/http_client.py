"""Requests over HTTP/1.1 with the standard library: every answer, and every failure, as an outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from agent.alerts.api import DeliveryOutcome, Sent
from agent.alerts.transports.connecting import Route, start_tls
from agent.alerts.transports.deadline import Deadline
from agent.alerts.transports.http_status import outcome_of, retry_after_s
from agent.alerts.transports.tls_trouble import TlsContext, explain
from agent.engine.errors import SteadyhandError
from agent.files.decode import decode_json
from agent.files.web_address import WebAddress, parse_address, parse_proxy

if TYPE_CHECKING:
    import http.client

STEP_S: Final = 10.0
WHOLE_S: Final = 30.0
MOST_ANSWER_BYTES: Final = 65_536
_MOST_SHOWN: Final = 160


@dataclass(frozen=True, slots=True)
class Address:
    """Where a receiver is.

    Attributes
    ----------
    setting : str
        The setting that names it, for error texts.
    url : str
        With ``https://``, or ``http://`` for a receiver on this computer.
    tls : TlsContext
    step_s, whole_s : float
        Limit of each step (connect, handshake, one read) and of one request as a whole.
    proxy : str
        ``http://`` address of an HTTP proxy; empty for none. The environment's is never used.
    """

    setting: str
    url: str
    tls: TlsContext
    step_s: float = STEP_S
    whole_s: float = WHOLE_S
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request.

    Attributes
    ----------
    outcome : DeliveryOutcome
    detail : str
        One line for people; empty after OK.
    retry_after_s : float or None
    status : int
        0 where there was no answer.
    body : bytes
        At most `MOST_ANSWER_BYTES`; of a `get` at most what was asked for.
    tag : str
        Its ETag; empty without one.
    """

    outcome: DeliveryOutcome
    detail: str = ""
    retry_after_s: float | None = None
    status: int = 0
    body: bytes = b""
    tag: str = ""

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one where it is none."""
        try:
            decoded = decode_json(self.body, MOST_ANSWER_BYTES)
        except ValueError:
            return {}
        return decoded if isinstance(decoded, dict) else {}


@dataclass(frozen=True, slots=True)
class _Request:
    """What is sent, and how much of an answer is read."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None
    most_bytes: int = MOST_ANSWER_BYTES


class Client:
    """One connection to a receiver, opened by the first request. For one thread, for one batch."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._link: http.client.HTTPConnection | None = None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        if self._link is not None:
            self._link.close()

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send `body` to `path` below the address. Never raises for what the world does.

        Blocks for `whole_s` at most, whatever the receiver does.
        """
        return self._guarded(lambda: self._ask(_Request("POST", path, headers, body)))

    def put(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """As `post`, for a file that the receiver keeps under that name."""
        return self._guarded(lambda: self._ask(_Request("PUT", path, headers, body)))

    def get(self, path: str, headers: Mapping[str, str], most_bytes: int) -> Answer:
        """Fetch what is at `path`; as `post`. One that is longer than `most_bytes` is refused."""
        answer = self._guarded(lambda: self._ask(_Request("GET", path, headers, None, most_bytes + 1)))
        if len(answer.body) > most_bytes:
            detail = f"{self._where} sends more than {most_bytes} bytes for {path}"
            return Answer(DeliveryOutcome.TOO_LARGE, detail, status=answer.status)
        return answer

    def probe(self) -> Sent:
        """Connect and no more: what a transport says of an empty batch."""
        answer = self.check()
        return Sent(0, answer.outcome, answer.detail)

    def check(self) -> Answer:
        """Connect and no more."""

        def connect() -> Answer:
            with Deadline(self._address.whole_s) as deadline:
                self._link = self._link or self._connected(deadline)
            return Answer(DeliveryOutcome.OK)

        return self._guarded(connect)

    @property
    def _where(self) -> str:
        """The receiver, for people: never with what an address may hide."""
        try:
            return f"{self._address.setting} {self._parsed().shown}"
        except ValueError:
            return self._address.setting

    def _guarded(self, work: Callable[[], Answer]) -> Answer:
        import http.client  # two megabytes that an agent without HTTP destinations does without

        try:
            return work()
        except SteadyhandError as error:
            return Answer(DeliveryOutcome.AUTH_FAILED, str(error))
        except http.client.HTTPException as error:
            return Answer(
                DeliveryOutcome.RETRY, f"{self._where} gave no whole answer in HTTP ({_named(error)})"
            )
        except OSError as error:
            outcome, text = explain(error, self._where, self._parsed().host, self._address.tls.files.prefix)
            return Answer(outcome, text)
        except ValueError as error:  # a host name, port or header that cannot be one
            return Answer(DeliveryOutcome.AUTH_FAILED, f"{self._where} is not a valid address ({error})")

    def _ask(self, asked: _Request) -> Answer:
        with Deadline(self._address.whole_s) as deadline:
            reused, self._link = self._link, None  # kept again only if all goes well
            if reused is not None:
                try:
                    return self._exchange(reused, asked, deadline)
                except ConnectionError:
                    # The receiver may end a connection between two requests: that is no failure of this one.
                    deadline.check()
            return self._exchange(self._connected(deadline), asked, deadline)

    def _exchange(self, link: http.client.HTTPConnection, asked: _Request, deadline: Deadline) -> Answer:
        import http.client

        target = self._parsed()
        try:
            deadline.guard(link.sock)
            link.request(
                asked.method,
                f"{target.path}{asked.path}{target.query}" or "/",
                asked.body,
                dict(asked.headers),
            )
            reply = link.getresponse()
            content = reply.read(asked.most_bytes)
            deadline.check()
            if reply.length and len(content) < asked.most_bytes:
                raise http.client.IncompleteRead(content, reply.length)
        except (OSError, http.client.HTTPException):
            link.close()
            deadline.check()
            raise
        if reply.isclosed() and link.sock is not None:
            self._link = link
        else:
            link.close()
        return self._answer(reply, content)

    def _connected(self, deadline: Deadline) -> http.client.HTTPConnection:
        import http.client

        target, step_s = self._parsed(), self._address.step_s
        proxy = parse_proxy(self._address.proxy) if self._address.proxy else None
        context = None if target.scheme == "http" else self._address.tls.get()
        connection = Route(target, proxy, step_s).connect(deadline)
        if context is None:
            link = http.client.HTTPConnection(target.host, target.port, timeout=step_s)
            link.sock = connection
        else:
            link = http.client.HTTPSConnection(target.host, target.port, timeout=step_s, context=context)
            link.sock = start_tls(connection, context, target.host)
        link.auto_open = 0  # never a connection that no deadline guards
        return link

    def _parsed(self) -> WebAddress:
        return parse_address(self._address.url)

    def _answer(self, reply: http.client.HTTPResponse, content: bytes) -> Answer:
        outcome = outcome_of(reply.status)
        wish_s = retry_after_s(reply.headers.get("Retry-After"), time.time())
        detail = "" if outcome is DeliveryOutcome.OK else f"{self._where} answers {_shown(reply, content)}"
        return Answer(outcome, detail, wish_s, reply.status, content, reply.headers.get("ETag", ""))


def _named(error: http.client.HTTPException) -> str:
    return f"{type(error).__name__} {str(error)[:_MOST_SHOWN]}".strip()


def _shown(reply: http.client.HTTPResponse, content: bytes) -> str:
    """Status and the beginning of the answer on one line of printable letters."""
    text = " ".join(content[: 4 * _MOST_SHOWN].decode("utf-8", "replace").split())[:_MOST_SHOWN]
    moved = reply.headers.get("Location", "") if 300 <= reply.status < 400 else ""
    line = " ".join(filter(None, (str(reply.status), reply.reason, f"to {moved}" if moved else "", text)))
    return "".join(char if char.isprintable() else "?" for char in line)
