"""Commands that speak with the running agent: what they ask first, and what they print and return."""

from __future__ import annotations

import builtins
import json
from pathlib import Path

import pytest

from agent.cli import main
from agent.commands.running_arguments import DRILL_CONSENT
from agent.files.drill_log import DrillOutcome, append_drill
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.runtime.response.command_protocol import Reply, Request


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    made = Paths.under(private_dir(tmp_path / "root"))
    private_dir(made.state_dir)
    monkeypatch.setattr("agent.files.paths.Paths.of_user", classmethod(lambda _cls: made))
    return made


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """What reached the agent, which does everything."""
    requests: list[Request] = []

    def send(_path: Path, request: Request) -> Reply:
        requests.append(request)
        return Reply(request is not Request.PAUSE, f"{request.value}: answered")

    monkeypatch.setattr("agent.runtime.response.command_client.send_request", send)
    return requests


@pytest.mark.parametrize("word", ["was-me", "pause", "resume", "enrol"])
def test_a_command_is_sent_and_its_answer_printed(
    paths: Paths, sent: list[Request], capsys: pytest.CaptureFixture[str], word: str
) -> None:
    assert main([word]) == (1 if word == "pause" else 0)
    assert [request.value for request in sent] == [word]
    assert capsys.readouterr().out == f"{word}: answered\n"


def test_without_an_agent_it_is_one_line_and_code_2(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pause"]) == 2
    assert capsys.readouterr().err == "steadyhand: no agent runs here: start it: steadyhand\n"


@pytest.mark.parametrize(
    ("typed", "begins"), [("y", True), ("Yes ", True), ("n", False), ("", False), ("maybe", False)]
)
def test_a_drill_begins_after_consent_alone(
    paths: Paths,
    sent: list[Request],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    begins: bool,
) -> None:
    monkeypatch.setattr(builtins, "input", lambda _question: typed)
    assert main(["drill"]) == (0 if begins else 1)
    assert (sent == [Request.DRILL]) is begins
    assert capsys.readouterr().out.startswith(DRILL_CONSENT)


def test_without_a_terminal_nobody_agrees(
    paths: Paths, sent: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_question: str) -> str:
        raise EOFError

    monkeypatch.setattr(builtins, "input", nobody)
    assert main(["drill"]) == 1
    assert sent == []


def test_drills_add_up_as_text_and_json(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    append_drill(paths.drills_file, DrillOutcome(1, 60.0, 40, 30.0, 25))
    assert main(["drill", "--results"]) == 0
    assert "found in 1 of 1 drill" in capsys.readouterr().out
    assert main(["drill", "--results", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["noticed"] == 1
