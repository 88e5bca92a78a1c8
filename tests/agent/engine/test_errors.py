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


def test_a_value_as_long_as_a_file_is_shortened_in_the_middle() -> None:
    text = str(SteadyhandError(f"d.json: vendor is '{'x' * 20_000}', not a number", "mend the entry"))
    assert len(text) < 700
    assert text.startswith("d.json: vendor is 'xxx")
    assert text.endswith("xxx', not a number: mend the entry")
