"""Named pipes that exist in memory alone, and who speaks over them."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Sequence

from agent.files.named_pipes import PipeMessage

OWNER = "S-1-5-80-1-2-3-4-5"
ADA = "S-1-5-21-7-8-9-1001"
_MOST_KEPT = 300


class MemoryPipe:
    """One instance, and the client at its other end."""

    def __init__(self, system: MemoryPipes, number: int) -> None:
        self.handle = self.event = number
        self._system = system
        self._sent: queue.SimpleQueue[PipeMessage] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.account, self.pid = "", 0
        self.offered = self.reading = self.closed = self.left = False

    def begin_connect(self) -> None:
        self.offered = True

    def begin_read(self) -> None:
        if self.left and self._sent.empty():
            raise BrokenPipeError("the client has gone")
        self.reading = True

    def is_ready(self) -> bool:
        if not self.reading:
            return self.account != ""
        return self.left or not self._sent.empty()

    def end(self) -> PipeMessage:
        if not self.reading:
            return PipeMessage(b"", True)
        if self._sent.empty():
            raise BrokenPipeError("the client has gone")
        return self._sent.get()

    def write(self, content: bytes, timeout_s: float) -> None:
        self.answers.put(content)

    def close(self) -> None:
        self.closed = True
        self.answers.put(b"")

    def speak(self, content: bytes) -> None:
        """From the client's side."""
        whole = len(content) <= 16_384
        with self._system.changed:
            self._sent.put(PipeMessage(content[:16_384], whole))
            self._system.changed.notify_all()

    def leave(self) -> None:
        """From the client's side: hang up."""
        with self._system.changed:
            self.left = True
            self._system.changed.notify_all()

    def exchange(self, packet: bytes) -> bytes:
        """From the client's side; see `RelayChannel`."""
        self.speak(packet)
        return self.answers.get(timeout=5.0)


class MemoryPipes:
    """`PipeSystem` in memory."""

    def __init__(self, maker: str = OWNER) -> None:
        self.changed = threading.Condition()
        self.pipes: list[MemoryPipe] = []
        self.ended: set[int] = set()
        self.released: list[int] = []
        self.firsts: list[bool] = []
        self.nameless = False
        self._maker = maker
        self._numbers = itertools.count(1)

    def create(self, *, is_first: bool) -> MemoryPipe:
        self.firsts.append(is_first)
        if len(self.pipes) > _MOST_KEPT:
            self.pipes = [each for each in self.pipes if not each.closed]
        pipe = MemoryPipe(self, next(self._numbers))
        self.pipes.append(pipe)
        return pipe

    def wait(self, handles: Sequence[int], timeout_s: float) -> None:
        assert len(handles) <= 64, "Windows waits for no more at once"
        with self.changed:
            self.changed.wait_for(
                lambda: any(each.event in handles and each.is_ready() for each in self.pipes), timeout_s
            )

    def owner(self, handle: int) -> str:
        return self._maker

    def client(self, handle: int) -> str:
        if self.nameless:
            raise OSError("the pipe's client does not say who it is")
        return self._of(handle).account

    def client_process(self, handle: int) -> int:
        return self._of(handle).pid

    def open_process(self, pid: int) -> int:
        return 10_000 + pid

    def has_ended(self, process: int) -> bool:
        return process - 10_000 in self.ended

    def release(self, process: int) -> None:
        self.released.append(process - 10_000)

    def connect(self, pid: int = 7, account: str = ADA) -> MemoryPipe:
        """As a client: the first instance that is offered, once there is one."""
        end_s = time.monotonic() + 5.0
        while time.monotonic() < end_s:
            with self.changed:
                for pipe in self.pipes:
                    if pipe.offered and not pipe.account and not pipe.closed:
                        pipe.account, pipe.pid = account, pid
                        self.changed.notify_all()
                        return pipe
            time.sleep(0.001)
        raise TimeoutError("all places are taken")

    def _of(self, handle: int) -> MemoryPipe:
        return next(each for each in self.pipes if each.handle == handle)
