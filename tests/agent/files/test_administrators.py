"""Files that only the administrator can have written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.files import administrators
from agent.files.administrators import list_administrators, read_administrators

pytestmark = pytest.mark.skipif(os.name == "nt", reason="mode bits and owners are POSIX's")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_administrators_files_are_checked_with_their_folders(tmp_path: Path) -> None:
    top = tmp_path / "etc"
    (top / "policies").mkdir(parents=True)
    path = top / "policies" / "p.json"
    path.write_bytes(b"{}")
    uid = os.geteuid()
    assert read_administrators(path, top, uid, 10) == b"{}"
    with pytest.raises(SteadyhandError, match=f"etc/policies belongs to user number {uid}, not to {uid + 1}"):
        read_administrators(path, top, uid + 1, 10)
    for part, bits in ((path, 0o664), (path.parent, 0o777), (top, 0o775)):
        kept = mode(part)
        part.chmod(bits)
        with pytest.raises(SteadyhandError, match=f"{part.name} can be written by others"):
            read_administrators(path, top, uid, 10)
        part.chmod(kept)
    assert read_administrators(path, top, uid, 10) == b"{}"


def test_a_link_to_an_administrators_file_is_refused(tmp_path: Path) -> None:
    top = tmp_path / "etc"
    top.mkdir()
    (top / "real.json").write_bytes(b"{}")
    (top / "p.json").symlink_to("real.json")
    with pytest.raises(SteadyhandError, match="symbolic link"):
        read_administrators(top / "p.json", top, os.geteuid(), 10)


def test_a_pipe_in_the_place_of_a_policy_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.json", 0o600)
    with pytest.raises(SteadyhandError, match="not a plain file"):
        read_administrators(tmp_path / "p.json", tmp_path, os.geteuid(), 10)


def test_a_folder_is_listed_only_where_nobody_else_can_add_to_it(tmp_path: Path) -> None:
    uid = os.geteuid()
    folder = tmp_path / "keys"
    assert list_administrators(folder, tmp_path, uid, ".pem") == []
    folder.mkdir(mode=0o755)
    for name in ("b.pem", "a.pem", "a.txt"):
        (folder / name).touch()
    assert list_administrators(folder, tmp_path, uid, ".pem") == [folder / "a.pem", folder / "b.pem"]
    folder.chmod(0o775)
    with pytest.raises(SteadyhandError, match="keys can be written by others: chmod go-w"):
        list_administrators(folder, tmp_path, uid, ".pem")


def test_where_owners_cannot_be_seen_nothing_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p.json").write_bytes(b"{}")
    monkeypatch.setattr(administrators, "HAS_OWNERS", False)
    with pytest.raises(SteadyhandError, match="there are no functions of Windows here"):
        read_administrators(tmp_path / "p.json", tmp_path, os.geteuid(), 10)
