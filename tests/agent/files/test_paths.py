"""Where files are, and that nobody's environment moves the administrator's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent.files.paths import Paths


def test_everything_is_under_the_root_of_a_test(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    names = [name for name in dir(Paths) if isinstance(getattr(Paths, name), property)]
    names += list(Paths.__dataclass_fields__)
    names.remove("runtime_dir")
    assert paths.runtime_dir is None, "the state folder stands in for it"
    assert len(names) > 10
    if sys.platform == "win32":  # commands come by a pipe, which lies in no folder; each root has its own
        names.remove("command_socket")
        assert str(paths.command_socket).startswith("\\\\.\\pipe\\")
        assert paths.command_socket != Paths.under(tmp_path / "another").command_socket
    assert all(getattr(paths, name).is_relative_to(tmp_path) for name in names)
    assert not any(tmp_path.iterdir())


def test_the_environment_moves_the_users_files_and_not_the_policies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Paths.of_user()
    for name in (
        "XDG_CONFIG_HOME",
        "XDG_STATE_HOME",
        "XDG_CONFIG_DIRS",
        "HOME",
        "PROGRAMDATA",
        "ALLUSERSPROFILE",
    ):
        monkeypatch.setenv(name, str(tmp_path))
    moved = Paths.of_user()
    assert moved.settings_file != before.settings_file
    assert (moved.managed_dir, moved.recommended_dir) == (before.managed_dir, before.recommended_dir)
    assert moved.administrators_keys_dir == before.administrators_keys_dir
    assert not moved.managed_dir.is_relative_to(tmp_path)
