"""Tables of results between the marks of a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from enroll.report.reliability_text import reliability_lines
from enroll.report.tables import (
    detectors_table,
    replace,
    sessions_table,
    sooner_table,
    stream_table,
    sufficiency_table,
    transfer_table,
)

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


TRANSFER = {
    "tables": {
        "points": {
            "features_changed": 91, "features": 121, "same_auc": 0.764, "cross_auc": 0.649,
            "cross_auc_normalised": 0.776, "recovered_share": 1.1, "recovered_ci95": [0.87, 1.35],
            "same_auc_normalised": 0.86, "recovered_share_of_ceiling": 0.6,
            "sooner": {"sizes": [0, 1, 2], "alone": [None, 0.7, 0.8], "transferred": [0.75, 0.79, 0.9],
                       "gain_ci95": [None, [-0.01, 0.02], [0.05, 0.15]], "alone_size": [1.5, 1.9, 2.0],
                       "alone_size_ci95": [[1.0, 1.7], [1.8, 2.0], [2.0, 2.0]], "as_it_is": 0.6,
                       "pooled": [0.6, 0.65, 0.7]},
        },
        "prototype": {
            "features_changed": 84, "features": 121, "same_auc": None, "cross_auc": 0.598,
            "cross_auc_normalised": 0.74, "recovered_share": None, "recovered_ci95": None,
            "same_auc_normalised": None, "recovered_share_of_ceiling": None, "sooner": None,
        },
    }
}  # fmt: skip


def test_transfer_tables() -> None:
    lines = transfer_table([TRANSFER]).splitlines()
    points = "| points | 91 of 121 | 0.764 | 0.649 | 0.776 | 110 % (87-135) | 0.860 | 60 % |"
    assert lines[2:] == [points, "| prototype | 84 of 121 | - | 0.598 | 0.740 | - | - | - |"]
    lines = sooner_table([TRANSFER]).splitlines()
    assert lines[2] == "| points | 0 tasks | - | 0.600 | 0.600 | 0.750 | - | 1.5 (1-1.7) |"
    assert lines[4].endswith("| 0.900 | +0.050 to +0.150 | 2+ (2+-2+) |")
    assert {line.count("|") for line in lines} == {9}
    made_up = {**TRANSFER["tables"]["points"]["sooner"]}
    assert "Balabit, made-up mouse | 1 action |" in sooner_table([{"tables": {}, "simulated": made_up}])


def test_reliability_of_several_runs_has_a_figure_where_none_alone_has() -> None:
    row = {"asked_per_40h": 5.0, "false_locks": 12, "active_hours": 100.0, "caught": 60, "intrusions": 80}
    few = row | {"asked_per_40h": 0.5, "false_locks": 3}
    lines = reliability_lines([{"reliability": [few, row]}] * 2).splitlines()
    assert lines[2].endswith("| under 20 events | 6 in 200.0 | 120 of 160 |")
    # By hand: one intrusion in 2,000 hours, three of four lock, 0.12 false locks an hour.
    assert lines[3].startswith("| 5 | 0.42 % | 0.33 % (")
    assert lines[3].endswith("| 24 in 200.0 | 120 of 160 |")
