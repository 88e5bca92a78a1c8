"""logind's files of state, read as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.host.linux.session_files import StateFile, read_facts, state_files


def test_files_come_in_the_order_of_their_names_without_pipes_and_unfinished_ones(tmp_path: Path) -> None:
    (tmp_path / "3").write_text("UID=1001\n")
    (tmp_path / "1").write_text("# This is private data. Do not parse.\nUID=1000\nDESKTOP=a=b\n")
    (tmp_path / "1.ref").touch()
    (tmp_path / ".#4abc").write_text("UID=1002\n")
    assert state_files(tmp_path) == [
        StateFile("1", {"UID": "1000", "DESKTOP": "a=b"}),
        StateFile("3", {"UID": "1001"}),
    ]


def test_a_session_that_has_just_ended_has_no_facts(tmp_path: Path) -> None:
    assert read_facts(tmp_path / "2") is None
    assert state_files(tmp_path / "none") == []


@pytest.mark.parametrize(("uid", "expected"), [("0", 0), ("4294967295", 4294967295), ("99999999999", None)])
def test_only_plain_numbers_are_uids(uid: str, expected: int | None) -> None:
    assert StateFile("2", {"UID": uid}).uid == expected
    assert StateFile("2", {"UID": f"-{uid}"}).uid is None
    assert StateFile("2", {}).uid is None
