"""Stop signals of a service whose one thread waits in `select`: SIGTERM and SIGINT wake it."""

from __future__ import annotations

import signal
import socket
from types import TracebackType
from typing import Final, Self

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class StopSignals:
    """Takes the signals while its block runs. Main thread only.

    Attributes
    ----------
    bell : socket
        Becomes readable with each signal.
    """

    def __enter__(self) -> Self:
        self._received: list[int] = []
        self.bell, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno())
        for number in _SIGNALS:
            signal.signal(number, self._receive)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        # The handlers stay: a second signal must not cut off what the service does at its end.
        signal.set_wakeup_fd(-1)
        self.bell.close()
        self._waker.close()

    @property
    def received(self) -> bool:
        """Whether the service was told to end."""
        return bool(self._received)

    def _receive(self, number: int, _frame: object) -> None:
        self._received.append(number)
