"""Transport: Splunk's HTTP Event Collector, with indexer acknowledgement where the token asks for it.

A 200 says only that the events look valid. Where acknowledgement is enabled for the token the answer has an
``ackId``, and only ``true`` for it says that they were indexed: until then the same batch is asked about and
not sent again. Splunk Cloud does not offer it; there a 200 has to do.

References
----------
Splunk Enterprise, "About HTTP Event Collector Indexer Acknowledgment", and HEC's list of error codes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from agent.alerts.api import REFUSED, DeliveryOutcome, Record, Sent
from agent.alerts.transports.batches import in_halves
from agent.alerts.transports.http_client import Address, Answer, Client
from agent.alerts.transports.http_settings import HttpSettings
from agent.alerts.transports.kind import TransportContext, TransportKind
from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.files.options import ADDRESS, setting
from agent.files.secret import SecretFile

EVENTS: Final = "/services/collector/event"
ACKS: Final = "/services/collector/ack"
POLLS_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
GIVE_UP_ASKING_S: Final = 300.0
# Codes in answers with status 400 that speak of the token's settings and not of the events: wrong index,
# channel missing or bad, acknowledgement off.
_SETTINGS_CODES: Final = frozenset({7, 10, 11, 14, 16})


@dataclass(frozen=True, slots=True)
class Waits:
    """Time, for tests in hand.

    Attributes
    ----------
    clock : callable
        Monotonic ns.
    sleep : callable
        Told seconds.
    """

    clock: Callable[[], int]
    sleep: Callable[[float], object]


@dataclass(frozen=True, slots=True)
class _Unconfirmed:
    """A batch that Splunk has and has not indexed yet."""

    ids: tuple[str, ...]
    ack_id: int
    sent_ns: int


@dataclass(frozen=True, slots=True)
class SplunkSettings(HttpSettings):
    """Which collector, token and index."""

    splunk_url: str = setting(
        "", "Splunk HTTP Event Collector, such as https://splunk.example:8088", **ADDRESS
    )
    splunk_token_file: str = setting("", "file with mode 0600 that holds its token")
    splunk_index: str = setting("", "index to write to; empty for the token's own")


class SplunkHec:
    """A batch a request.

    Parameters
    ----------
    address : Address
    token : SecretFile
    index : str
        Empty for the token's own.
    to_event : callable
        A record as an OCSF event.
    waits : Waits
    """

    name = "splunk"

    def __init__(
        self,
        address: Address,
        token: SecretFile,
        index: str,
        to_event: Callable[[Record], dict[str, Any]],
        waits: Waits,
    ) -> None:
        self._address = address
        self._token = token
        self._index = index
        self._to_event = to_event
        self._waits = waits
        self._unconfirmed: _Unconfirmed | None = None

    def send(self, records: Sequence[Record]) -> Sent:
        """Bring the batch, and wait for its acknowledgement if there is to be one."""
        try:
            token = self._token.line()
        except SteadyhandError as error:
            return Sent(0, DeliveryOutcome.AUTH_FAILED, str(error))
        with Client(self._address) as client:
            if not records:
                return client.probe()
            # The channel tells senders apart; the outbox's id is a UUID that outlives a restart.
            headers = {"Authorization": f"Splunk {token}", "X-Splunk-Request-Channel": records[0].stream}
            asked = self._earlier(records)
            if asked:
                return self._confirmed(client, headers, asked)
            return in_halves(records, partial(self._bring, client, headers))

    def _earlier(self, records: Sequence[Record]) -> _Unconfirmed | None:
        """The batch that begins with these records and still waits; forgotten when that is hopeless."""
        asked = self._unconfirmed
        if asked is None:
            return None
        too_old = self._waits.clock() - asked.sent_ns > GIVE_UP_ASKING_S * 1e9
        if too_old or _ids(records)[: len(asked.ids)] != asked.ids:
            self._unconfirmed = None
        return self._unconfirmed

    def _bring(self, client: Client, headers: dict[str, str], records: Sequence[Record]) -> Sent:
        body = b"\n".join(map(self._envelope, records))
        answer = client.post(EVENTS, {**headers, "Content-Type": "application/json"}, body)
        if answer.outcome is not DeliveryOutcome.OK:
            return _failed(answer)
        ack_id = answer.json_object().get("ackId")
        if not isinstance(ack_id, int):
            return Sent(len(records), DeliveryOutcome.OK)
        self._unconfirmed = _Unconfirmed(_ids(records), ack_id, self._waits.clock())
        return self._confirmed(client, headers, self._unconfirmed)

    def _confirmed(self, client: Client, headers: dict[str, str], asked: _Unconfirmed) -> Sent:
        """Ask whether the batch was indexed, a few times."""
        body = json.dumps({"acks": [asked.ack_id]}).encode()
        for pause_s in POLLS_S:
            answer = client.post(ACKS, {**headers, "Content-Type": "application/json"}, body)
            if answer.outcome is not DeliveryOutcome.OK:
                # A question that is refused says nothing about the alerts: they must not be given up.
                sent = _failed(answer)
                return replace(sent, outcome=DeliveryOutcome.AUTH_FAILED) if sent.outcome in REFUSED else sent
            acks = answer.json_object().get("acks")
            if isinstance(acks, dict) and acks.get(str(asked.ack_id)) is True:
                self._unconfirmed = None
                return Sent(len(asked.ids), DeliveryOutcome.OK)
            self._waits.sleep(pause_s)
        return Sent(
            0, DeliveryOutcome.RETRY, f"Splunk has {quantity(len(asked.ids), 'alert')}, not indexed yet"
        )

    def _envelope(self, record: Record) -> bytes:
        envelope: dict[str, Any] = {
            "time": f"{record.alert.time_unix_ns / 1e9:.3f}",
            "host": record.alert.host,
            "source": "steadyhand",
            "sourcetype": "steadyhand:ocsf",
            "event": self._to_event(record),
        }
        if self._index:
            envelope["index"] = self._index
        return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def _ids(records: Sequence[Record]) -> tuple[str, ...]:
    return tuple(record.alert.record_id for record in records)


def _failed(answer: Answer) -> Sent:
    outcome = answer.outcome
    if outcome is DeliveryOutcome.PERMANENT and answer.json_object().get("code") in _SETTINGS_CODES:
        outcome = DeliveryOutcome.AUTH_FAILED
    return Sent(0, outcome, answer.detail, answer.retry_after_s)


def build(settings: SplunkSettings, context: TransportContext) -> SplunkHec:
    """The collector that the settings name."""
    token = SecretFile("splunk_token_file", settings.splunk_token_file)
    waits = Waits(time.monotonic_ns, time.sleep)
    return SplunkHec(
        settings.address("splunk_url", context), token, settings.splunk_index, context.to_event, waits
    )


KIND: Final = TransportKind(SplunkSettings, build, switch="splunk_url")
