"""Deadline of network work as a whole: name look-up, connection, TLS, request and answer, whatever the other side does.

A time limit of each step does not hold against a server that sends a byte now and then, at any step.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from types import TracebackType
from typing import Any, Self


class Deadline:
    """Cuts every connection that it guards when the time is over. For one thread.

    Parameters
    ----------
    seconds : float
    """

    def __init__(self, seconds: float) -> None:
        self._end_s = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._guarded: list[socket.socket] = []
        self._is_over = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for copy in self._guarded:
                copy.close()
            self._guarded.clear()

    def guard(self, connection: socket.socket) -> None:
        """Cut this connection, too, even if its owner has handed it on or closed it by then.

        Raises
        ------
        TimeoutError
            If the time is over already.
        """
        # A copy of the descriptor: http.client closes its own while the answer is still being read.
        copy = socket.fromfd(connection.fileno(), connection.family, connection.type)
        with self._lock:
            self._guarded.append(copy)
            if self._is_over:
                _shut_down(copy)
        self.check()

    def left_s(self, most_s: float) -> float:
        """Seconds that are left, and `most_s` at the most.

        Raises
        ------
        TimeoutError
            If there are none.
        """
        self.check()
        return min(most_s, self._end_s - time.monotonic())

    def check(self) -> None:
        """Raise TimeoutError if the time is over: what was read until the cut looks like a whole answer."""
        if self._is_over or time.monotonic() >= self._end_s:
            raise TimeoutError("not in time")

    def look_up(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """As `socket.getaddrinfo` for TCP, which knows no time limit.

        Raises
        ------
        OSError
            If there is no such host; TimeoutError if that is not known in time.
        ValueError
            If it cannot be the name of one.
        """
        answers: queue.SimpleQueue[list[tuple[Any, ...]] | OSError | ValueError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
            except (OSError, ValueError) as error:  # no such host; no name at all
                answers.put(error)

        threading.Thread(target=ask, name="steadyhand-look-up", daemon=True).start()
        try:
            answer = answers.get(timeout=self.left_s(threading.TIMEOUT_MAX))
        except queue.Empty:
            raise TimeoutError("the name was not looked up in time") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _cut(self) -> None:
        with self._lock:
            self._is_over = True
            for copy in self._guarded:
                _shut_down(copy)


def _shut_down(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side has closed it already
