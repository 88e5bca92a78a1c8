"""Scripted stand-ins for operating systems: whatever a test did not script is refused."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

if sys.platform != "win32":  # which has no such bus, and runs the tests that do not ask for it
    from tests.agent.host.scripted_bus import ScriptedBus as ScriptedBus


class FakeClock:
    """Monotonic nanoseconds that move only when told to."""

    def __init__(self) -> None:
        self.now_ns = 1_000_000_000_000

    def __call__(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.now_ns += int(seconds * 1e9)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def bus() -> Any:
    return ScriptedBus()


@pytest.fixture
def scripted() -> Callable[..., Any]:
    """A table of functions: ``scripted(name=result or callable)``; any other name is refused."""

    class Table:
        def __init__(self, **functions: Any) -> None:
            self._functions = functions
            self.calls: list[tuple[Any, ...]] = []

        def __getattr__(self, name: str) -> Callable[..., Any]:
            if name not in self._functions:
                raise AssertionError(f"not scripted: {name}")
            known = self._functions[name]

            def function(*arguments: Any) -> Any:
                self.calls.append((name, *arguments))
                return known(*arguments) if callable(known) else known

            return function

    return Table
