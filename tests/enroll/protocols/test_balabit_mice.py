"""The Balabit protocol where an account has two classes of mouse: each is learnt by itself, as in use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from _fastfeat import ActionRows
from enroll.datasets.balabit import LabelledSession
from enroll.datasets.formats import BALABIT
from enroll.datasets.session import DataSession, TableSession
from enroll.protocols import balabit
from enroll.sessions import SessionRows

# Report interval of each session, s; the training sessions begin with t.
INTERVALS_S = {"t1": 0.016, "t2": 0.016, "t3": 0.110, "fast": 0.016, "slow": 0.110, "slower": 0.5}


def named(name: str) -> DataSession:
    return TableSession("a", name, Path(name), BALABIT)


def read(session: DataSession) -> SessionRows:
    return SessionRows("a", session.name, ActionRows.empty(60), np.full(100, INTERVALS_S[session.name]))


def test_a_session_is_judged_by_the_profile_of_its_class_of_mouse(monkeypatch: pytest.MonkeyPatch) -> None:
    learnt: list[list[str]] = []

    def learn(own: Sequence[SessionRows], *_: Any, **__: Any) -> float:
        learnt.append([session.name for session in own])
        return float(len(learnt))

    monkeypatch.setattr(balabit, "learn", learn)
    monkeypatch.setattr(balabit, "session_score", lambda model, rows: model)
    labelled = [LabelledSession(named(name), False) for name in ("fast", "slow", "slower")]
    training = [named(name) for name in ("t1", "t2", "t3")]
    account, scored = balabit._account(training, None, labelled, read, None, None)  # type: ignore[arg-type]
    assert account == "a"
    assert learnt == [["t1", "t2"], ["t3"]]
    # Neither profile is of the slowest one's mouse: the usual one judges it.
    assert [s.score for s in scored] == [1.0, 2.0, 1.0]
    assert [s.is_matched for s in scored] == [True, True, False]
