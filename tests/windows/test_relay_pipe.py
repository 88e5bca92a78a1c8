"""The relay's real pipe: who made it, who speaks, and what of that the first comer may not decide."""

from __future__ import annotations

import os
import sys
import uuid

import pytest

from agent.alerts.api import DeliveryOutcome
from agent.alerts.transports.relay_pipe import RelayPipeLink
from agent.engine.errors import SteadyhandError
from agent.files.named_pipes import PipeEnd, PipeMessage
from agent.files.pipe_endpoints import create_pipe, open_pipe, pipe_name
from agent.files.pipe_identity import client_process, client_sid, server_sid
from agent.files.process_access import let_see
from agent.files.relay_presence import SERVICE
from agent.files.windows_acl import AUTHENTICATED, pipe_sddl, service_sid
from agent.files.windows_descriptors import handle_list
from agent.files.windows_library import windows_library
from agent.files.windows_security import own_sid
from agent.host.windows.account import account_name
from agent.host.windows.account_lookup import account_of_sid, process_program
from agent.relay.pipe_system import RealPipeSystem
from agent.relay.pipe_transport import PipeTransport
from tests.agent.alerts.fakes import make_record

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="runs on a Windows Python: make windows-test")

OWNER = service_sid(SERVICE)
EVE = "S-1-5-21-7-8-9-1002"


@pytest.fixture
def name() -> str:
    return pipe_name(f"steadyhand-test-{uuid.uuid4().hex}")


def test_windows_says_who_is_at_either_end(name: str) -> None:
    server = create_pipe(name, pipe_sddl(OWNER, AUTHENTICATED), is_first=True)
    server.begin_connect()
    client = open_pipe(name, 5.0)
    assert server_sid(client.handle) == server_sid(server.handle) == OWNER
    assert server.is_ready(5.0)
    server.end()
    client.write(b"x")
    assert server.read(5.0) == PipeMessage(b"x", True)
    assert client_sid(server.handle) == own_sid()
    assert client_process(server.handle) == os.getpid()
    server.write(b"last words")
    server.close()
    assert client.read(5.0).content == b"last words", "what was sent stays readable"
    with pytest.raises(BrokenPipeError):
        client.read(5.0)
    client.close()


def fill(end: PipeEnd) -> None:
    """Write more than a pipe holds, without waiting."""
    for _ in range(100):
        end.write(b"y" * 1000, 0.0)


def test_a_message_that_is_too_long_is_cut_and_a_reader_is_not_waited_for(name: str) -> None:
    server = create_pipe(name, pipe_sddl(OWNER, AUTHENTICATED), is_first=True)
    server.begin_connect()
    client = open_pipe(name, 5.0)
    server.begin_read()
    client.write(b"x" * 16_385)
    assert server.is_ready(5.0)
    assert server.end() == PipeMessage(b"x" * 16_384, False)
    with pytest.raises(TimeoutError):
        client.read(0.1)
    with pytest.raises(TimeoutError):
        fill(server)
    client.close()
    server.close()
    server.close()


def test_a_pipe_that_somebody_made_before_is_refused_by_both_ends(name: str) -> None:
    squatter = create_pipe(name, pipe_sddl(EVE, AUTHENTICATED), is_first=True)
    squatter.begin_connect()
    sent = RelayPipeLink(name).send([make_record()])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert EVE in sent.detail
    with pytest.raises((SteadyhandError, OSError)):
        PipeTransport(RealPipeSystem(name, pipe_sddl(OWNER, AUTHENTICATED)), OWNER)
    squatter.close()


def test_a_process_lets_the_relay_see_its_end_and_keeps_what_others_may() -> None:
    own = windows_library("kernel32").GetCurrentProcess()
    before = handle_list(own)
    let_see(OWNER)
    let_see(OWNER)
    entries = handle_list(own)
    assert entries.count(OWNER) == 1
    assert all(entry in entries for entry in before.removeprefix("D:").strip("()").split(")("))


def test_without_a_relay_alerts_wait(name: str) -> None:
    sent = RelayPipeLink(name).send([make_record()])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)


def test_names_and_programs_of_accounts_and_processes() -> None:
    assert account_of_sid(own_sid()) == account_name()
    assert account_of_sid("S-1-5-21-7-8-9-4711") == "S-1-5-21-7-8-9-4711"
    assert account_of_sid("no SID") == "no SID"
    assert process_program(os.getpid()).lower().endswith("python.exe")
    assert process_program(0xFFFFFFF0) == ""
