"""Every command in the documents: run, or known to the programs, or left out for a reason that is counted."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from agent.cli import parser as agent_parser
from enroll.cli import _parser as enroll_parser
from tests.docs.fences import (
    REPOSITORY,
    Block,
    blocks,
    documents,
    hidden_commands,
    inline_commands,
    links,
    mismatch,
    stray_commands,
)

PATIENCE_S = 240

# Blocks that no test runs, by document. Each says why; another one needs a line here.
NOT_RUN = {
    "README.md": 3,
    "administrator.md": 5,
    "contributing.md": 2,
    "tray.md": 1,
    "tutorial.md": 1,
    "overview.md": 1,
}


def with_commands() -> list[Path]:
    return [path for path in documents() if any(not block.not_run for block in blocks(path))]


def environment(home: Path) -> dict[str, str]:
    """A new account without a desktop."""
    dropped = ("XDG_", "DBUS_", "DISPLAY", "WAYLAND_", "STEADYHAND_", "XAUTHORITY")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    path = f"{Path(sys.executable).parent}:{kept.get('PATH', '')}"
    python_path = f"{REPOSITORY}:{kept['PYTHONPATH']}" if kept.get("PYTHONPATH") else str(REPOSITORY)
    return {
        **kept,
        "HOME": str(home),
        "PATH": path,
        "PYTHONPATH": python_path,
        "LC_ALL": "C.UTF-8",
        "REPOSITORY": str(REPOSITORY),
    }


def follow(block: Block, folder: Path, env: dict[str, str]) -> None:
    """Type every command of a block and compare what is printed."""
    for number, command in enumerate(block.commands, 1):
        ran = subprocess.run(
            ("bash", "-e", "-c", command.line),
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        code = block.code if number == len(block.commands) else 0
        assert ran.returncode == code, f"{block.where}: {command.line}\n{ran.stdout}{ran.stderr}"
        missing = mismatch(command.printed, ran.stdout)
        assert not missing, f"{block.where}: {command.line}\nexpected {missing!r} in:\n{ran.stdout}"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", with_commands(), ids=lambda path: path.name)
def test_followed_word_by_word(path: Path, tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "work"
    home.mkdir(mode=0o700)
    folder.mkdir(mode=0o700)
    for block in blocks(path):
        if not block.not_run:
            follow(block, folder, environment(home))


def test_what_is_not_run_is_counted() -> None:
    counted = Counter(path.name for path in documents() for block in blocks(path) if block.not_run)
    assert dict(counted) == NOT_RUN


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_no_command_stands_outside_a_fence(path: Path) -> None:
    assert stray_commands(path) == ()


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_fence_of_commands_is_run_or_says_why_not(path: Path) -> None:
    assert hidden_commands(path) == ()


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_commands_in_sentences_are_known_to_the_programs(path: Path) -> None:
    for line in inline_commands(path):
        assert is_known(line), f"{path.name}: {line}"


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    assert [link for link in links(path) if not (path.parent / link).exists()] == []


def is_known(line: str) -> bool:
    """Whether a program takes the command; names in capitals stand for files and folders."""
    told = shlex.split(line.split(" | ")[0].removesuffix(" …"))
    # Of alternatives, a|b|c, the first stands for all.
    program, *words = (word.split("|")[0] for word in told)
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
        return words[0] in targets
    if program == "python":
        program, words = {"agent": "steadyhand", "enroll": "steadyhand-enroll"}[words[1]], words[2:]
    parser = {"steadyhand": agent_parser, "steadyhand-enroll": enroll_parser}[program]()
    if len(words) == 1:
        # A command that is only named: what it needs stands elsewhere.
        words = [*words, "--help"]
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        try:
            parser.parse_args(words)
        except SystemExit as end:
            return end.code == 0
    return True


def test_the_checks_can_fail(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(
        "```console exit=1\n$ echo one; exit 1\none\n```\n    steadyhand runs\n`steadyhand fly --high`\n"
    )
    (block,) = blocks(document)
    follow(block, tmp_path, dict(os.environ))
    assert stray_commands(document) == ("    steadyhand runs",)
    assert inline_commands(document) == ("steadyhand fly --high",)
    assert not is_known("steadyhand fly --high")
    assert not is_known("make coffee")
    assert mismatch(("one", "...", "th... end"), "one\ntwo\nthe end") == ""
    assert mismatch(("two",), "one\ntwo") == "two"
    document.write_text(
        "```\nsteadyhand fly\n```\n```bash\ntrue\n```\n```text\nsudo make me a sandwich\n```\n"
    )
    assert hidden_commands(document) == ("steadyhand fly", "```bash", "sudo make me a sandwich")
    document.write_text("```console\n$ echo two\none\n```\n")
    with pytest.raises(AssertionError, match="expected 'one'"):
        follow(blocks(document)[0], tmp_path, dict(os.environ))
    document.write_text("```console not-run\n$ true\n```\n")
    with pytest.raises(ValueError, match=r"page\.md:1"):
        blocks(document)
