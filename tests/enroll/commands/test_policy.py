"""Signing a policy: what no computer would take is not signed, and versions count up by themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.config.signed_policy import open_policy
from agent.files.keys import Trust, load_signing_key
from enroll.cli import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tmp_path.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    assert main(["key", "admin.pem"]) == 0
    (tmp_path / "policy.json").write_text(json.dumps({"judgement": {"mode": "enforce"}}))
    return tmp_path


def sign(*more: str) -> int:
    return main(["policy", "policy.json", "--key", "admin.pem", "--out", "steadyhand.policy", *more])


def test_versions_count_up(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "steadyhand.policy"
    assert sign("--dry-run") == 0
    assert not out.exists()
    trust = Trust.of(administrator=load_signing_key(folder / "admin.pem").public)
    for version in (1, 2):
        assert sign() == 0
        told = open_policy(out.read_bytes(), "it", trust)
        assert (told.sequence, told.settings) == (version, {"judgement.mode": "enforce"})
    assert sign("--sequence", "9") == 0
    assert "version 9, 1 setting" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"judgement": {"mode": "fierce"}}', "judgement.mode is 'fierce'"),
        ('{"judgement": {"modus": 1}}', "there is no setting judgement.modus"),
        ("{", "is not a policy in JSON"),
    ],
)
def test_what_no_computer_would_take_is_not_signed(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (folder / "policy.json").write_text(text)
    assert sign() == 2
    assert said in capsys.readouterr().err
    assert not (folder / "steadyhand.policy").exists()


def test_something_else_at_out_is_not_overwritten_unasked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "steadyhand.policy").write_text("notes")
    assert sign() == 2
    assert "--sequence" in capsys.readouterr().err
