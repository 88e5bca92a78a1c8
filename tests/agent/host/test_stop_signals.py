"""A service is told to end."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator

import pytest

from agent.host.stop_signals import StopSignals


@pytest.fixture(autouse=True)
def former_handlers() -> Iterator[None]:
    former = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in former.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_wakes_the_one_thread_and_a_second_one_does_not_end_the_closing(number: int) -> None:
    with StopSignals() as signals:
        assert not signals.received
        assert select.select([signals.bell], [], [], 0)[0] == []
        os.kill(os.getpid(), number)
        assert select.select([signals.bell], [], [], 5)[0] == [signals.bell]
        assert signals.received
    os.kill(os.getpid(), number)
    assert signals.received
