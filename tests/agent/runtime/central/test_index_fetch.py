"""The published index: what it names is fetched by hash; not there, wrong path and refused are three lines."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import agent.runtime.central.entry_fetch as entry_fetch
import agent.runtime.central.index_fetch as index_fetch
from agent.alerts.api import DeliveryOutcome
from agent.alerts.transports.http_client import Answer
from agent.config.signed_policy import sign_policy
from agent.engine.mouse import MouseConfiguration
from agent.files.accounts import account_of
from agent.files.background import Background, RateClass, fetched_background_file, write_background
from agent.files.excuse import Excuse, excuse_name, installed_excuse, sign_excuse
from agent.files.index_trust import with_index
from agent.files.keys import Role, SigningKey, Trust
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.profile import pack_signed
from agent.files.published_index import (
    INDEX_NAME,
    IndexEntry,
    PublishedFile,
    PublishedIndex,
    pack_shard,
    shard_name,
    shard_of,
    sign_index,
)
from agent.files.sequence_numbers import read_marks
from agent.files.versions import epoch_sequence
from agent.runtime.central.entry_fetch import FetchRequest
from agent.runtime.central.folder import FolderClient
from agent.runtime.central.index_fetch import fetch_published
from agent.runtime.pipeline.profile_selection import ProfileSelector
from tests.agent.conftest import Keys, keys, make_profile

__all__ = ["keys", "make_profile"]

NOW = datetime(2026, 5, 1, tzinfo=UTC)
MOUSE = MouseConfiguration("evdev", "usb", "046d", "c077", name="Desk Mouse")
PERSON = "p-00000000000a"
HELPDESK = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32))


@dataclass
class ScriptedFolder:
    """Files by their path; a `status` other than 200 is all that it then says. Remembers what was asked for."""

    files: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    asked: list[str] = field(default_factory=list)
    url: str = "https://profiles.example/steadyhand"

    def headers(self) -> dict[str, str]:
        return {}

    def client(self) -> AbstractContextManager[FolderClient]:
        return nullcontext(self)

    def get(self, path: str, headers: Any, most_bytes: int) -> Answer:
        self.asked.append(path.removeprefix("/"))
        if self.status != HTTPStatus.OK:
            return Answer(
                DeliveryOutcome.AUTH_FAILED, f"the folder answers {self.status}", status=self.status
            )
        body = self.files.get(path.removeprefix("/"))
        if body is None:
            return Answer(DeliveryOutcome.AUTH_FAILED, "the folder answers 404", status=404)
        return Answer(DeliveryOutcome.OK, status=200, body=body)


class Office:
    """Publishes for one account what a test says."""

    def __init__(self, keys: Keys, make_profile: Callable[..., Any]) -> None:
        self.folder = ScriptedFolder()
        self.key, self._profile = keys.administrator, make_profile
        self.entries: dict[str, IndexEntry] = {}

    def profile(self, sequence: int, **changes: Any) -> PublishedFile:
        made = self._profile(user=PERSON, mouse=MOUSE, sequence=sequence, **changes)
        return self.put("profiles", pack_signed(made, self.key, Role.ADMINISTRATOR), ".profile", sequence)

    def policy(self, sections: dict[str, Any], sequence: int) -> PublishedFile:
        return self.put(
            "policies", sign_policy(sections, self.key, sequence, NOW.isoformat()), ".policy", sequence
        )

    def put(self, kind: str, data: bytes, suffix: str, sequence: int) -> PublishedFile:
        sha256 = hashlib.sha256(data).hexdigest()
        self.folder.files[f"{kind}/{sha256}{suffix}"] = data
        return PublishedFile(f"{kind}/{sha256}{suffix}", sha256, sequence)

    def publish(
        self, sequence: int, entry: IndexEntry | None, *, account: str = "mira", **changes: Any
    ) -> None:
        account_id = account_of(account, "pc1").account_id
        entries = {account_id: entry} if entry else {}
        shard = pack_shard(entries)
        self.folder.files[shard_name(hashlib.sha256(shard).hexdigest())] = shard
        index = PublishedIndex(
            sequence,
            NOW.isoformat(),
            "office",
            {shard_of(account_id): hashlib.sha256(shard).hexdigest()},
            **changes,
        )
        self.folder.files[INDEX_NAME] = sign_index(index, self.key)


@pytest.fixture
def office(keys: Keys, make_profile: Callable[..., Any]) -> Office:
    return Office(keys, make_profile)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    private_dir(tmp_path / "user")
    return Paths.under(tmp_path / "user")


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch, keys: Keys) -> None:
    """Root installed the administrator's key, and the stranger's as a recovery key."""
    root = Trust(
        Trust.of(administrator=keys.administrator.public).keys
        | Trust.of(administrator=keys.stranger.public).keys,
        recovery=frozenset([keys.stranger.key_id]),
    )

    def load(paths: Paths, *, local: bool) -> Trust:
        return with_index(root, paths)

    monkeypatch.setattr(index_fetch, "load_trust", load)
    monkeypatch.setattr(entry_fetch, "load_trust", load)
    return


def look(office: Office, paths: Paths, account: str = "mira") -> Any:
    office.folder.asked.clear()
    return fetch_published(office.folder, paths, FetchRequest(account, "pc1", (MOUSE,), lambda: NOW))


def test_what_the_index_names_is_fetched_once_whatever_the_server_says_of_tags(
    office: Office, paths: Paths
) -> None:
    office.publish(1, IndexEntry(PERSON, "pilot", office.policy({}, 1), {MOUSE.key: office.profile(4)}))
    report = look(office, paths, "MIRA")
    assert (report.profiles, report.policy, report.trouble, report.refused) == (
        ["Desk Mouse: version 4 was installed"],
        True,
        "",
        [],
    )
    again = look(office, paths)
    assert again.lines == ["policy: nothing new", "Desk Mouse: nothing new"]
    assert office.folder.asked == [INDEX_NAME], "one request a round where nothing changed"
    next(paths.profiles_dir.iterdir()).unlink()
    assert look(office, paths).profiles == ["Desk Mouse: version 4 was installed"]


def test_a_policy_whose_sequence_was_forgotten_is_fetched_again(office: Office, paths: Paths) -> None:
    office.publish(1, IndexEntry(PERSON, "pilot", office.policy({}, 1), {}))
    assert look(office, paths).policy
    for file in (paths.marks_file, paths.marks_copy_file):
        file.unlink()
    assert look(office, paths).policy
    assert read_marks(paths)[0]["policy"] == {"administrator": 1}
    assert not look(office, paths).policy


def test_a_person_is_judged_by_the_profile_under_their_id(
    office: Office, paths: Paths, monkeypatch: pytest.MonkeyPatch, keys: Keys
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "pc1.example")
    office.publish(1, IndexEntry(PERSON, "pilot", None, {MOUSE.key: office.profile(4)}))
    look(office, paths)
    trust = Trust.of(administrator=keys.administrator.public)
    selector = ProfileSelector(paths, "mira", lambda: trust, lambda: NOW)
    assert selector.choose(MOUSE).exact
    assert ProfileSelector(paths, "carl", lambda: trust, lambda: NOW).choose(MOUSE).profile is None
    office.publish(2, None)
    assert "has nothing for mira on pc1" in look(office, paths).absent
    assert selector.choose(MOUSE).profile is None
    assert list(paths.profiles_dir.iterdir()) == [], "who left is not judged by a profile that stayed"


def test_a_profile_that_the_index_no_longer_names_goes(office: Office, paths: Paths) -> None:
    office.publish(1, IndexEntry(PERSON, "pilot", None, {MOUSE.key: office.profile(4)}))
    look(office, paths)
    (installed,) = paths.profiles_dir.iterdir()
    office.publish(2, IndexEntry(PERSON, "exempt"))
    look(office, paths)
    assert not installed.exists()


def background_file(office: Office, tmp_path: Path, key: SigningKey, people: int = 3) -> PublishedFile:
    """A background of two features, signed by `key`, in the folder."""
    moments = np.eye(4)
    rate = RateClass(period_ms=8, length=30, people=people, own=moments, others=2.0 * moments)
    identity = "c3689e59-2a20-4f69-98b9-bd161e5e7dab"
    made = Background(identity, NOW.isoformat(), ("duration_s", "path_px"), (rate,))
    write_background(tmp_path / "made.background", made, key)
    return office.put("backgrounds", (tmp_path / "made.background").read_bytes(), ".background", 1)


def look_learning(office: Office, paths: Paths) -> Any:
    office.folder.asked.clear()
    request = FetchRequest("mira", "pc1", (MOUSE,), lambda: NOW, wants_background=True)
    return fetch_published(office.folder, paths, request)


def test_a_background_comes_once_to_who_learns_with_it(office: Office, paths: Paths, tmp_path: Path) -> None:
    file = background_file(office, tmp_path, office.key)
    office.publish(1, IndexEntry(PERSON, "pilot", background=file))
    look(office, paths)
    assert not fetched_background_file(paths).exists(), "whoever does not learn with it does not fetch it"
    assert "background: one of 3 people was installed" in look_learning(office, paths).lines
    assert fetched_background_file(paths).read_bytes() == office.folder.files[file.name]
    again = look_learning(office, paths)
    assert "background: nothing new" in again.lines
    assert file.name not in office.folder.asked
    office.publish(2, IndexEntry(PERSON, "pilot"))
    assert (
        "background: the folder has none, own data alone are learnt from"
        in look_learning(office, paths).lines
    )
    assert not fetched_background_file(paths).exists()


def test_a_background_that_fails_a_check_leaves_the_one_before(
    office: Office, paths: Paths, tmp_path: Path
) -> None:
    office.publish(
        1, IndexEntry(PERSON, "pilot", background=(good := background_file(office, tmp_path, office.key)))
    )
    look_learning(office, paths)
    nobody = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32))
    for sequence, (packed, why) in enumerate(
        (
            (office.folder.files[background_file(office, tmp_path, nobody).name], "does not know"),
            (b"no background", "backgrounds/"),
        ),
        2,
    ):
        file = office.put("backgrounds", packed, ".background", 1)
        office.publish(sequence, IndexEntry(PERSON, "pilot", background=file))
        report = look_learning(office, paths)
        (refused,) = report.refused
        assert refused[0] is False
        assert why in refused[1]
        assert "\n" not in refused[1]
        assert fetched_background_file(paths).read_bytes() == office.folder.files[good.name]


def test_an_entry_without_a_background_is_as_it_was_before_there_were_any() -> None:
    assert b"background" not in pack_shard({"a": IndexEntry(PERSON, "pilot")})


def test_not_there_wrong_path_and_refused_are_three_lines(office: Office, paths: Paths) -> None:
    office.publish(1, IndexEntry(PERSON, "pilot"))
    assert "has nothing for carl on pc1 (1)" in look(office, paths, "carl").absent
    office.folder.status = 403
    report = look(office, paths)
    assert (report.trouble, report.absent) == ("the folder answers 403", "")
    office.folder.status, office.folder.files = 200, {}
    assert "no longer in the folder: the address may be wrong" in look(office, paths).trouble


def test_a_folder_that_was_never_the_right_one_is_named(office: Office, paths: Paths) -> None:
    report = look(office, paths)
    assert "holds neither" in report.trouble or "has neither steadyhand.index nor any file" in report.trouble
    assert office.folder.asked[0] == INDEX_NAME


def test_a_stick_holds_the_same_and_is_checked_the_same(office: Office, paths: Paths, tmp_path: Path) -> None:
    from agent.runtime.central.folder import CopiedFolder

    office.publish(1, IndexEntry(PERSON, "pilot", None, {MOUSE.key: office.profile(4)}))
    stick = tmp_path / "stick"
    for name, data in office.folder.files.items():
        (stick / name).parent.mkdir(parents=True, exist_ok=True)
        (stick / name).write_bytes(data)
    request = FetchRequest("mira", "pc1", (MOUSE,), lambda: NOW)
    assert fetch_published(CopiedFolder(stick), paths, request).profiles
    (stick / INDEX_NAME).write_bytes(office.folder.files[INDEX_NAME].replace(b"office", b"0ffice"))
    assert fetch_published(CopiedFolder(stick), paths, request).refused
    assert "is not a folder" in fetch_published(CopiedFolder(tmp_path / "no"), paths, request).trouble


def test_an_old_index_and_foreign_files_are_refused(office: Office, paths: Paths) -> None:
    office.publish(5, IndexEntry(PERSON, "pilot", None, {MOUSE.key: office.profile(4)}))
    look(office, paths)
    office.publish(4, IndexEntry(PERSON, "pilot"))
    assert "the index is 4, but 5 was here before" in look(office, paths).refused[0][1]
    file = office.profile(6)
    office.folder.files[file.name] = b"something else"
    office.publish(6, IndexEntry(PERSON, "pilot", None, {MOUSE.key: file}))
    assert "is not the file that the index names" in look(office, paths).refused[0][1]
    del office.folder.files[file.name]
    assert "is named by the index and is not there" in look(office, paths).refused[0][1]


def test_a_new_epoch_is_newer_than_every_version_before(office: Office, paths: Paths) -> None:
    office.publish(epoch_sequence(1, 9), IndexEntry(PERSON, "pilot", None, {MOUSE.key: office.profile(3)}))
    look(office, paths)
    profile = office.profile(epoch_sequence(2, 1))
    office.publish(epoch_sequence(2, 1), IndexEntry(PERSON, "pilot", None, {MOUSE.key: profile}))
    assert look(office, paths).profiles == ["Desk Mouse: version epoch 2, version 1 was installed"]


def test_a_stolen_key_cannot_keep_the_recovery_key_out(office: Office, paths: Paths, keys: Keys) -> None:
    office.publish(epoch_sequence(2**20, 1), IndexEntry(PERSON, "pilot"))
    assert look(office, paths).refused == []
    office.key = keys.stranger
    office.publish(
        epoch_sequence(2, 1), IndexEntry(PERSON, "pilot"), revoked_keys=(keys.administrator.key_id,)
    )
    assert look(office, paths).refused == []
    office.key = keys.administrator
    office.publish(epoch_sequence(2**20, 2), IndexEntry(PERSON, "pilot"))
    assert "no administrator's" in look(office, paths).refused[0][1]


def test_an_excuse_is_the_helpdesks_for_this_person_and_ends(office: Office, paths: Paths) -> None:
    office.publish(1, IndexEntry(PERSON, "pilot"), helpdesk_keys=(HELPDESK.public.raw.hex(),))
    assert look(office, paths).refused == []
    excuse = Excuse(PERSON, NOW.isoformat(), (NOW + timedelta(hours=4)).isoformat())
    name = excuse_name(PERSON)
    for wrong, reason in (
        (sign_excuse(excuse, office.key), "not signed by the helpdesk"),
        (sign_excuse(replace(excuse, person="p-00000000000b"), HELPDESK), "somebody else"),
        (sign_excuse(replace(excuse, until="2027-05-01T00:00:00+00:00"), HELPDESK), "at most 72 hours"),
        (b"{}", "is not an excuse"),
    ):
        office.folder.files[name] = wrong
        assert reason in look(office, paths).refused[0][1]
    office.folder.files[name] = sign_excuse(excuse, HELPDESK)
    assert any("nothing is locked until" in line for line in look(office, paths).lines)
    held = installed_excuse(paths, [HELPDESK.public.raw.hex()], PERSON)
    assert held is not None
    assert held.holds(NOW)
    assert not held.holds(NOW + timedelta(hours=4))
