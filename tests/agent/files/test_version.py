"""The version has one home, and what is made asks for the oldest program that can read it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from agent.cli import main as steadyhand
from agent.files import version
from agent.files.version import LATER, agent_version, oldest_reader, running_version, version_numbers
from enroll.cli import main as steadyhand_enroll

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_command_says_the_version_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    for main, name in ((steadyhand, "steadyhand"), (steadyhand_enroll, "steadyhand-enroll")):
        with pytest.raises(SystemExit) as end:
            main(["--version"])
        assert end.value.code == 0
        assert capsys.readouterr().out == f"{name} {PROJECT['version']}\n"


def test_without_the_file_the_installed_package_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version, "_PYPROJECT", tmp_path / "pyproject.toml")
    agent_version.cache_clear()
    try:
        assert version_numbers(agent_version()) < (1000,)
    finally:
        agent_version.cache_clear()


@pytest.mark.parametrize(
    ("content", "commit"),
    [
        (b"0123456789abcdef0123456789abcdef01234567\n", "0123456789abcdef0123456789abcdef01234567"),
        (
            b"0123456789abcdef0123456789abcdef01234567-dirty\n",
            "0123456789abcdef0123456789abcdef01234567-dirty",
        ),
        (b"main\n", ""),
        (b"\xff", ""),
    ],
)
def test_a_packed_program_knows_its_commit(tmp_path: Path, content: bytes, commit: str) -> None:
    noted = tmp_path / "steadyhand-commit.txt"
    assert running_version(noted).commit == ""
    noted.write_bytes(content)
    running = running_version(noted)
    assert (running.number, running.commit) == (PROJECT["version"], commit)


def test_what_is_made_asks_for_the_oldest_reader() -> None:
    later = {"new_feature_px": "0.3.0", "new_detector": "0.10.0"}
    assert oldest_reader(["speed_mean_px_s", "gmm"], later) == "0.1.0"
    assert oldest_reader(["speed_mean_px_s", "new_feature_px"], later) == "0.3.0"
    assert oldest_reader(["new_feature_px", "new_detector"], later) == "0.10.0"
    assert oldest_reader([], later) == "0.1.0"


def test_nothing_needs_a_version_that_is_not_out() -> None:
    assert all(version_numbers(since) <= version_numbers(PROJECT["version"]) for since in LATER.values())
