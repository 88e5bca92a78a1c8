"""Windows' links: what `lstat` shows of them, on scripted results."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.files import opening
from agent.files.opening import HANDED_FILE, NAMED_FILE, open_checked
from agent.files.reparse import is_plain_folder, is_surrogate, refuse_link

# winnt.h: IO_REPARSE_TAG_SYMLINK, _MOUNT_POINT, _DEDUP, _WOF
SYMLINK, JUNCTION, DEDUP, COMPRESSED = 0xA000000C, 0xA0000003, 0x80000013, 0x80000017


def status(tag: int = 0, mode: int = stat.S_IFDIR) -> Any:
    return SimpleNamespace(st_mode=mode, st_reparse_tag=tag, st_dev=1, st_ino=7)


@pytest.mark.parametrize(
    ("tag", "link"), [(0, False), (SYMLINK, True), (JUNCTION, True), (DEDUP, False), (COMPRESSED, False)]
)
def test_a_tag_says_whether_a_name_stands_for_something_else(tag: int, link: bool) -> None:
    assert is_surrogate(status(tag)) is link
    assert is_plain_folder(status(tag)) is not link
    assert not is_plain_folder(status(tag, stat.S_IFREG))


def test_where_there_is_no_tag_the_mode_decides(tmp_path: Path) -> None:
    assert is_plain_folder(tmp_path.lstat())
    (tmp_path / "link").symlink_to(tmp_path)
    assert not is_plain_folder((tmp_path / "link").lstat())


def test_without_a_flag_of_the_system_a_link_is_refused_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_NO_LINK", 0)
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"content")
    link.symlink_to(target)
    with pytest.raises(OSError, match="symbolic") as refused:
        open_checked(link, HANDED_FILE)
    assert refused.value.errno == errno.ELOOP
    for path, rule in ((target, HANDED_FILE), (link, NAMED_FILE)):
        os.close(open_checked(path, rule))


def test_another_file_under_the_name_is_refused(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.touch()
    second.touch()
    refuse_link(first, first.stat())
    with pytest.raises(OSError, match="symbolic"):
        refuse_link(first, second.stat())
