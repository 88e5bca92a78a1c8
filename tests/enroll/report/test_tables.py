"""Tables of results between the marks of a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from enroll.report.tables import detectors_table, replace, sessions_table, stream_table, sufficiency_table

RESULT = {
    "protocol": "balabit", "mode": "own", "sessions": 1541, "auc": 0.9421, "auc_ci95": [0.9, 0.98], "eer": 0.117,
    "frr_at_far_1pct": 0.78, "worst_user_auc": 0.8, "device_only_auc": None, "run_seconds": 24.2,
    "matched": {"sessions": 352, "auc": 0.929, "eer": None}, "detectors": "knn",
}  # fmt: skip
STREAM = {
    "mode": "own", "folds": "last", "false_locks": 6, "active_hours": 27.9, "false_locks_per_40h": 8.6, "caught": 229,
    "intrusions": 328, "matched": {"caught": 90, "intrusions": 189, "ania_actions_median": None,
    "ania_seconds_median": 12.0}, "ania_actions_median": 77.5, "undetected_after_5min": 0.51,
    "undetected_after_15min": 0.41, "pairs_never_caught": 2, "pairs": 40,
}  # fmt: skip


def test_sessions_have_a_line_for_all_and_one_for_the_matched() -> None:
    lines = sessions_table([RESULT]).splitlines()
    assert lines[2].startswith("| own | all 1,541 | 0.942 (0.900-0.980) | 11.7 % | 78 % | 0.800 | - | 24 |")
    assert lines[3].startswith("| | matched 352 | 0.929 | - |")
    assert {line.count("|") for line in lines} == {lines[0].count("|")}


def test_detectors_and_stream() -> None:
    assert "| balabit, own | knn | 0.942 | 11.7 % | 0.929 | - |" in detectors_table([RESULT])
    told = stream_table([STREAM, STREAM])
    assert "| median actions, matched | never for half | never for half |" in told
    assert "| false locks, in active hours | 6 in 27.9 | 6 in 27.9 |" in told


def test_what_was_expected_stands_beside_what_was_seen() -> None:
    figures = {
        **{"people": 10, "predicted": 0.349, "actual": 0.371, "mean_error": 0.107},
        **{"mean_error_of_the_curve": 0.113, "spearman": None},
    }
    told = {"mode": "own", "now": [{"minutes": 40.0, **figures}], "doubled": [{"minutes": 20.0, **figures}]}
    lines = sufficiency_table([told | {"now_all": figures | {"spearman": 0.675}}]).splitlines()
    assert lines[2] == "| own | 20 min | twice as much | 10 | 34.9 % | 37.1 % | 10.7 % | 11.3 % | - |"
    assert lines[3].startswith("| own | 40 min | so much | 10 |")
    assert lines[4].endswith("| 0.68 |")
    assert {line.count("|") for line in lines} == {lines[0].count("|")}


def test_only_what_is_between_the_marks_changes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n<!-- own -->\nold\n<!-- /own -->\nprose\n")
    replace(page, "own", "new")
    assert page.read_text() == "# A\n<!-- own -->\nnew\n<!-- /own -->\nprose\n"
    for text in ("", "<!-- own -->", "<!-- /own --><!-- own -->"):
        page.write_text(text)
        with pytest.raises(SteadyhandError, match="no block own"):
            replace(page, "own", "new")
        assert page.read_text() == text
