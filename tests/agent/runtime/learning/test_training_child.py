"""A training child that crashes, or ends in the middle of what it is given, is a failure that is said, and no wait."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.events import EventBatch, StreamItem
from agent.runtime.learning.training_child import run_training_child

WITHIN_S = 60.0
ENDS = {
    "an access violation": "import ctypes; ctypes.string_at(0)",
    "an abort": "import os; os.abort()",
    "an access violation while it reads": "import sys, ctypes; sys.stdin.buffer.read(100); ctypes.string_at(0)",
    "an end without a word": "import os; os._exit(3)",
    "an exception": "raise RuntimeError('the disk is full')",
}


def recorded() -> Iterator[StreamItem]:
    """More than any pipe holds."""
    for number in range(200):
        count = 2000
        t_ns = np.arange(count, dtype=np.int64) * 8_000_000 + number * count * 8_000_000
        place, flags = np.zeros(count), np.zeros(count, np.uint8)
        yield EventBatch(
            t_ns, place, place, flags, flags, np.zeros(count, np.int16), np.zeros(count, np.bool_)
        )


@pytest.mark.parametrize("script", ENDS.values(), ids=ENDS)
def test_a_child_that_ends_is_said_to_have_failed(script: str) -> None:
    outcome: list[BaseException] = []

    def train() -> None:
        try:
            run_training_child([sys.executable, "-c", script], {"user": "ada"}, (), recorded())
        except (SteadyhandError, OSError) as error:
            outcome.append(error)

    thread = threading.Thread(target=train, daemon=True)
    thread.start()
    thread.join(WITHIN_S)
    assert not thread.is_alive(), "the agent waits for ever"
    (error,) = outcome
    assert isinstance(error, SteadyhandError)
    assert "training ended with code" in str(error)
