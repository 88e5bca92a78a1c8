"""What is published: what agents ask for, readable by a web server, and nothing else."""

from __future__ import annotations

import json
import os
import platform
import re
import stat
import uuid
from pathlib import Path

import numpy as np
import pytest

from agent.files.accounts import account_of
from agent.files.background import Background, RateClass, write_background
from agent.files.private import private_dir
from agent.files.published_index import INDEX_NAME
from agent.files.signing import load_signing_key
from enroll.cli import main
from enroll.fleet import Failed, Shared
from enroll.office import training
from enroll.office.keyring import read_keyring
from enroll.office.people import read_people
from enroll.office.published import PublishedState, read_published
from enroll.sessions import HAND
from tests.office.conftest import DESK, NAMES, OfficeRun


def state(office: OfficeRun) -> PublishedState:
    return read_published(office.layout.published_dir, read_keyring(office.layout.keyring_file).trust)


def entry_of(office: OfficeRun, account: str, computer: str) -> object:
    return state(office).entries.get(account_of(account, computer).account_id)


def test_everybody_may_ask_for_their_own(office: OfficeRun) -> None:
    text = office("publish")
    assert "3 people with 3 accounts, 3 profiles, 3 of them new" in text
    published = state(office)
    assert published.index is not None
    assert published.index.version == "epoch 1, version 1"
    entry = published.entries[account_of("ADA", "pc-ada.example").account_id]
    (file,) = entry.profiles.values()
    assert list(entry.profiles) == [DESK.key]
    assert (office.layout.published_dir / file.name).is_file()
    assert "0 of them new" in office("publish")


def write_office_background(office: OfficeRun, name: str, features: tuple[str, ...]) -> Path:
    moments = np.eye(2 * len(features))
    rate = RateClass(period_ms=8, length=30, people=3, own=moments, others=moments)
    made = Background(str(uuid.UUID(int=7)), "2026-05-01T00:00:00+00:00", features, (rate,))
    path = office.layout.background_dir / name
    write_background(path, made, load_signing_key(office.layout.keys_dir / "admin-1.pem"))
    return path


def test_agents_that_learn_by_themselves_find_the_offices_background(office: OfficeRun) -> None:
    path = write_office_background(office, "office.background", HAND)
    office("publish")
    file = state(office).entries[account_of("ADA", "pc-ada.example").account_id].background
    assert file is not None
    assert (office.layout.published_dir / file.name).read_bytes() == path.read_bytes()
    path.unlink()
    for _ in range(2):
        office("publish")
    assert not list((office.layout.published_dir / "backgrounds").iterdir())


def test_central_training_learns_with_the_offices_background(
    office: OfficeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    backgrounds: list[Background | None] = []

    def run(_due: object, shared: Shared, *_rest: object) -> list[Failed]:
        backgrounds.append(shared.background)
        return []

    monkeypatch.setattr(training, "run", run)
    office("train")
    write_office_background(office, "office.background", HAND)
    office("train")
    assert [None if used is None else used.features for used in backgrounds] == [None, HAND]


def test_a_background_that_agents_would_refuse_is_not_published(office: OfficeRun) -> None:
    path = write_office_background(office, "office.background", HAND[:-1])
    assert "made with other features" in office("publish", code=2)
    write_office_background(office, "second.background", HAND)
    assert "has 2 backgrounds: leave the one" in office("publish", code=2)
    path.write_bytes(b"no background")
    (office.layout.background_dir / "second.background").unlink()
    assert "office.background" in office("publish", code=2)


def test_the_web_server_reads_what_is_published_and_nothing_else(office: OfficeRun) -> None:
    before = os.umask(0o077)
    try:
        office("publish")
    finally:
        os.umask(before)
    published = office.layout.published_dir
    assert stat.S_IMODE(office.root.stat().st_mode) == 0o711
    for path in [office.root, *office.root.rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        is_public = path == published or published in path.parents
        if path == office.root:
            continue
        if is_public:
            assert mode == (0o755 if path.is_dir() else 0o644), path
        else:
            assert mode & 0o077 == 0, path


def test_nothing_private_is_published(office: OfficeRun) -> None:
    office("publish")
    office("publish")
    content = {path: path.read_bytes() for path in office.layout.published_dir.rglob("*") if path.is_file()}
    private = [path.read_bytes() for path in office.layout.keys_dir.iterdir()]
    private += [path.read_bytes() for path in office.layout.recordings_dir.rglob("*.recording")]
    names = [word.encode() for name in NAMES for word in (name, name.title(), f"pc-{name}")]
    for path, data in content.items():
        assert b"PRIVATE KEY" not in data, path
        assert not any(secret in data for secret in private), path
        if path.suffix != ".profile":
            # A name as a word: by chance some letters of a signature or hash spell any short one.
            found = [name for name in names if re.search(rb"(?<![\w+/])" + name + rb"(?![\w+/=])", data)]
            assert found == [], path
        else:
            assert not any(name in data for name in (b"Blaise", b"pc-ada", b"pc-blaise")), path


def test_an_index_that_cannot_be_read_is_never_overwritten(office: OfficeRun) -> None:
    office("publish")
    index = office.layout.published_dir / INDEX_NAME
    index.write_bytes(b"something else")
    assert "is not an index" in office("publish", code=2)
    assert index.read_bytes() == b"something else"


def test_a_group_has_its_own_policy_and_whoever_changes_it_gets_a_newer_one(office: OfficeRun) -> None:
    pilot = {"judgement": {"mode": "enforce"}, "enrolment": {"local": False}}
    (office.layout.policies_dir / "pilot.json").write_text(json.dumps(pilot))
    office("publish")
    first = state(office)
    office("person", "group", "ada", "pilot")
    office("publish")
    second = state(office)
    ada, carl = (account_of(name, f"pc-{name}").account_id for name in ("ada", "carl"))
    assert second.entries[ada].group == "pilot"
    before, after = first.entries[ada].policy, second.entries[ada].policy
    assert before
    assert after
    assert after.sequence > before.sequence
    assert b"enforce" in (office.layout.published_dir / after.name).read_bytes()
    of_carl = second.entries[carl].policy
    assert of_carl
    assert b"shadow" in (office.layout.published_dir / of_carl.name).read_bytes()
    office("person", "group", "ada", "default")
    office("publish")
    back = state(office).entries[ada].policy
    assert back
    assert back.sequence > after.sequence


def test_everybody_goes_back_to_shadow_mode_at_once_and_out_of_it(office: OfficeRun) -> None:
    policy = office.layout.policies_dir / "default.json"
    policy.write_text(json.dumps({"judgement": {"mode": "enforce"}, "enrolment": {"local": False}}))
    written = policy.read_bytes()
    office("publish")

    def modes() -> set[bool]:
        files = [entry.policy for entry in state(office).entries.values() if entry.policy]
        return {b'"shadow"' in (office.layout.published_dir / file.name).read_bytes() for file in files}

    assert modes() == {False}
    assert "everybody is in shadow mode" in office("shadow-all", "--why", "false locks in room 4")
    assert modes() == {True}
    assert "everybody is in shadow mode since" in office("publish")
    office("shadow-all", "--end")
    assert modes() == {False}
    assert policy.read_bytes() == written
    assert "false locks in room 4" in office("journal")


def test_who_is_exempt_gets_no_profile(office: OfficeRun) -> None:
    office("person", "group", "ada", "exempt")
    office("publish")
    entry = state(office).entries[account_of("ada", "pc-ada").account_id]
    assert (entry.group, entry.profiles) == ("exempt", {})


def test_a_bad_policy_is_named_and_nothing_is_published(office: OfficeRun) -> None:
    (office.layout.policies_dir / "default.json").write_text('{"judgement": {"mode": "enforced"}}')
    assert "judgement.mode" in office("publish", code=2)
    assert not (office.layout.published_dir / INDEX_NAME).exists()


def test_two_administrators_at_once_are_told_and_a_dead_ones_lock_is_taken(office: OfficeRun) -> None:
    lock = office.layout.lock_file
    holder = {"host": "elsewhere", "process": 4, "since": "2026-05-01T00:00:00+00:00", "started": "7"}
    lock.write_text(json.dumps(holder))
    text = office("publish", code=2)
    assert "process 4 on elsewhere has been writing this office since 2026-05-01" in text
    lock.write_text(json.dumps(holder | {"host": platform.node(), "process": 2**22 + 5}))
    assert "published" in office("publish")
    assert not lock.exists()
    lock.write_text(json.dumps(holder | {"host": platform.node(), "process": os.getpid(), "started": "0"}))
    assert "published" in office("publish"), "a number that belongs to another process now"


def test_the_office_is_found_from_any_folder_in_it(
    office: OfficeRun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(office.layout.recordings_dir)
    assert main(["office", "person", "list"]) == 0
    assert "Ada" in capsys.readouterr().out
    monkeypatch.chdir(private_dir(tmp_path / "empty"))
    assert main(["office", "person", "list"]) == 2
    assert "no office at or above" in capsys.readouterr().err


def test_people_and_mice_are_as_they_came(office: OfficeRun) -> None:
    people = read_people(office.layout.people_file)
    ada = people.find("ada")
    recordings = list((office.layout.recordings_dir / ada.person_id / DESK.key).iterdir())
    assert len(recordings) == 3
    assert DESK.key in office.layout.mice_file.read_text()
