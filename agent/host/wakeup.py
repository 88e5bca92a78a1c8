"""Wake-up: ends another thread's sleep in `select`, once more or for good."""

from __future__ import annotations

import socket
from typing import Final

_MOST_WAITING: Final = 4096


class Wakeup:
    """What one thread sleeps on beside its sockets, and any other thread may wake it by.

    Two sockets and not a pipe: a closed socket refuses, where a closed number may be another file by then.
    """

    def __init__(self) -> None:
        self._receiving, self._sending = socket.socketpair()
        self._receiving.setblocking(False)
        self._sending.setblocking(False)

    def fileno(self) -> int:
        """What `select` takes: readable since the last `drain` was followed by a `wake`, and after `stop`."""
        return self._receiving.fileno()

    def wake(self) -> None:
        """Wake the thread. Any thread; does not block."""
        try:
            self._sending.send(b"!")
        except OSError:
            return  # enough wait already, or the sleeper has gone

    def drain(self) -> bool:
        """Forget what woke it. The sleeping thread; does not block.

        Returns
        -------
        bool
            False once stopped: the thread is to end.
        """
        try:
            return bool(self._receiving.recv(_MOST_WAITING))
        except BlockingIOError:
            return True

    def stop(self) -> None:
        """Wake the thread for good. Any thread."""
        self._sending.close()

    def close(self) -> None:
        """Give the sockets back, when the thread has ended."""
        self._sending.close()
        self._receiving.close()
