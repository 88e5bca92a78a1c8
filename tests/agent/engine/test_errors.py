"""The error that people see."""

from __future__ import annotations

import pickle

from agent.engine.errors import SteadyhandError


def test_it_travels_whole_between_processes() -> None:
    told = pickle.loads(pickle.dumps(SteadyhandError("the file is empty", "record again")))  # noqa: S301
    assert (str(told), told.what, told.mend) == (
        "the file is empty: record again",
        "the file is empty",
        "record again",
    )
