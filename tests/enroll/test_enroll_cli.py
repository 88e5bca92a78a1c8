"""The commands, from tables to a signed profile, and what a wrong call gets."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from _fastfeat import FEATURES
from _fastfeat.antal39_measures import COLUMNS
from agent.files.keys import recording_key
from agent.files.paths import Paths
from agent.files.recording import read_recording
from enroll.cli import main


def test_tables_to_recordings_to_a_signed_profile(
    balabit_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, key, profile = tmp_path / "root", tmp_path / "admin.pem", tmp_path / "user1.profile"
    source = str(balabit_folder / "training_files" / "user1")
    assert main(["import", source, "--out", str(tmp_path / "rec"), "--root", str(root)]) == 0
    recordings = sorted((tmp_path / "rec" / "user1").iterdir())
    assert [path.name for path in recordings] == ["session_10.recording", "session_11.recording"]
    assert sum(1 for _ in read_recording(recordings[0], recording_key(Paths.under(root)))) > 0

    assert main(["key", str(key)]) == 0
    options = ["--user", "user1", "--out", str(profile), "--key", str(key), "--root", str(root), "--json"]
    capsys.readouterr()
    assert main(["train", str(tmp_path / "rec" / "user1"), *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["user"], told["mouse"], told["sessions"]) == ("user1", "rdp", 2)

    public = ["--public", str(tmp_path / "admin.pub.pem")]
    assert main(["verify", str(profile), *public, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["origin"] == "administrator"
    profile.write_bytes(profile.read_bytes()[:-40])
    assert main(["verify", str(profile), *public]) == 1
    assert "not valid" in capsys.readouterr().out


def test_a_local_profile_is_signed_over_by_the_administrator(balabit_folder: Path, tmp_path: Path) -> None:
    root, key, out = tmp_path / "root", tmp_path / "admin.pem", tmp_path / "user2.profile"
    source, local = balabit_folder / "training_files" / "user2", tmp_path / "local.profile"
    common = ["--root", str(root)]
    assert main(["train", str(source), "--user", "user2", "--out", str(local), *common]) == 0
    assert main(["key", str(key)]) == 0
    assert main(["sign", str(local), "--key", str(key), "--out", str(out), *common]) == 0
    assert main(["verify", str(out), "--public", str(tmp_path / "admin.pub.pem")]) == 0
    assert main(["verify", str(local), "--public", str(tmp_path / "admin.pub.pem")]) == 1


def test_a_dry_run_writes_nothing(
    balabit_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, key, local = tmp_path / "root", tmp_path / "admin.pem", tmp_path / "local.profile"
    source, common = str(balabit_folder / "training_files" / "user2"), ["--root", str(root)]
    assert main(["key", str(key)]) == 0
    before = set(tmp_path.rglob("*"))
    assert main(["import", source, "--out", str(tmp_path / "rec"), "--dry-run", *common]) == 0
    assert "user2/session_" in capsys.readouterr().out
    train = ["train", source, "--user", "user2", "--out", str(local), *common]
    assert main([*train, "--dry-run"]) == 0
    assert "user2" in capsys.readouterr().out
    assert set(tmp_path.rglob("*")) == before
    assert main(train) == 0
    before = set(tmp_path.rglob("*"))
    sign = ["sign", str(local), "--key", str(key), "--out", str(tmp_path / "signed.profile"), "--dry-run"]
    assert main([*sign, *common]) == 0
    assert "would be signed" in capsys.readouterr().out
    assert set(tmp_path.rglob("*")) == before


def test_evaluate_writes_the_figures(balabit_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    options = ["--mode", "own", "--json", str(out), "--cache", str(tmp_path / "cache")]
    assert main(["evaluate", "balabit", str(balabit_folder), *options]) == 0
    assert json.loads(out.read_text())["protocol"] == "balabit"
    assert (tmp_path / "cache").is_dir()


@pytest.mark.parametrize(("schema", "columns"), [("full", FEATURES), ("antal39", COLUMNS)])
def test_features_has_a_line_an_action(
    schema: str, columns: tuple[str, ...], balabit_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "features.csv"
    source = str(balabit_folder / "training_files")
    assert main(["features", source, "--schema", schema, "--out", str(out)]) == 0
    with out.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["account", "session", "start_s", "end_s", *columns]
    assert {row[0] for row in rows[1:]} == {"user1", "user2"}
    assert all(len(row) == len(rows[0]) and float(row[2]) <= float(row[3]) for row in rows[1:])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evaluate", "balabit", "nowhere"], "no accounts"),
        (["evaluate", "sapimouse", "nowhere"], "nobody in it"),
        (["evaluate", "sapimouse", "nowhere", "--test", "73-120"], "nobody in it"),
        (["evaluate", "stream", "nowhere"], "no accounts"),
        (["evaluate", "transfer", "nowhere"], "cannot be read"),
        (["evaluate", "transfer", "nowhere", "--jobs", "0"], "use 1 or more"),
        (["train", "nowhere", "--user", "a", "--out", "p"], "nowhere does not exist"),
        (["verify", "nowhere"], ""),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    code = main(arguments)
    told = capsys.readouterr()
    assert code == (1 if arguments[0] == "verify" else 2)
    text = (told.err or told.out).strip()
    assert said in text
    assert len(text.splitlines()) == 1


def test_a_call_without_sense_is_code_two_and_help_has_an_example() -> None:
    with pytest.raises(SystemExit) as error:
        main(["fly"])
    assert error.value.code == 2
    with pytest.raises(SystemExit) as error:
        main(["evaluate", "sapimouse", "d", "--test", "120-73"])
    assert error.value.code == 2
    told = subprocess.run(
        [sys.executable, "-m", "enroll", "evaluate", "--help"], capture_output=True, text=True, check=True
    )
    assert "Example: steadyhand-enroll evaluate balabit" in told.stdout
