"""The figures of a protocol of sessions, and what the device alone gives away."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.engine.errors import SteadyhandError
from enroll.protocols import balabit
from enroll.protocols.device import device_score, matched
from enroll.protocols.run import ProtocolRun
from enroll.protocols.scored import ScoredSession, figures

SHARED = ["sessions", "users", "auc", "auc_ci95", "eer", "auc_per_user", "worst_user_auc", "frr_at_far_1pct"]
KEYS = ["protocol", "mode", *SHARED, "device_only_auc", "matched", "piece_seconds", "run_seconds"]


def scored(account: str, impostor: bool, score: float, is_matched: bool = True) -> ScoredSession:
    return ScoredSession(account, f"s{score}", impostor, score, 0.5, is_matched, 60)


SESSIONS = [
    scored("a", False, 1.0),
    scored("a", True, 0.0),
    scored("b", False, 0.4),
    scored("b", True, 0.5),
    scored("b", True, -9.0, is_matched=False),
]


def test_figures_by_hand() -> None:
    told = figures(SESSIONS)
    # Of 6 pairs, 0.4 loses to 0.5 and everything else wins.
    assert told["auc"] == pytest.approx(5 / 6, abs=1e-5)
    assert told["auc_per_user"] == {"a": 1.0, "b": 0.5}
    assert told["worst_user_auc"] == 0.5
    assert told["device_only_auc"] == 0.5
    assert told["matched"] == {"sessions": 4, "auc": 0.75, "eer": told["matched"]["eer"]}
    assert told["auc_ci95"][0] <= told["auc"] <= told["auc_ci95"][1]


def test_without_one_of_the_classes_there_is_no_figure() -> None:
    told = figures([s for s in SESSIONS if not s.is_impostor])
    assert (told["auc"], told["eer"], told["auc_ci95"], told["worst_user_auc"]) == (None, None, None, None)
    assert told["sessions"] == 2


def test_interval_rule() -> None:
    fast, slow, faster = (np.full(9, s) for s in (0.016, 0.11, 0.0081))
    assert matched(fast, faster)
    assert not matched(fast, slow)
    assert not matched(fast, fast * 2)
    assert not matched(fast, np.empty(0))


def test_device_score_is_one_for_the_same_rates() -> None:
    fast, slow = np.full(50, 0.016), np.full(50, 0.11)
    assert device_score(fast, fast) == pytest.approx(1.0)
    assert device_score(fast, slow) == 0.0
    assert 0.5 < device_score(np.r_[fast, slow], fast) < 1.0
    assert device_score(fast, np.empty(0)) == 0.0


def test_the_protocol_on_synthetic_people(balabit_folder: Path) -> None:
    done: list[str] = []
    told = balabit.evaluate(
        balabit_folder, ProtocolRun(progress=done.append, clock=iter([10.0, 12.5]).__next__)
    )
    assert told.pop("background") is None
    assert list(told) == KEYS
    assert done == ["user1", "user2"]
    assert (told["sessions"], told["users"], told["run_seconds"]) == (8, 2, 2.5)
    assert told["auc"] > 0.9
    json.dumps(told, allow_nan=False)


def test_two_processes_give_the_same_scores(balabit_folder: Path) -> None:
    alone, together = (
        balabit.scored_sessions(balabit_folder),
        balabit.scored_sessions(balabit_folder, ProtocolRun(jobs=2)),
    )
    # The linear algebra library may add up in another order with another number of threads.
    assert [s.score for s in together] == pytest.approx([s.score for s in alone], rel=1e-9)
    assert [replace(s, score=0.0) for s in together] == [replace(s, score=0.0) for s in alone]


def test_an_unknown_mode(balabit_folder: Path) -> None:
    with pytest.raises(SteadyhandError, match="telepathy"):
        balabit.evaluate(balabit_folder, ProtocolRun(mode="telepathy"))


@pytest.mark.data
@pytest.mark.slow
def test_the_real_data_in_own_mode(data: Path) -> None:
    told = balabit.evaluate(data / "balabit", ProtocolRun(jobs=2))
    assert told["auc"] >= 0.90
    assert told["matched"]["auc"] >= 0.87
    assert told["run_seconds"] < 180
