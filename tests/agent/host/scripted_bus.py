"""Scripted D-Bus: services, answers and signals that a test wrote down; anything else is refused."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

from agent.host.linux.bus import BusError, BusOwner, Listening, Service, Signal

Answer = Any


class ScriptedListening:
    """Signals that a test wrote down."""

    def __init__(self, signals: list[Signal]) -> None:
        self._signals = signals
        self.closed = False

    def signals(self) -> Iterator[Signal]:
        yield from self._signals

    def close(self) -> None:
        self.closed = True


class ScriptedConversation:
    """A connection that stays open: its calls are the bus's, its signals are put in by the test."""

    def __init__(self, bus: ScriptedBus) -> None:
        self._bus = bus
        self._signals: queue.SimpleQueue[Signal | None] = queue.SimpleQueue()
        self.closed = threading.Event()

    def call(
        self, to: Service, method: str, signature: str = "", *body: Any, timeout_s: float = 0.2
    ) -> tuple[Any, ...]:
        return self._bus.call(to, method, signature, *body, timeout_s=timeout_s)

    def say(self, signal: Signal) -> None:
        self._signals.put(signal)

    def signals(self) -> Iterator[Signal]:
        while (signal := self._signals.get()) is not None:
            yield signal

    def close(self) -> None:
        self.closed.set()
        self._signals.put(None)


class ScriptedBus:
    """A `Bus` that knows some services, and the answers to some calls.

    An answer is what the call returns, a `BusError` to raise, or a list of answers that are used up one by
    one, the last one for ever.
    """

    def __init__(self) -> None:
        self.present: set[str] = set()
        self.answers: dict[str, Answer] = {}
        self.problems: dict[str, str] = {}
        self.owners: dict[str, BusOwner | BusError] = {}
        self.signals: dict[str, list[Signal]] = {}
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.rules: list[dict[str, str]] = []
        self.conversations: list[ScriptedConversation] = []

    def call(
        self, to: Service, method: str, signature: str = "", *body: Any, timeout_s: float = 0.2
    ) -> tuple[Any, ...]:
        self.calls.append((method, body))
        return tuple(self._answer(f"{to.interface}.{method}", to.path))

    def take_descriptor(self, to: Service, method: str, signature: str, *body: Any) -> int:
        self.calls.append((method, body))
        return int(self._answer(f"{to.interface}.{method}", to.path))

    def get(self, of: Service, name: str) -> Any:
        return self._answer(f"{of.interface}.{name}", of.path)

    def has(self, service: Service) -> bool:
        return service.name in self.present

    def problem(self, bus: str) -> str:
        return self.problems.get(bus, "")

    def owner(self, service: Service) -> BusOwner:
        if service.name not in self.owners:
            raise AssertionError(f"not scripted: the owner of {service.name}")
        owner = self.owners[service.name]
        if isinstance(owner, BusError):
            raise owner
        return owner

    def listen(self, bus: str, rules: list[dict[str, str]]) -> Listening:
        if bus not in self.signals:
            raise BusError(f"no {bus.lower()} bus: a test")
        self.rules += rules
        return ScriptedListening(self.signals[bus])

    def converse(self, bus: str, rules: list[dict[str, str]]) -> ScriptedConversation:
        if bus not in self.signals:
            raise BusError(f"no {bus.lower()} bus: a test")
        self.rules += rules
        conversation = ScriptedConversation(self)
        self.conversations.append(conversation)
        return conversation

    def _answer(self, what: str, path: str) -> Any:
        if what not in self.answers:
            raise AssertionError(f"not scripted: {what} at {path}")
        answer = self.answers[what]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, BusError):
            raise answer
        return answer
