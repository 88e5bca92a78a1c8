"""Made-up results with the keys that docs/design.md lists, and scores that go with them."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from enroll.protocols.scored import ScoredSession, figures, write_scores

DEPARTED = "pace much higher than the owner's (+0.9 sd over 20 actions)"


def scored_sessions(people: int = 4, each: int = 12) -> list[ScoredSession]:
    rng = np.random.default_rng(7)
    return [
        ScoredSession(
            f"p{who}<&>",
            f"s{who}_{i}",
            i % 2 == 1,
            float(rng.normal(-2.0 if i % 2 else 0.3 * who)),
            0.5,
            i % 3 > 0,
            60,
        )
        for who in range(people)
        for i in range(each)
    ]


def sessions_result(sessions: Sequence[ScoredSession], mode: str = "own") -> dict[str, Any]:
    return {
        "protocol": "balabit",
        "mode": mode,
        **figures(sessions),
        "piece_seconds": None,
        "run_seconds": 1.5,
    }


def stream_result(**changed: Any) -> dict[str, Any]:
    matched = {"intrusions": 40, "caught": 20, "ania_actions_median": 310.5}
    times = {"ania_actions_p90": None, "ania_seconds_median": 702.5}
    rates = ((0.5, 0.0, None), (1, 1.6, 0.41), (2, 3.2, 0.5), (5, 4.8, 0.6), (10, 9.6, 0.7))
    return {
        "mode": "own",
        "folds": "last",
        "active_hours": 25.0,
        "genuine_actions": 30_000,
        "asked_per_40h": 1,
        "false_locks": 1,
        "false_locks_per_40h": 1.6,
        "false_locks_per_user": {"p1": 0, "p2": 1, "p3": 0},
        "anga_actions": 30_000.0,
        "intrusions": 90,
        "caught": 60,
        "caught_by_behaviour": 50,
        "caught_by_configuration": 10,
        "ania_actions_median": 93.0,
        **times,
        "unknown_configuration_sessions": 1,
        "pairs": 6,
        "pairs_never_caught": 1,
        "undetected_after_5min": 0.35,
        "undetected_after_15min": 0.2,
        "no_evidence_share": 0.04,
        "matched": matched | times,
        "curve": [
            {
                "asked_per_40h": asked,
                "false_locks_per_40h": realised,
                "matched_caught_share": share,
                "ania_actions_median": 80.0,
            }
            for asked, realised, share in rates
        ],
        "calibration": {"ks_median": 0.08, "ks_worst": 0.31, "cllr_action": 0.94},
        "device_only_auc": 0.74,
        "run_seconds": 3.0,
        **changed,
    }


def transfer_result() -> dict[str, Any]:
    told = {"features_changed": 88, "features": 121, "same_auc": 0.78, "cross_auc": 0.67}
    worse = {"cross_auc_normalised": 0.65, "recovered_share": -0.18, "recovered_ci95": [-0.4, 0.11]}
    groups = [{"group": "sex: woman", "people": 16, "cross_auc_normalised": 0.73}]
    return {"tables": dict.fromkeys(("minigame", "points", "prototype"), told | worse | {"groups": groups})}


def trace_lines(trusts: Sequence[float], step_s: float = 2.0) -> str:
    lines = []
    for i, trust in enumerate(trusts):
        locks = trust <= 0.0
        lines.append(
            json.dumps(
                {
                    "t_s": 1_000.0 + i * step_s,
                    "verdict": "intruder" if locks else "genuine",
                    "trust": trust,
                    "evidence_llr": 0.0,
                    "reaction": "alert and lock" if locks else "none",
                    "reasons": [DEPARTED] if trust < 50.0 else [],
                }
            )
        )
    return "\n".join(lines) + "\n"


def write_json(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def write_score_table(path: Path, sessions: Sequence[ScoredSession]) -> Path:
    write_scores(path, sessions)
    return path


def score_rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))
