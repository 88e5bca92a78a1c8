"""The guided path, and the made-up people to try it on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.engine.profile import Profile
from agent.files.keys import Role, create_signing_key, load_signing_key
from agent.files.profile import write_profile
from enroll.cli import main
from enroll.commands.guide import STEPS, guide_lines
from tests.agent.conftest import make_profile
from tests.enroll.report.samples import stream_result, write_json

__all__ = ["make_profile"]


def steps(folder: Path) -> list[str]:
    return [line[:4].strip() for line in guide_lines(folder) if line[6:7].isdigit()]


def test_an_empty_folder_begins_at_the_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guide", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[0] == "next  1. A signing key, kept off the endpoints"
    assert all(step.command in told for step in STEPS)


def test_what_is_there_is_named_and_the_first_missing_one_is_next(
    tmp_path: Path, make_profile: Callable[..., Profile]
) -> None:
    assert main(["key", str(tmp_path / "admin.pem")]) == 0
    assert (
        main(["example", str(tmp_path / "pilot"), "--people", "3", "--sessions", "1", "--actions", "5"]) == 0
    )
    assert steps(tmp_path) == ["done", "done", "next", "", "", "", ""]
    for name in ("ada", "blaise", "carl"):
        (tmp_path / f"{name}.profile").touch()
        assert steps(tmp_path)[2] == "next", "an empty file is no profile"
        key = load_signing_key(tmp_path / "admin.pem")
        write_profile(tmp_path / f"{name}.profile", make_profile(user=name), key, Role.ADMINISTRATOR)
    write_json(tmp_path / "stream.json", stream_result())
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "list.json").write_text("[]")
    assert steps(tmp_path) == ["done", "done", "done", "done", "next", "", ""]
    (tmp_path / "report.html").touch()
    assert steps(tmp_path)[4] == "next", "an empty page is no report"
    assert main(["report", str(tmp_path / "stream.json"), "--out", str(tmp_path / "report.html")]) == 0
    (tmp_path / "policy.json").write_text('{"judgement": {"mode": "enforced"}}')
    assert steps(tmp_path)[5] == "next", "a policy that no agent takes is none"
    (tmp_path / "policy.json").write_text('{"judgement": {"mode": "shadow"}}')
    assert steps(tmp_path) == [*["done"] * 6, "next"]
    (tmp_path / "steadyhand.policy").touch()
    assert steps(tmp_path) == [*["done"] * 6, "next"]
    policy = ["policy", tmp_path / "policy.json", "--key", tmp_path / "admin.pem"]
    (tmp_path / "steadyhand.policy").unlink()
    assert main([str(word) for word in (*policy, "--out", tmp_path / "steadyhand.policy")]) == 0
    assert steps(tmp_path) == ["done"] * 7


def test_two_of_three_profiles_are_not_a_profile_for_each(
    tmp_path: Path, make_profile: Callable[..., Profile], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["key", str(tmp_path / "admin.pem")]) == 0
    assert (
        main(["example", str(tmp_path / "pilot"), "--people", "3", "--sessions", "1", "--actions", "5"]) == 0
    )
    key, stranger = load_signing_key(tmp_path / "admin.pem"), create_signing_key(tmp_path / "other")
    for name in ("ada", "carl"):
        write_profile(tmp_path / f"{name}.profile", make_profile(user=name), key, Role.ADMINISTRATOR)
    write_profile(tmp_path / "blaise.profile", make_profile(user="blaise"), stranger, Role.ADMINISTRATOR)
    capsys.readouterr()
    assert main(["guide", str(tmp_path)]) == 0
    line = capsys.readouterr().out.splitlines()[2]
    assert line.startswith("next  3.")
    assert "2 people; missing: blaise; not valid: blaise.profile" in line


def test_the_example_can_be_trained_on_and_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pilot"
    assert main(["example", str(folder), "--people", "3", "--sessions", "2", "--actions", "5"]) == 0
    tables = sorted(str(path.relative_to(folder)) for path in folder.rglob("session_*"))
    assert tables == [
        f"training_files/{who}/session_{n}" for who in ("ada", "blaise", "carl") for n in (1, 2)
    ]
    out = tmp_path / "features.csv"
    assert main(["features", str(folder), "--out", str(out)]) == 0
    assert len(out.read_text().splitlines()) > 6 * 5
    assert main(["example", str(folder)]) == 2
    assert "is there already" in capsys.readouterr().err
