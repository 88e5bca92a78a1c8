"""`evaluate`: an option that a protocol does not know is refused before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from enroll.cli import main


@pytest.mark.parametrize(
    ("protocol", "option", "reason"),
    [
        ("balabit", ("--parts", "folds"), "--parts: balabit has no folds that could be kept"),
        ("sapimouse", ("--simulate", "balabit"), "--simulate: sapimouse knows one mouse"),
        ("transfer", ("--days",), "--days: transfer knows no days"),
        ("sufficiency", ("--background", "none"), "--background: sufficiency takes none"),
        ("transfer", ("--detectors", "knn"), "--detectors: transfer compares tables"),
        ("stream", ("--scores", "scores.csv"), "--scores: stream has no single scores"),
        ("stream", ("--jobs", "0"), "--jobs 0"),
    ],
)
def test_what_a_protocol_does_not_know_is_refused_in_one_line(
    protocol: str,
    option: tuple[str, ...],
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["evaluate", protocol, str(tmp_path), *option]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line
