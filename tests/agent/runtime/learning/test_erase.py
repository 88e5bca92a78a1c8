"""Erasing recordings needs a proven identity, and leaves word of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.files.ledger import Gone, RecordingLedger
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.recordings import list_recordings
from agent.runtime.learning.erase import erase_as_owner


@dataclass
class Person:
    can_be_asked: bool
    is_owner: bool

    def available(self) -> bool:
        return self.can_be_asked

    def confirm(self, why: str) -> bool:
        assert self.can_be_asked
        assert "erase" in why
        return self.is_owner


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths.under(tmp_path)
    private_dir(paths.recordings_dir)
    (paths.recordings_dir / "a.recording").touch()
    RecordingLedger(paths).gone()
    return paths


def test_the_owner_erases_and_the_agent_can_say_so(paths: Paths) -> None:
    assert erase_as_owner(paths, list_recordings(paths.recordings_dir), Person(True, True)) == 1
    assert RecordingLedger(paths).gone() == Gone(by_owner=1)


@pytest.mark.parametrize(
    ("person", "what"), [(Person(True, False), "did not prove"), (Person(False, True), "cannot check")]
)
def test_nobody_else_erases_anything(paths: Paths, person: Person, what: str) -> None:
    with pytest.raises(SteadyhandError, match=what):
        erase_as_owner(paths, list_recordings(paths.recordings_dir), person)
    assert len(list_recordings(paths.recordings_dir)) == 1
