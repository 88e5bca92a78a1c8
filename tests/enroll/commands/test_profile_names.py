"""Names that agents ask for, keys with a passphrase, and an office as the manifest of a fleet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.files.profiles import profile_name
from agent.files.signing import create_signing_key
from enroll.cli import main
from enroll.example import write_table
from tests.enroll.people import events_of


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    for n in range(3):
        path = tmp_path / "tables/ada" / f"session_{n}"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_table(path, events_of(1, n, 120))
    return tmp_path / "tables/ada"


def test_in_a_folder_a_profile_gets_the_name_that_agents_ask_for(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("correct horse\n")
    passphrase.chmod(0o600)
    create_signing_key(tmp_path / "admin.pem", b"correct horse")
    (tmp_path / "profiles").mkdir()
    train = [
        "train",
        tables,
        "--user",
        "ada",
        "--key",
        tmp_path / "admin.pem",
        "--out",
        tmp_path / "profiles",
    ]
    train += ["--root", tmp_path / "home", "--json"]
    assert main([str(word) for word in train]) == 2
    assert "has a passphrase: give it with --passphrase-file" in capsys.readouterr().err
    assert list((tmp_path / "profiles").iterdir()) == []
    assert main([str(word) for word in (*train, "--passphrase-file", passphrase)]) == 0
    report = json.loads(capsys.readouterr().out)
    (written,) = (tmp_path / "profiles").iterdir()
    assert written.name == report["agents_ask_for"]
    assert written.name.startswith(profile_name("ada", ""))


def test_a_fleet_without_a_place_to_write_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "users.csv").write_text("user,source\nada,x\n")
    assert main(["fleet", str(tmp_path / "users.csv")]) == 2
    assert "where do profiles go?: name a folder with --out" in capsys.readouterr().err
