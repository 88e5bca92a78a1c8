"""The link to the relay's pipe: whose pipe it is decides whether anything is handed over."""

from __future__ import annotations

import json

import pytest

from agent.alerts.api import DeliveryOutcome
from agent.alerts.transports.relay_pipe import RelayPipeLink
from agent.files.named_pipes import PipeMessage
from agent.files.windows_acl import ADMINISTRATORS, SYSTEM
from tests.agent.alerts.fakes import make_record

NAME = "\\\\.\\pipe\\steadyhand-relay"
# Made of the name as `sc showsid SteadyhandRelay` makes it.
SERVICE = "S-1-5-80-1708553678-2073685433-1705980386-469466640-1956978833"
ADA = "S-1-5-21-7-8-9-1001"


class End:
    """A client's end of a pipe; the relay at the other takes everything, or answers nothing."""

    handle = 7

    def __init__(self, silent: bool = False) -> None:
        self.written: list[bytes] = []
        self.silent = silent
        self.closed = False
        self.shown = 0

    def write(self, content: bytes) -> None:
        self.written.append(content)

    def read(self, timeout_s: float) -> PipeMessage:
        if self.silent:
            raise TimeoutError(110, "no message came in time")
        record_id = json.loads(self.written[-1])["record_id"]
        return PipeMessage(json.dumps({"taken": record_id}).encode(), True)

    def close(self) -> None:
        self.closed = True


def link(end: End, owner: str) -> RelayPipeLink:
    def connect(name: str, timeout_s: float) -> End:
        assert (name, timeout_s) == (NAME, 5.0)
        return end

    def owner_of(handle: int) -> str:
        assert handle == end.handle
        return owner

    def show_self(sid: str) -> None:
        assert sid == SERVICE
        end.shown += 1
        raise OSError("Windows does not do it")

    return RelayPipeLink(NAME, connect, owner_of, show_self)  # type: ignore[arg-type]


@pytest.mark.parametrize("owner", [SERVICE, SYSTEM, ADMINISTRATORS])
def test_the_services_own_pipe_is_believed(owner: str) -> None:
    end = End()
    sent = link(end, owner).send([make_record(1), make_record(2)])
    assert (sent.accepted, sent.outcome) == (2, DeliveryOutcome.OK)
    assert len(end.written) == 2
    assert end.closed
    assert end.shown == 1
    relay = link(end, owner)
    for _ in range(3):
        assert relay.send([make_record()]).accepted == 1
    assert end.shown == 2, "once a process, whether it worked or not"


@pytest.mark.parametrize("owner", [ADA, "", "S-1-5-80-1-2-3-4-5"])
def test_a_pipe_that_anybody_else_made_gets_no_alert(owner: str) -> None:
    end = End()
    sent = link(end, owner).send([make_record()])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert "not to the service SteadyhandRelay" in sent.detail
    assert end.written == []
    assert end.shown == 0
    assert end.closed


def test_without_an_answer_the_alerts_wait() -> None:
    end = End(silent=True)
    sent = link(end, SERVICE).send([make_record()])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)
    assert "no message came in time" in sent.detail
    assert end.closed
