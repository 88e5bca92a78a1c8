"""Commands over the private socket: strictly decoded, from this user alone, and nothing without a proof."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.schema import EnrolmentSettings, ResponseSettings, Settings
from agent.engine.errors import SteadyhandError
from agent.host.ring import Ring
from agent.runtime.pipeline.orders import OrderQueue
from agent.runtime.response.command_client import send_request
from agent.runtime.response.command_protocol import (
    COMMANDS,
    Reply,
    Request,
    decode_reply,
    decode_request,
    encode_reply,
    encode_request,
)
from agent.runtime.response.command_server import MOST_CONNECTIONS, CommandServer
from agent.runtime.response.owner_requests import OwnerRequests
from agent.runtime.response.reauthentication_gate import ReauthenticationGate
from agent.runtime.status.snapshot import Command

pytestmark = pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="needs SO_PEERCRED")

UID = os.getuid() if hasattr(os, "getuid") else 0


@pytest.mark.parametrize("request_", list(Request))
def test_every_request_is_read_as_it_was_written_and_stands_for_a_command(request_: Request) -> None:
    assert decode_request(encode_request(request_)) is request_
    assert isinstance(COMMANDS[request_], Command)


@given(st.booleans(), st.text(max_size=60, alphabet=st.characters(exclude_categories=["Cs"])))
def test_every_reply_is_read_as_it_was_written(done: bool, message: str) -> None:
    assert decode_reply(encode_reply(Reply(done, message))) == Reply(done, message)


@given(st.binary(max_size=2000))
def test_whatever_else_comes_is_a_value_error(line: bytes) -> None:
    for decode in (decode_request, decode_reply):
        with pytest.raises(ValueError, match=r".+"):
            decode(line)


@pytest.mark.parametrize(
    "line",
    [
        b'{"form": 1, "command": "quit"}',
        b'{"form": 1, "command": "was-me", "user": "boss"}',
        b'{"form": 2, "command": "was-me"}',
        b'{"form": true, "command": "was-me"}',
        b'{"form": 1, "command": "was-me", "command": "pause"}',
        b'{"form": 1}',
        b"[1]",
    ],
)
def test_a_request_with_anything_more_or_less_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_request(line)


class Agent:
    """Owner, desktop and settings; notes what was executed."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.proves, self.can_ask = True, True
        self.answer = threading.Event()
        self.answer.set()
        self.asked = threading.Event()
        self.questions = 0
        self.executed: list[Command] = []
        self.orders = OrderQueue(Ring())
        gate = ReauthenticationGate(self, self, self)
        self.requests = OwnerRequests(gate, self.orders, self)

    def available(self) -> bool:
        return self.can_ask

    def confirm(self, why: str) -> bool:
        self.questions += 1
        self.asked.set()
        assert self.answer.wait(10)
        return self.proves

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        return True

    def question_asked(self, command: Command) -> None:
        """The countdown would be held."""

    def execute(self, command: Command) -> None:
        self.executed.append(command)

    def refused(self, command: Command) -> None:
        """The countdown would be over."""


@pytest.fixture
def agent() -> Agent:
    return Agent()


@pytest.fixture
def folder() -> Iterator[Path]:
    # Short: a socket's name has 107 letters at most.
    made = Path(tempfile.mkdtemp(prefix="sh-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def path(agent: Agent, folder: Path) -> Iterator[Path]:
    server = CommandServer(folder / "run" / "command.sock", agent.requests, UID)
    assert server.start() == ""
    yield folder / "run" / "command.sock"
    server.stop()


def test_the_socket_is_the_users_alone(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("request_", [Request.WAS_ME, Request.PAUSE, Request.ENROL])
def test_a_command_is_executed_after_the_proof_and_only_then(
    agent: Agent, path: Path, request_: Request
) -> None:
    assert send_request(path, request_) == Reply(True, "done")
    assert agent.executed == [COMMANDS[request_]]
    agent.proves = False
    refused = send_request(path, request_)
    assert not refused.done
    assert "did not prove" in refused.message
    assert agent.questions == 2
    assert agent.executed == [COMMANDS[request_]]


def test_to_go_on_watching_nobody_is_asked(agent: Agent, path: Path) -> None:
    assert send_request(path, Request.RESUME).done
    assert agent.questions == 0
    order = agent.orders.next_order()
    assert order is not None
    assert order.command is Command.RESUME


def test_what_policy_forbids_is_not_even_asked_for(agent: Agent, path: Path) -> None:
    agent.settings = Settings(
        response=ResponseSettings(pause_allowed=False), enrolment=EnrolmentSettings(local=False)
    )
    for request in (Request.PAUSE, Request.ENROL):
        reply = send_request(path, request)
        assert (reply.done, reply.message) == (False, "policy does not allow it")
    agent.requests.request(Command.PAUSE)
    agent.requests.request(Command.RESUME)
    while agent.orders.next_order() is None:
        time.sleep(0.005)
    assert agent.questions == 0, "nor from the tray"


def test_where_nobody_can_be_asked_nothing_is_done(agent: Agent, path: Path) -> None:
    agent.can_ask = False
    assert not send_request(path, Request.WAS_ME).done
    assert agent.executed == []


def test_one_question_at_a_time(agent: Agent, path: Path) -> None:
    agent.answer.clear()
    replies: list[Reply] = []
    first = threading.Thread(target=lambda: replies.append(send_request(path, Request.PAUSE)))
    first.start()
    assert agent.asked.wait(5)
    second = send_request(path, Request.PAUSE)
    assert (second.done, "another question is open" in second.message) == (False, True)
    agent.answer.set()
    first.join(5)
    assert (replies, agent.questions) == ([Reply(True, "done")], 1)


def test_the_tray_and_the_button_ask_one_question_as_well(agent: Agent, path: Path) -> None:
    agent.answer.clear()
    for _ in range(3):
        agent.requests.request(Command.IT_WAS_ME)
    assert agent.asked.wait(5)
    assert "another question is open" in send_request(path, Request.WAS_ME).message
    agent.answer.set()
    deadline_s = time.monotonic() + 5
    while not agent.executed and time.monotonic() < deadline_s:
        time.sleep(0.005)
    assert (agent.executed, agent.questions) == ([Command.IT_WAS_ME], 1)


def test_another_users_process_is_not_even_read(agent: Agent, folder: Path) -> None:
    server = CommandServer(folder / "other.sock", agent.requests, UID + 1)
    assert server.start() == ""
    with pytest.raises(SteadyhandError, match="does not answer"):
        send_request(folder / "other.sock", Request.RESUME, timeout_s=5.0)
    server.stop()
    assert agent.orders.next_order() is None


def talk(path: Path, sent: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        connection.sendall(sent)
        return connection.recv(4096)


@pytest.mark.parametrize("sent", [b"\xff\xfe\n", b"{" * 900 + b"\n", b'{"form": 1, "command": "quit"}\n'])
def test_garbage_is_answered_and_the_next_command_works(agent: Agent, path: Path, sent: bytes) -> None:
    reply = decode_reply(talk(path, sent))
    assert not reply.done
    assert reply.message.startswith("not a command")
    assert send_request(path, Request.RESUME).done


def test_connections_that_say_nothing_hold_nobody_up_for_long(agent: Agent, path: Path) -> None:
    silent = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(3 * MOST_CONNECTIONS)]
    for connection in silent:
        connection.connect(str(path))
    deadline_s = time.monotonic() + 8
    while True:
        try:
            reply = send_request(path, Request.RESUME, timeout_s=2.0)
            break
        except SteadyhandError:
            assert time.monotonic() < deadline_s
            time.sleep(0.1)
    assert reply.done
    for connection in silent:
        connection.close()


def test_without_an_agent_the_command_says_so(folder: Path) -> None:
    with pytest.raises(SteadyhandError, match="no agent runs here"):
        send_request(folder / "command.sock", Request.PAUSE)


def test_a_socket_left_by_a_killed_agent_is_replaced(agent: Agent, folder: Path) -> None:
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(str(folder / "command.sock"))
    left.close()
    with pytest.raises(SteadyhandError, match="no agent runs here"):
        send_request(folder / "command.sock", Request.RESUME)
    server = CommandServer(folder / "command.sock", agent.requests, UID)
    assert server.start() == ""
    assert send_request(folder / "command.sock", Request.RESUME).done
    server.stop()
    assert not (folder / "command.sock").exists()


def test_where_the_socket_cannot_be_the_agent_goes_on_and_says_so(agent: Agent, folder: Path) -> None:
    server = CommandServer(folder / ("x" * 120) / "command.sock", agent.requests, UID)
    assert "are not taken" in server.start()
    server.stop()
