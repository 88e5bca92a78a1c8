"""Commands over the real pipe: asked and answered, refused where it is not the agent's, gone with it."""

from __future__ import annotations

import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.files.command_address import command_address
from agent.files.pipe_endpoints import create_pipe, open_pipe, pipe_name
from agent.files.windows_acl import AUTHENTICATED, pipe_sddl
from agent.runtime.response.command_client import send_request
from agent.runtime.response.command_protocol import Reply, Request, decode_reply
from agent.runtime.response.command_server import CommandServer
from agent.runtime.status.snapshot import Command

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="runs on a Windows Python: make windows-test")


class Handler:
    """Does what is asked, and says which."""

    def request_and_wait(self, command: Command) -> Reply:
        return Reply(command is not Command.DRILL, f"asked for {command.value}")


@pytest.fixture
def address() -> Path:
    return Path(pipe_name(f"steadyhand-test-{uuid.uuid4().hex}"))


@pytest.fixture
def server(address: Path) -> Iterator[CommandServer]:
    made = CommandServer(address, Handler())
    assert made.start() == ""
    yield made
    made.stop()


@pytest.mark.parametrize("request_", list(Request))
def test_a_command_is_done_and_answered(server: CommandServer, address: Path, request_: Request) -> None:
    reply = send_request(address, request_, timeout_s=10.0)
    assert reply.done is (request_ is not Request.DRILL)
    assert reply.message.startswith("asked for ")


def test_many_commands_after_one_another_and_at_once(server: CommandServer, address: Path) -> None:
    for _ in range(20):
        assert send_request(address, Request.PAUSE, timeout_s=10.0).done
    replies: list[Reply] = []
    threads = [
        threading.Thread(target=lambda: replies.append(send_request(address, Request.RESUME, timeout_s=10.0)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20.0)
    assert [reply.done for reply in replies] == [True] * 3


@pytest.mark.parametrize(
    "line", [b"{}\n", b"\xff" * 100 + b"\n", b"[" * 2000, b'{"form": 1, "command": "x"}\n']
)
def test_what_is_no_command_is_refused_and_the_agent_lives(
    server: CommandServer, address: Path, line: bytes
) -> None:
    end = open_pipe(str(address), 5.0)
    end.write(line)
    reply = decode_reply(end.read(5.0).content)
    end.close()
    assert not reply.done
    assert "not a command" in reply.message
    assert send_request(address, Request.PAUSE, timeout_s=10.0).done


def test_a_client_that_says_nothing_or_goes_at_once_holds_nobody_up(
    server: CommandServer, address: Path
) -> None:
    silent = open_pipe(str(address), 5.0)
    for _ in range(10):
        open_pipe(str(address), 5.0).close()
    assert send_request(address, Request.PAUSE, timeout_s=10.0).done
    silent.close()


def test_without_an_agent_that_is_said(address: Path) -> None:
    with pytest.raises(SteadyhandError, match="no agent runs here"):
        send_request(address, Request.PAUSE, timeout_s=1.0)
    server = CommandServer(address, Handler())
    server.start()
    server.stop()


def test_a_pipe_that_another_account_made_is_neither_asked_nor_taken_over(address: Path) -> None:
    end = create_pipe(str(address), pipe_sddl("S-1-5-21-7-8-9-1002", AUTHENTICATED), is_first=True)
    end.begin_connect()
    with pytest.raises(SteadyhandError, match="belongs to S-1-5-21-7-8-9-1002"):
        send_request(address, Request.PAUSE, timeout_s=1.0)
    refusal = CommandServer(address, Handler()).start()
    assert "are not taken" in refusal
    end.close()


def test_each_agents_files_have_a_pipe_of_their_own_and_case_is_no_difference() -> None:
    here, there = command_address(Path("C:/Users/ada/x")), command_address(Path("C:/Users/eve/x"))
    assert here != there
    assert command_address(Path("c:/users/ADA/x")) == here
    assert str(here).startswith("\\\\.\\pipe\\steadyhand-command-")
