"""What is installed, noticed by hash."""

from __future__ import annotations

import os

from agent.config.fingerprints import UNREADABLE, Fingerprints
from agent.files.paths import Paths
from agent.files.private import private_dir, write_private
from tests.agent.config.test_loading import put_policy

UID = os.geteuid() if os.name != "nt" else 0


def test_policies_and_profiles_are_known_by_their_content(paths: Paths) -> None:
    prints = Fingerprints(paths, UID)
    nothing = prints.look()
    assert (nothing.policy, nothing.problems, nothing.profiles) == ("", (), {})
    private_dir(paths.profiles_dir)
    file = paths.profiles_dir / "a.profile"
    write_private(file, b"one")
    put_policy(paths.managed_dir, {"judgement": {"mode": "enforce"}})
    first = prints.look()
    assert len(first.policy) == 64
    assert prints.look() == first
    write_private(file, b"two")
    os.utime(file, ns=(0, 0))
    second = prints.look()
    assert second.profiles != first.profiles
    assert second.policy == first.policy
    put_policy(paths.managed_dir, "{")
    third = prints.look()
    assert third.policy == ""
    assert "managed policy not used" in third.problems[0]


def test_a_change_in_place_that_restores_size_and_time_is_seen(paths: Paths) -> None:
    private_dir(paths.profiles_dir)
    file = paths.profiles_dir / "a.profile"
    write_private(file, b"one")
    prints = Fingerprints(paths, UID)
    first = prints.look()
    told = file.stat()
    with file.open("r+b") as handle:
        handle.write(b"two")
    os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns))
    assert prints.look().profiles != first.profiles


def test_what_cannot_be_read_is_named_so(paths: Paths) -> None:
    private_dir(paths.profiles_dir)
    (paths.profiles_dir / "a.profile").symlink_to("/etc/passwd")
    assert Fingerprints(paths, UID).look().profiles == {"a.profile": UNREADABLE}
