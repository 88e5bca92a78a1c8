"""The administrator's folder of profiles, by its commands."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.files.keys import Role, SigningKey, Trust, create_signing_key, load_signing_key
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.profile import write_profile
from agent.files.profiles import install_profile
from agent.runtime.pipeline.profile_selection import ProfileSelector
from enroll.cli import main
from enroll.edition import Edition
from enroll.example import write_table
from enroll.store import ProfileStore
from enroll.train import train
from tests.enroll.people import events_of, rows_of

DESK = MouseConfiguration("pynput-x11", "usb", "046d", "c077", name="Desk Mouse", cpi=1000)
FAST = replace(DESK, cpi=1600)
CREATED = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def profile() -> Profile:
    return train([rows_of(1, n, 120) for n in range(3)], "ada", DESK, edition=Edition(created=CREATED))


class Office:
    """A folder of profiles and the key that signs them."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.folder, self.key = root, root / "store", root / "admin.pem"
        self._capsys = capsys
        assert main(["key", str(self.key)]) == 0
        self.admin: SigningKey = load_signing_key(self.key)

    def add(self, profile: Profile, name: str = "new.profile") -> None:
        write_profile(self.root / name, profile, self.admin, Role.ADMINISTRATOR)
        self.run("add", self.root / name)

    def run(self, action: str, *words: object, code: int = 0) -> str:
        self._capsys.readouterr()
        signs = () if action in ("list", "show") else ("--key", self.key)
        checks = ("--public", self.key.with_suffix(".pub.pem")) if not signs else ()
        told = ("store", action, self.folder, *words, *signs, *checks, "--root", self.root / "home")
        assert main([str(word) for word in told]) == code
        out = self._capsys.readouterr()
        return out.err if code else out.out

    def listed(self) -> list[dict[str, Any]]:
        told: dict[str, Any] = json.loads(self.run("list", "--json"))
        return list(told["profiles"])


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str], profile: Profile) -> Office:
    made = Office(tmp_path, capsys)
    made.add(profile)
    made.add(replace(profile, mouse=FAST))
    return made


def states(office: Office) -> list[tuple[int, int, str]]:
    return sorted((one["cpi"], one["sequence"], one["state"]) for one in office.listed())


def test_profiles_are_listed_by_user_and_configuration(office: Office) -> None:
    assert states(office) == [(1000, 1, "valid"), (1600, 1, "valid")]
    text = office.run("list", "--user", "ada")
    assert text.count("ada") == 2
    assert DESK.key in text
    assert "no profiles" in office.run("list", "--user", "bob")


def test_one_is_shown_with_each_value_of_its_mouse(office: Office) -> None:
    text = office.run("show", "--user", "ada", "--mouse", FAST.key[:8])
    assert "cpi: 1600" in text
    assert "sessions" in text
    assert DESK.key not in text


def test_a_dry_run_says_what_would_change_and_changes_nothing(office: Office) -> None:
    before = {path: path.read_bytes() for path in office.folder.iterdir()}
    text = office.run("revoke", "--user", "ada", "--why", "left", "--dry-run")
    assert text.count("would be revoked: left") == 2
    assert {path: path.read_bytes() for path in office.folder.iterdir()} == before


def test_expired_and_revoked_are_new_signed_versions(office: Office) -> None:
    office.run("expire", "--user", "ada", "--mouse", FAST.key)
    office.run("revoke", "--user", "ada", "--mouse", DESK.key, "--why", "mouse was lost")
    assert states(office) == [(1000, 2, "revoked"), (1600, 2, "expired")]
    assert next(one["why"] for one in office.listed() if one["state"] == "revoked") == "mouse was lost"


def test_an_agent_that_gets_a_revoked_profile_judges_nobody_by_it(
    office: Office, profile: Profile, tmp_path: Path
) -> None:
    paths, trust = Paths.under(tmp_path / "endpoint"), Trust.of(administrator=office.admin.public)
    private_dir(paths.profiles_dir)
    now = datetime.now(UTC)
    shelf = ProfileSelector(paths, "ada", lambda: trust, lambda: now)

    def take_over() -> None:
        for path in office.folder.iterdir():
            install_profile(paths, path.read_bytes(), str(path), trust, now=now)

    take_over()
    assert shelf.choose(DESK).exact
    office.run("revoke", "--user", "ada", "--why", "left the company")
    take_over()
    chosen = shelf.choose(DESK)
    assert chosen.profile is None
    assert any("was revoked: left the company" in problem for problem in chosen.problems)


def test_new_recordings_make_the_next_version(office: Office, tmp_path: Path) -> None:
    for n in range(3):
        path = tmp_path / "tables/ada" / f"session_{n}"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_table(path, events_of(1, n, 120))
    text = office.run("re-enrol", tmp_path / "tables/ada", "--user", "ada")
    assert "enrolled as version 1" in text
    assert "enrolled as version 2" in office.run(
        "re-enrol", tmp_path / "tables/ada", "--user", "ada", "--dry-run"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "--user", "bob"), "no profile of bob"),
        (("show", "--user", "ada", "--mouse", "9-"), "there are these configurations"),
        (("show", "--user", "ada", "--mouse", "2-"), "2 configurations of ada begin with"),
    ],
)
def test_what_is_not_there_is_said(office: Office, words: tuple[str, ...], said: str) -> None:
    assert said in office.run(*words, code=2)


def test_an_older_version_is_not_taken(office: Office, profile: Profile, tmp_path: Path) -> None:
    write_profile(tmp_path / "old.profile", profile, office.admin, Role.ADMINISTRATOR)
    assert "not newer than what is in" in office.run("add", tmp_path / "old.profile", code=2)


def test_a_file_that_is_no_profile_is_told_and_the_others_are_listed(office: Office) -> None:
    (office.folder / "junk.profile").write_bytes(b"junk")
    text = office.run("list")
    assert "not used:" in text
    assert text.count("ada ") == 2


def test_without_a_folder_there_is_one_line(office: Office) -> None:
    office.folder = office.folder / "nowhere"
    assert "is not a folder" in office.run("list", code=2)


def test_what_cannot_be_read_is_never_overwritten(office: Office, tmp_path: Path) -> None:
    """A new key does not know the old one's signature: version 1 must not take the place of version 3."""
    other = create_signing_key(tmp_path / "other.pem")
    for n in range(3):
        path = tmp_path / "tables/ada" / f"session_{n}"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_table(path, events_of(1, n, 120))
    office.run("re-enrol", tmp_path / "tables/ada", "--user", "ada")
    before = {path: path.read_bytes() for path in office.folder.iterdir()}
    command = ["store", "re-enrol", office.folder, tmp_path / "tables/ada", "--user", "ada"]
    command += ["--key", tmp_path / "other.pem", "--root", office.root / "home"]
    assert main([str(word) for word in command]) == 2
    assert {path: path.read_bytes() for path in office.folder.iterdir()} == before
    assert other.key_id != office.admin.key_id


def test_files_are_as_open_as_their_folder(tmp_path: Path, profile: Profile) -> None:
    key = create_signing_key(tmp_path / "key.pem")
    before = os.umask(0o077)
    try:
        for mode, of_file in ((0o755, 0o644), (0o700, 0o600)):
            folder = tmp_path / f"{mode:o}"
            folder.mkdir()
            folder.chmod(mode)
            store = ProfileStore(folder, Trust.of(administrator=key.public))
            assert store.put(profile, key).stat().st_mode & 0o777 == of_file
    finally:
        os.umask(before)


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, profile: Profile) -> None:
    key = create_signing_key(tmp_path / "key.pem")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles").chmod(0o777)
    with pytest.raises(SteadyhandError, match="others may write to it"):
        ProfileStore(tmp_path / "profiles", Trust.of(administrator=key.public)).put(profile, key)


def test_adding_one_reads_nothing_of_the_others(
    tmp_path: Path, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = create_signing_key(tmp_path / "key.pem")
    store = ProfileStore(tmp_path / "profiles", Trust.of(administrator=key.public))
    for n in range(5):
        store.put(replace(profile, user=f"person{n}"), key)
    read = []
    monkeypatch.setattr("enroll.store.read_bounded", lambda path, form: read.append(path))
    ProfileStore(tmp_path / "profiles", Trust.of(administrator=key.public)).put(
        replace(profile, user="another"), key
    )
    assert read == []


def test_a_version_under_another_name_counts(tmp_path: Path, profile: Profile) -> None:
    key = create_signing_key(tmp_path / "key.pem")
    private_dir(tmp_path / "profiles")
    write_profile(tmp_path / "profiles/ada.profile", replace(profile, sequence=3), key, Role.ADMINISTRATOR)
    store = ProfileStore(tmp_path / "profiles", Trust.of(administrator=key.public))
    assert store.next_sequence("ada", profile.mouse.key) == 4
    assert store.next_sequence("ada", profile.mouse.key, epoch=2) == (2 << 32) + 1
    assert store.next_sequence("bob", profile.mouse.key) == 1
