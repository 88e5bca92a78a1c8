"""Private files: made 0600, checked when opened, replaced whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.files import opening
from agent.files.private import (
    open_private,
    private_dir,
    read_private,
    read_settings,
    write_private,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="mode bits and owners are POSIX's")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_new_folders_are_private_all_the_way(tmp_path: Path) -> None:
    made = private_dir(tmp_path / "a" / "b")
    assert (mode(made), mode(made.parent)) == (0o700, 0o700)
    assert private_dir(made) == made


def test_umask_does_not_open_files(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "f", b"x")
        os.close(open_private(tmp_path / "g", os.O_WRONLY | os.O_CREAT))
        assert mode(private_dir(tmp_path / "d")) == 0o700
    finally:
        os.umask(before)
    assert (mode(tmp_path / "f"), mode(tmp_path / "g")) == (0o600, 0o600)


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o622, 0o666])
def test_a_file_open_to_others_is_refused(tmp_path: Path, bits: int) -> None:
    path = tmp_path / "f"
    write_private(path, b"secret")
    path.chmod(bits)
    with pytest.raises(SteadyhandError, match=r"open to others: chmod 600 .*/f"):
        read_private(path, 100)


def test_a_folder_open_to_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir(mode=0o755)
    with pytest.raises(SteadyhandError, match="open to others: chmod 700"):
        private_dir(tmp_path / "d")


def test_links_are_not_followed(tmp_path: Path) -> None:
    write_private(tmp_path / "f", b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "f")
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "dirlink").symlink_to(tmp_path / "real")
    with pytest.raises(SteadyhandError, match="symbolic link"):
        read_private(tmp_path / "link", 100)
    with pytest.raises(SteadyhandError, match="not a folder"):
        private_dir(tmp_path / "dirlink")


def test_somebody_elses_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_private(tmp_path / "f", b"secret")
    monkeypatch.setattr(opening, "effective_uid", lambda: os.geteuid() + 1)
    with pytest.raises(SteadyhandError, match=f"belongs to user number {os.geteuid()}"):
        read_private(tmp_path / "f", 100)


def test_what_is_not_a_plain_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(SteadyhandError, match="not a plain file"):
        read_private(tmp_path / "d", 100)
    with pytest.raises(SteadyhandError, match="not a plain file"):
        read_private(Path("/dev/null"), 100)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    write_private(path, b"old")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(
            SteadyhandError, match=r"cannot write .*/f \(No space left on device\): make room"
        ):
            write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["f"]
    write_private(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    write_private(tmp_path / "f", b"x" * 11)
    assert read_private(tmp_path / "f", 11) == b"x" * 11
    with pytest.raises(SteadyhandError, match="more than 10 bytes"):
        read_private(tmp_path / "f", 10)


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        read_private(tmp_path / "nothing", 10)
    assert raised.value.filename == str(tmp_path / "nothing")


def test_settings_may_be_a_link_and_readable_but_not_anybodys(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"a")
    (tmp_path / "link").symlink_to("real")
    assert read_settings(tmp_path / "link", 10) == b"a"
    (tmp_path / "real").chmod(0o646)
    with pytest.raises(SteadyhandError, match="written by anybody"):
        read_settings(tmp_path / "link", 10)
