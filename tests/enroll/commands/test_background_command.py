"""`background build` and `inspect`, a profile that is trained with one, and an evaluation that refuses one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from enroll.cli import main
from enroll.example import write_table
from tests.enroll.people import events_of


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people with three tables each, and a key."""
    root = tmp_path_factory.mktemp("office")
    for who in (1, 2, 3):
        for number in range(3):
            write_table(root / f"training_files/user{who}/session_{number}", events_of(who, number, 100))
    assert main(["key", str(root / "admin.pem")]) == 0
    source, out = str(root / "training_files"), str(root / "office.background")
    assert main(["background", "build", source, "--key", str(root / "admin.pem"), "--out", out]) == 0
    return root


def test_it_says_what_is_in_it(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    public = ["--public", str(office / "admin.pub.pem")]
    assert main(["background", "inspect", str(office / "office.background"), *public, "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["people"], summary["enough_people"], summary["fits_this_version"]) == (3, False, True)
    assert {rate["period_ms"] for rate in summary["classes"]} == {8, 16, 33, 60, 110}
    assert main(["background", "inspect", str(office / "office.background"), *public]) == 0
    assert "fewer than 32 people" in capsys.readouterr().out


def test_a_profile_of_own_data_rests_on_it_when_asked(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = str(office / "training_files/user1"), str(tmp_path / "user1.profile")
    call = ["train", source, "--user", "user1", "--key", str(office / "admin.pem"), "--out", out, "--json"]
    named = ["--background", str(office / "office.background"), "--public", str(office / "admin.pub.pem")]
    for background in (named, ["--background", "shipped"]):
        # 1: three sessions of made-up people agree too little with one another, which is told and no reason to stop.
        assert main([*call, *background]) in (0, 1)
        report = json.loads(capsys.readouterr().out)
        assert report["detectors"] == "differences"
        assert len(report["background"]) == 36
        assert (tmp_path / "user1.profile").stat().st_size < 1_000_000


def test_an_evaluation_of_the_people_in_it_is_refused(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = ["--background", str(office / "office.background"), "--public", str(office / "admin.pub.pem")]
    assert main(["evaluate", "stream", str(office), *named, "--cache", str(office / "cache")]) == 2
    error = capsys.readouterr().err
    assert "is in the background" in error
    assert len(error.strip().splitlines()) == 1


def test_one_person_is_no_background(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(2):
        write_table(tmp_path / f"people/ada/session_{number}", events_of(1, number, 60))
    call = ["background", "build", str(tmp_path / "people"), "--key", str(office / "admin.pem")]
    assert main([*call, "--out", str(tmp_path / "one.background")]) == 2
    assert "a background of 1 person" in capsys.readouterr().err
    assert not (tmp_path / "one.background").exists()


def test_a_session_of_another_mouse_is_kept_apart_and_named(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        write_table(tmp_path / f"ada/session_{number}", events_of(1, number, 100))
    slow = events_of(1, 3, 60)
    stretched = type(slow)(*(getattr(slow, name) for name in type(slow).__slots__))
    object.__setattr__(stretched, "t_ns", (stretched.t_ns * np.int64(4)))
    write_table(tmp_path / "ada/session_3", stretched)
    call = ["train", str(tmp_path / "ada"), "--user", "ada", "--key", str(office / "admin.pem")]
    assert main([*call, "--out", str(tmp_path / "ada.profile"), "--json"]) in (0, 1)
    report = json.loads(capsys.readouterr().out)
    (line,) = report["sessions_kept_apart"]
    assert line.startswith("session_3: report interval")
    assert report["sessions"] == 3
