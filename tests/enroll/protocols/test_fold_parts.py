"""Kept folds: an interrupted run goes on where it was, and takes nothing that other code or other tables made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agent.files.background import Background
from enroll.datasets.balabit import accounts, training_sessions
from enroll.protocols import code_digest, fold_parts
from enroll.protocols.code_digest import code_of, judging_code
from enroll.protocols.fold_parts import FoldParts, fold_key
from enroll.protocols.rows import RowReader
from enroll.protocols.stream_plan import Fold
from enroll.protocols.stream_records import Record
from enroll.protocols.stream_session import PlannedSession

_RUNS: list[str] = []


def _run(
    fold: Fold, read: RowReader, detectors: Sequence[str] | None, background: Background | None
) -> list[Record]:
    _RUNS.append(fold.account)
    return []


@pytest.fixture
def fold(balabit_folder: Path) -> Fold:
    owner, intruder = (
        tuple(PlannedSession.single(session) for session in training_sessions(balabit_folder, account))
        for account in accounts(balabit_folder)
    )
    return Fold("user1", owner[:1], owner[1:], intruder, None)


def test_a_fold_that_is_kept_is_not_run_again(fold: Fold, tmp_path: Path) -> None:
    _RUNS.clear()
    for _ in range(2):
        assert FoldParts(tmp_path, _run)(fold, RowReader(), None, None) == []
    assert _RUNS == ["user1"]


def test_other_code_other_tables_and_other_parts_are_other_keys(
    fold: Fold, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fold_key(fold, None, None)
    table = tmp_path / "session_0"
    recording = fold.streamed[0].recordings[0]
    table.write_bytes(recording.path.read_bytes() + b"\n")
    changed = PlannedSession.single(replace(recording, path=table))  # type: ignore[type-var]
    assert len({before, fold_key(replace(fold, streamed=(changed,)), None, None)}) == 2
    assert fold_key(replace(fold, cohort=fold.intruding), None, None) != before
    assert fold_key(replace(fold, enrolment=fold.streamed, streamed=fold.enrolment), None, None) != before
    assert fold_key(fold, ["knn"], None) != before
    monkeypatch.setattr(fold_parts, "judging_code", lambda: "other code")
    assert fold_key(fold, None, None) != before


def test_words_about_code_are_no_code() -> None:
    plain = "def f(x):\n    return x\n"
    assert code_of('"""Module."""\n\n# why\ndef f(x):\n    """Docstring."""\n    return x\n') == code_of(
        plain
    )
    assert code_of("def f(x):\n    return x + 1\n") != code_of(plain)
    assert len(judging_code()) == 64


def test_every_protocol_and_detector_counts_and_no_page_does() -> None:
    modules = set(code_digest._modules())
    assert {"enroll.protocols.stream", "enroll.limits", "agent.engine.sequential_test"} <= modules
    assert {"enroll.fit.differences", "agent.engine.detectors.plda", "enroll.background.shipped"} <= modules
    assert not any(name.startswith(("enroll.report", "enroll.commands", "agent.files")) for name in modules)
