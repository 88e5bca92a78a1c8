"""An agent whose files were replaced restarts while the mouse rests; one whose files are gone says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.runtime.lifecycle.program_watch import REMOVED, REPLACED, ProgramWatch, program_files


class Restarts:
    """What was asked of the restarter."""

    def __init__(self) -> None:
        self.restarts: list[str] = []
        self.notes: list[str] = []

    def restart(self, reason: str) -> None:
        self.restarts.append(reason)

    def tell(self, reason: str) -> None:
        self.notes.append(reason)


class Desk:
    """A program of two files, and somebody at the mouse."""

    def __init__(self, folder: Path) -> None:
        self.files = (folder / "steadyhand", folder / "version")
        for file in self.files:
            file.write_text("old", encoding="utf-8")
        self.events = 0
        self.restarter = Restarts()
        self.watch = ProgramWatch(self.files, lambda: self.events, self.restarter)  # type: ignore[arg-type]

    def replace(self, number: int, text: str = "newer") -> None:
        fresh = self.files[number].with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.files[number])

    def look(self, *, moved: bool = False) -> list[str]:
        self.events += 10 * moved
        self.watch.look()
        return self.restarter.restarts


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_same_files_restart_nothing(desk: Desk) -> None:
    for _ in range(5):
        assert desk.look() == []
    assert desk.restarter.notes == []


def test_replaced_files_restart_once_they_are_settled_and_the_mouse_rests(desk: Desk) -> None:
    desk.look()
    desk.replace(0)
    assert desk.look() == []
    desk.replace(1)
    assert desk.look() == []
    assert desk.look(moved=True) == []
    assert desk.look(moved=True) == []
    assert desk.look() == [REPLACED]
    assert desk.look() == [REPLACED]


def test_the_old_version_put_back_restarts_nothing(desk: Desk) -> None:
    kept = desk.files[0].with_suffix(".old")
    desk.files[0].rename(kept)
    assert desk.look(moved=True) == []
    kept.rename(desk.files[0])
    for _ in range(3):
        assert desk.look() == []


def test_files_that_are_gone_are_told_and_not_started(desk: Desk) -> None:
    desk.files[1].unlink()
    for _ in range(4):
        assert desk.look() == []
    assert desk.restarter.notes == [REMOVED]


def test_the_files_of_this_program_are_there() -> None:
    assert all(path.is_file() for path in program_files())
