"""Rollback protection: what is seen of marks that were deleted, lowered or interrupted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.files.keys import Role
from agent.files.paths import Paths
from agent.files.private import write_private
from agent.files.sequence_numbers import Marks, raise_mark, read_marks, write_marks

FIVE: Marks = {"policy": {"administrator": 5}}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths.under(tmp_path)
    write_marks(paths, FIVE)
    return paths


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda p: p.marks_file.unlink(), "is gone"),
        (
            lambda p: write_private(p.marks_file, b'{"policy": {"administrator": 4}}'),
            "is older than its copy",
        ),
        (lambda p: write_private(p.marks_file, b"{}"), "is older than its copy"),
        (lambda p: write_private(p.marks_file, b"spoilt"), "sequences.json was damaged"),
        (lambda p: write_private(p.marks_copy_file, b"spoilt"), "sequences.json was damaged"),
        (lambda p: p.marks_copy_file.unlink(), ""),
        (lambda p: write_private(p.marks_copy_file, b'{"policy": {"administrator": 4}}'), ""),
    ],
)
def test_one_of_two_files_changed_loses_no_mark(
    paths: Paths, change: Callable[[Paths], None], problem: str
) -> None:
    change(paths)
    marks, problems = read_marks(paths)
    assert marks == FIVE
    assert [problem in line for line in problems] == ([True] if problem else [])


def test_marks_of_an_earlier_version_are_read_without_a_copy(paths: Paths) -> None:
    paths.marks_copy_file.unlink()
    marks, problems = read_marks(paths)
    assert (marks, problems) == (FIVE, [])
    assert raise_mark(marks, "policy", Role.ADMINISTRATOR, 6)
    write_marks(paths, marks)
    paths.marks_file.unlink()
    assert read_marks(paths)[0] == {"policy": {"administrator": 6}}


def test_a_deleted_file_is_reported_until_marks_are_written_again(paths: Paths) -> None:
    paths.marks_file.unlink()
    assert read_marks(paths) == read_marks(paths)
    write_marks(paths, FIVE)
    assert read_marks(paths) == (FIVE, [])
