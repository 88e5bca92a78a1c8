"""Leaving, expiry, access requests, backups and checks of an office."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.files.accounts import account_of
from agent.files.published_index import INDEX_NAME
from enroll.cli import main
from enroll.office.journal import Journal
from enroll.office.keyring import read_keyring
from enroll.office.published import PublishedState, read_published
from tests.office.conftest import DESK, NEW, OfficeRun, hand_over


def state(office: OfficeRun) -> PublishedState:
    return read_published(office.layout.published_dir, read_keyring(office.layout.keyring_file).once_trusted)


def holding(root: Path, word: bytes) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and word in path.read_bytes()]


def test_of_who_leaves_nothing_but_an_id_remains(office: OfficeRun, tmp_path: Path) -> None:
    office("person", "add", "Zebulon", "--account", "zebulon", "--computer", "pc-zebulon")
    hand_over(office.layout, tmp_path / "inbox", 4, "zebulon", "pc-zebulon")
    office("receive", tmp_path / "inbox")
    office("cohort")
    office("train", "--person", "zebulon")
    office("publish")
    (office.layout.reports_dir / "week.html").write_text("<p>Zebulon: 3</p>")
    (person,) = [line.split()[0] for line in office("person", "list").splitlines() if "Zebulon" in line]
    profile = next(
        file.name
        for entry in state(office).entries.values()
        if entry.person == person
        for file in entry.profiles.values()
    )
    cohort = (office.layout.cohorts_dir / "office.cohort").read_bytes()

    assert "would delete" in office("leave", "zebulon", "--dry-run")
    assert (office.layout.published_dir / profile).exists()
    text = office("leave", "zebulon", "--why", "left on the 31st")
    assert "3 recordings" in text
    assert "alerts and heartbeats in the SIEM" in text
    for word in (b"Zebulon", b"zebulon"):
        assert holding(office.root, word) == []
    assert {path.name for path in holding(office.root, person.encode())} == {
        "journal.jsonl",
        "tombstones.csv",
    }
    assert not (office.layout.published_dir / profile).exists()
    assert account_of("zebulon", "pc-zebulon").account_id not in state(office).entries
    assert (office.layout.cohorts_dir / "office.cohort").read_bytes() != cohort
    assert "nobody here is zebulon" in office("leave", "zebulon", code=2)


def test_what_still_names_a_leaver_is_listed(office: OfficeRun) -> None:
    (office.root / "notes.txt").write_text("call Blaise about the mouse")
    text = office("leave", "blaise")
    assert f"{office.root / 'notes.txt'} still names them" in text


def test_recordings_go_on_their_day_and_profiles_stay(office: OfficeRun) -> None:
    old = sorted(office.layout.recordings_dir.glob("*/*/*"))[0]
    long_ago = time.time() - 100 * 86_400
    os.utime(old, (long_ago, long_ago))
    assert "would delete 1 recording older than 90 days" in office("expire", "--dry-run")
    assert old.exists()
    office("expire")
    assert not old.exists()
    assert "0 profiles trained, 3 were current" in office("train"), "nobody is learnt again from less"
    assert "deleted 0 recordings" in office("expire")
    assert "deleted 8 recordings" in office("expire", "--days", "0")


def test_an_access_request_is_answered_in_full_and_noted(office: OfficeRun) -> None:
    office("publish")
    held = json.loads(office("about", "ada", "--json", "--why", "request of 1 May"))
    assert held["accounts"] == ["ada on pc-ada"]
    assert [
        (r["count"], p["version"]) for r, p in zip(held["recordings"], held["profiles"], strict=True)
    ] == [(3, "epoch 1, version 1")]
    assert held["in_cohort_as_number"] is not None
    assert {entry["command"] for entry in held["journal"]} >= {
        "office person add",
        "office receive",
        "office train",
    }
    text = office("about", "ada")
    assert "request of 1 May" in text
    assert "3 under mouse" in text


def test_the_journal_shows_what_was_changed_or_taken_out(office: OfficeRun) -> None:
    journal = Journal(office.layout.journal_file)
    lines = office.layout.journal_file.read_bytes().splitlines(keepends=True)
    assert len(journal.read()) == len(lines) > 5
    for spoilt in (
        [*lines[:2], *lines[3:]],
        [*lines[:2], lines[2].replace(b"office", b"0ffice", 1), *lines[3:]],
        [lines[1], lines[0], *lines[2:]],
    ):
        office.layout.journal_file.write_bytes(b"".join(spoilt))
        with pytest.raises(SteadyhandError, match="line"):
            journal.read()
        assert "line" in office("check", code=1)


def test_after_an_old_backup_versions_go_on_from_what_is_published(office: OfficeRun, tmp_path: Path) -> None:
    office("publish")
    backup = tmp_path / "office.tar"
    office("backup", backup)
    assert backup.stat().st_mode & 0o077 == 0
    assert "is there already" in office("backup", backup, code=2)
    assert "lies in the office itself" in office("backup", office.root / "b.tar", code=2)

    hand_over(office.layout, tmp_path / "inbox", 0, "ada", "pc-ada", sessions=range(3, 5))
    office("receive", tmp_path / "inbox")
    office("train")
    office("publish")
    newest = state(office)
    published = tmp_path / "standing"
    shutil.copytree(office.layout.published_dir, published)
    shutil.rmtree(office.root)

    text = office("restore", backup, office.root, "--published", published)
    assert "go on from what stands published: epoch 1, version 2" in text
    text = office("publish")
    assert "epoch 1, version 2 stood published and was taken back" in text
    after = state(office)
    assert after.sequence > newest.sequence
    for account, entry in newest.entries.items():
        for mouse, file in entry.profiles.items():
            assert after.entries[account].profiles[mouse].sequence >= file.sequence
    problems = [
        line for line in office("check", code=1).splitlines() if "no web server comes through" not in line
    ]
    assert len(problems) == 1
    assert "the recovery key lies in" in problems[0]


def test_after_a_backup_with_nothing_published_a_new_epoch_begins(office: OfficeRun, tmp_path: Path) -> None:
    office("publish")
    newest = state(office)
    office("backup", tmp_path / "office.tar")
    shutil.rmtree(office.root)
    assert "epoch 2 begins" in office("restore", tmp_path / "office.tar", office.root)
    office("publish")
    after = state(office)
    assert after.sequence >> 32 == 2
    for account, entry in newest.entries.items():
        for mouse, file in entry.profiles.items():
            assert after.entries[account].profiles[mouse].sequence > file.sequence


def test_what_is_no_backup_leaves_nothing(office: OfficeRun, tmp_path: Path) -> None:
    (tmp_path / "junk.tar").write_bytes(b"junk")
    for name, reason in (("junk.tar", "is damaged"), ("none.tar", "cannot read the backup")):
        assert reason in office("restore", tmp_path / name, tmp_path / "fresh", code=2)
        assert not (tmp_path / "fresh").exists()
    assert "is not empty" in office("restore", tmp_path / "junk.tar", office.root, code=2)


def test_a_check_finds_what_is_open_missing_or_behind(office: OfficeRun) -> None:
    assert "nothing is published yet" in office("check", code=1)
    office("publish")
    recovery = office.layout.keys_dir / "recovery.pem"
    recovery.unlink()
    for folder in office.layout.published_dir.parents:
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o001)
    assert office("check") == "everything is as it must be\n"
    (office.layout.keys_dir / "admin-1.pem").chmod(0o644)
    (office.layout.published_dir / INDEX_NAME).chmod(0o600)
    next((office.layout.published_dir / "profiles").iterdir()).unlink()
    text = office("check", code=1)
    assert "admin-1.pem is open to others: chmod 600" in text
    assert "chmod 644, or the web server cannot hand it out" in text
    assert "is named by the index and is not there" in text
    shutil.rmtree(office.layout.profiles_dir)
    office.layout.profiles_dir.mkdir(mode=0o700)
    assert "published, and not in the office" in office("check", code=1)


def test_the_helpdesk_excuses_with_its_own_key_alone(office: OfficeRun) -> None:
    office("publish")
    assert "the helpdesk has no key" in office("excuse", "ada", "--hours", "4", code=2)
    office("keys", "helpdesk")
    office("publish")
    admin = office.layout.keys_dir / "admin-1.pem"
    helpdesk = office.layout.keys_dir / "helpdesk-1.pem"
    assert "no helpdesk's key" in office("excuse", "ada", "--hours", "4", "--key", admin, code=2)
    assert "none of this office's that count" in office("publish", "--key", helpdesk, code=2)
    assert "at most 72" in office("excuse", "ada", "--hours", "73", code=2)
    text = office("excuse", "ada", "--hours", "4", "--why", "broken wrist mouse")
    assert "nothing is locked until" in text
    (file,) = (office.layout.published_dir / "excuses").iterdir()
    assert file.stat().st_mode & 0o777 == 0o644
    assert "excuse" in office("journal", "--person", "ada")
    office("publish")
    assert file.exists(), "a publication in between does not end it"


def test_an_office_is_the_manifest_of_a_fleet_with_several_mice_a_person(
    office: OfficeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_over(office.layout, tmp_path / "inbox", 0, "ada", "pc-ada", mouse=NEW)
    office("receive", tmp_path / "inbox")
    assert main(["fleet", str(office.root), "--out", str(tmp_path)]) == 2
    assert main(["fleet", str(office.root), "--jobs", "1"]) == 0
    assert "1 profile trained, 3 were current, 0 failed" in capsys.readouterr().out
    office("publish")
    entry = state(office).entries[account_of("ada", "pc-ada").account_id]
    assert sorted(entry.profiles) == sorted((DESK.key, NEW.key))


def test_a_second_entry_of_the_same_person_is_taken_in(office: OfficeRun, tmp_path: Path) -> None:
    hand_over(office.layout, tmp_path / "inbox", 0, "ada", "kiosk")
    text = office("receive", tmp_path / "inbox")
    assert "new: p-" in text
    assert "4 people" in office("cohort")
    other = next(line.split()[0] for line in office("person", "list").splitlines() if "kiosk" in line)
    assert "fits 2 people" in office("person", "merge", "Ada", other, code=2)
    own = next(line.split()[0] for line in office("person", "list").splitlines() if "pc-ada" in line)
    assert "office cohort" in office("person", "merge", own, other)
    assert not (office.layout.cohorts_dir / "office.cohort").exists(), "nobody is told from themselves"
    assert "3 people" in office("cohort")
    listed = office("person", "list")
    assert other not in listed
    ada = next(line for line in listed.splitlines() if "Ada" in line)
    assert "kiosk" in ada
    recordings = list((office.layout.recordings_dir / ada.split()[0] / DESK.key).iterdir())
    assert len(recordings) == 6
    assert not (office.layout.recordings_dir / other).exists()


def test_other_commands_find_the_office_by_its_recordings_and_are_in_its_journal(
    office: OfficeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (person, *_) = sorted(office.layout.recordings_dir.iterdir())
    out = tmp_path / "features.csv"
    assert main(["features", str(person), "--out", str(out)]) == 0
    assert len(out.read_text().splitlines()) > 100
    line = office("journal", "--person", person.name).splitlines()[-1]
    assert "features  opens recordings" in line
