"""Recordings that go: noticed once, over restarts, with who allowed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.files.ledger import LEARNT, OWNER, Gone, RecordingLedger
from agent.files.paths import Paths
from agent.files.private import private_dir


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths.under(tmp_path)
    private_dir(paths.recordings_dir)
    for name in "abc":
        (paths.recordings_dir / f"{name}.recording").touch()
    return paths


def erase(paths: Paths, name: str) -> None:
    (paths.recordings_dir / f"{name}.recording").unlink()


def test_what_goes_is_told_once_and_by_whom(paths: Paths) -> None:
    ledger = RecordingLedger(paths)
    assert ledger.gone() == Gone(), "what was not known before has not gone"
    ledger.allow(["a.recording"], OWNER)
    ledger.allow(["b.recording"], LEARNT)
    for name in "abc":
        erase(paths, name)
    assert RecordingLedger(paths).gone() == Gone(by_owner=1, by_nobody=1), "also in the next run"
    assert ledger.gone() == Gone()


def test_a_word_given_for_a_recording_that_stays_holds_until_it_goes(paths: Paths) -> None:
    ledger = RecordingLedger(paths)
    ledger.gone()
    ledger.allow(["a.recording"], OWNER)
    erase(paths, "b")
    assert ledger.gone() == Gone(by_nobody=1)
    erase(paths, "a")
    assert ledger.gone() == Gone(by_owner=1)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a.recording": 3}', b"[" * 5000, b"\xff"])
def test_damaged_files_are_as_none(paths: Paths, content: bytes) -> None:
    for path in (paths.recordings_known_file, paths.recordings_erased_file):
        path.write_bytes(content)
        path.chmod(0o600)
    ledger = RecordingLedger(paths)
    assert ledger.gone() == Gone()
    erase(paths, "a")
    assert ledger.gone() == Gone(by_nobody=1)
