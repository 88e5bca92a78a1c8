"""Background check: finds out which programs connected, in a thread, so that no answer holds the mice up."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from agent.host.listener_program import ListenerProgram
from agent.host.wakeup import Wakeup

_T = TypeVar("_T")
_END: Final = None


class BackgroundCheck(Generic[_T]):
    """One thread that asks, in the order in which it was asked.

    Parameters
    ----------
    check : callable
        What a process runs, by its number. May block some seconds.

    Attributes
    ----------
    wakeup : Wakeup
        Readable while answers wait.
    """

    def __init__(self, check: Callable[[int], ListenerProgram]) -> None:
        self._check = check
        self._asked: queue.SimpleQueue[tuple[_T, int] | None] = queue.SimpleQueue()
        self._answers: deque[tuple[_T, ListenerProgram]] = deque()
        self.wakeup = Wakeup()
        self._thread = threading.Thread(target=self._run, name="steadyhand-check", daemon=True)
        self._thread.start()

    def ask(self, subject: _T, pid: int) -> None:
        """Have a process looked at; the answer comes with `subject`."""
        self._asked.put((subject, pid))

    def answers(self) -> list[tuple[_T, ListenerProgram]]:
        """The answers that have come."""
        self.wakeup.drain()
        return [self._answers.popleft() for _ in range(len(self._answers))]

    def close(self) -> None:
        """Ask nothing more; an answer under way is dropped."""
        self._asked.put(_END)
        self._thread.join(0.2)
        self.wakeup.close()

    def _run(self) -> None:
        while (question := self._asked.get()) is not None:
            subject, pid = question
            self._answers.append((subject, self._check(pid)))
            self.wakeup.wake()
