"""Installed profiles: the newest of each, the administrator's before this computer's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import TRANSFERRED, Profile
from agent.files.keys import Role, SigningKey, Trust
from agent.files.paths import Paths
from agent.files.private import private_dir, write_private
from agent.files.profile import SignedProfile, pack_signed, write_profile
from agent.files.profiles import install_profile, installed_profiles, next_sequence

Install: TypeAlias = Callable[..., SignedProfile]


@pytest.fixture
def install(paths: Paths, keys: Any, make_profile: Callable[..., Profile], now: datetime) -> Install:
    """Sign a profile with the key given and install it."""

    def put(key: SigningKey, **changes: Any) -> SignedProfile:
        origin = Role.ADMINISTRATOR if key is keys.administrator else Role.LOCAL
        data = pack_signed(make_profile(**changes), key, origin)
        return install_profile(paths, data, "new", keys.trust, now=now)

    return put


@pytest.fixture
def find(paths: Paths, keys: Any, now: datetime) -> Callable[[], list[int]]:
    """The sequences of the installed profiles."""

    def get() -> list[int]:
        told = installed_profiles(paths, keys.trust, now=now)
        assert told.problems == ()
        return [signed.profile.sequence for signed in told.profiles]

    return get


Find: TypeAlias = Callable[[], list[int]]


def test_an_installed_profile_is_found(install: Install, find: Find, paths: Paths, keys: Any) -> None:
    assert find() == []
    install(keys.administrator, sequence=3)
    assert find() == [3]
    install(keys.administrator, sequence=2, user="noor")
    assert sorted(find()) == [2, 3]
    assert paths.profiles_dir.stat().st_mode & 0o777 == 0o700


def test_a_user_name_cannot_lead_out_of_the_folder(
    install: Install, find: Find, paths: Paths, keys: Any
) -> None:
    install(keys.administrator, user="../../etc/passwd", sequence=6)
    assert [path.parent for path in paths.profiles_dir.rglob("*.profile")] == [paths.profiles_dir]
    assert find() == [6]


def test_a_newer_version_replaces_and_an_older_one_is_refused(
    install: Install, find: Find, keys: Any
) -> None:
    install(keys.administrator, sequence=3)
    install(keys.administrator, sequence=5)
    with pytest.raises(SteadyhandError, match="new is version 4, but version 5 was here before"):
        install(keys.administrator, sequence=4)
    install(keys.administrator, sequence=5)
    assert find() == [5]


def test_an_old_copy_put_back_by_hand_is_refused(
    install: Install, paths: Paths, keys: Any, now: datetime
) -> None:
    install(keys.administrator, sequence=3)
    (file,) = paths.profiles_dir.iterdir()
    old = file.read_bytes()
    install(keys.administrator, sequence=4)
    write_private(file, old)
    told = installed_profiles(paths, keys.trust, now=now)
    assert told.profiles == ()
    assert len(told.problems) == 1
    assert "version 3, but version 4 was here before" in told.problems[0]


def test_files_that_were_put_there_by_hand_count_and_are_remembered(
    paths: Paths, keys: Any, make_profile: Callable[..., Profile], now: datetime, find: Find
) -> None:
    paths.profiles_dir.mkdir(parents=True, mode=0o700)
    paths.state_dir.chmod(0o700)
    for name, key, sequence in (("a", keys.administrator, 6), ("b", keys.local, 9)):
        origin = Role.ADMINISTRATOR if key is keys.administrator else Role.LOCAL
        write_profile(paths.profiles_dir / f"{name}.profile", make_profile(sequence=sequence), key, origin)
    told = installed_profiles(paths, keys.trust, now=now)
    assert [signed.profile.sequence for signed in told.profiles] == [6]
    assert "the administrator's profile was here before" in told.problems[0]
    (paths.profiles_dir / "b.profile").unlink()
    assert find() == [6]
    write_profile(
        paths.profiles_dir / "a.profile", make_profile(sequence=5), keys.administrator, "administrator"
    )
    assert "version 5, but version 6" in installed_profiles(paths, keys.trust, now=now).problems[0]


def test_a_local_profile_never_replaces_the_administrators(
    install: Install, find: Find, paths: Paths, keys: Any
) -> None:
    install(keys.local, sequence=8)
    assert find() == [8]
    install(keys.administrator, sequence=1)
    assert find() == [1]
    with pytest.raises(SteadyhandError, match="the administrator's profile was here before"):
        install(keys.local, sequence=9)
    assert find() == [1]
    for file in paths.profiles_dir.iterdir():
        file.unlink()
    with pytest.raises(SteadyhandError, match="the administrator's profile was here before"):
        install(keys.local, sequence=9)


def test_the_administrators_profile_for_one_mouse_leaves_others_to_this_computer(
    install: Install, paths: Paths, keys: Any, now: datetime
) -> None:
    install(keys.administrator)
    other = MouseConfiguration("evdev", "usb", "1532", "0084", cpi=1600)
    install(keys.local, mouse=other)
    told = installed_profiles(paths, keys.trust, now=now)
    assert sorted(signed.origin for signed in told.profiles) == ["administrator", "local"]
    assert told.problems == ()


def test_a_transferred_profile_stands_beside_and_is_counted_apart(
    install: Install, find: Find, paths: Paths, keys: Any, make_profile: Callable[..., Profile]
) -> None:
    mouse_key, moved = make_profile().mouse.key, {"summary": {TRANSFERRED: "Old Mouse"}}
    install(keys.administrator, sequence=7, **moved)
    install(keys.local, sequence=1)
    assert sorted(find()) == [1, 7], "the administrator's transferred one keeps no local enrolment out"
    assert next_sequence(paths, "mira", mouse_key) == 2
    with pytest.raises(SteadyhandError, match="the administrator's profile was here before"):
        install(keys.local, sequence=8, **moved)
    assert next_sequence(paths, "noor", mouse_key, transferred=True) == 1


def test_an_expired_profile_is_not_installed(install: Install, find: Find, keys: Any) -> None:
    with pytest.raises(SteadyhandError, match="new expired on 2026-02-01"):
        install(keys.administrator, expires="2026-02-01T00:00:00+00:00")
    assert find() == []


def test_an_installed_profile_goes_on_when_it_expires(install: Install, paths: Paths, keys: Any) -> None:
    install(keys.administrator)
    (told,) = installed_profiles(paths, keys.trust, now=datetime(2028, 1, 1, tzinfo=UTC)).profiles
    assert told.expired


def test_a_stranger_or_damage_is_a_problem_of_that_file_alone(
    install: Install, paths: Paths, keys: Any, now: datetime
) -> None:
    install(keys.administrator)
    write_private(paths.profiles_dir / "junk.profile", b"junk")
    told = installed_profiles(paths, keys.trust, now=now)
    assert len(told.profiles) == 1
    assert len(told.problems) == 1
    assert "junk.profile is not a whole profile" in told.problems[0]
    nobody = installed_profiles(paths, Trust(), now=now)
    assert nobody.profiles == ()
    assert len(nobody.problems) == 2


def test_local_sequences_count_up(
    install: Install, paths: Paths, keys: Any, make_profile: Callable[..., Profile]
) -> None:
    mouse_key = make_profile().mouse.key
    assert next_sequence(paths, "mira", mouse_key) == 1
    install(keys.local, sequence=1)
    assert next_sequence(paths, "mira", mouse_key) == 2
    assert next_sequence(paths, "noor", mouse_key) == 1


@pytest.mark.parametrize("marks", [b"", b"[1]", b'{"a": 1}', b'{"a": {"local": "1"}}', b'{"a": {"x": 1}}'])
def test_damaged_marks_are_told_and_begin_afresh(
    install: Install, paths: Paths, keys: Any, now: datetime, marks: bytes
) -> None:
    install(keys.administrator)
    write_private(paths.marks_file, marks)
    told = installed_profiles(paths, keys.trust, now=now)
    assert len(told.profiles) == 1
    assert len(told.problems) == 1
    assert "sequences.json was damaged" in told.problems[0]
    assert installed_profiles(paths, keys.trust, now=now).problems == ()


def test_marks_that_were_deleted_do_not_let_an_older_profile_back(
    install: Install, paths: Paths, keys: Any, now: datetime
) -> None:
    install(keys.administrator, sequence=3)
    (file,) = paths.profiles_dir.iterdir()
    old = file.read_bytes()
    install(keys.administrator, sequence=4)
    paths.marks_file.unlink()
    write_private(file, old)
    listed = installed_profiles(paths, keys.trust, now=now)
    assert listed.profiles == ()
    assert "sequences.json is gone" in listed.problems[0]
    assert "version 3, but version 4 was here before" in listed.problems[1]


def test_both_files_of_marks_gone_after_an_agent_ran_is_reported_once(
    install: Install, paths: Paths, keys: Any, now: datetime
) -> None:
    private_dir(paths.state_dir)
    write_private(paths.chain_file, b"{}")
    assert installed_profiles(paths, keys.trust, now=now).problems == ()
    install(keys.administrator, sequence=3)
    assert installed_profiles(paths, keys.trust, now=now).problems == ()
    for file in (paths.marks_file, paths.marks_copy_file):
        file.unlink()
    (problem,) = installed_profiles(paths, keys.trust, now=now).problems
    assert "sequences.json and its copy are gone" in problem
    assert installed_profiles(paths, keys.trust, now=now).problems == ()
