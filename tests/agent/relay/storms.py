"""Programs of an attacker against the relay's pipe, in memory or real. Against the Unix socket: tests/attack."""

from __future__ import annotations

import json
import queue
import random
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Final, NamedTuple, Protocol

from tests.agent.relay.pipes import MemoryPipe, MemoryPipes

HOSTILE: Final = (
    b"{",
    b"[" * 16_000,
    b"\xff" * 16_384,
    b"x" * 60_000,
    b"null",
    b'{"form": 2}',
    b'{"a":' * 60 + b"1" + b"}" * 60,
    b'{"a": 1e999}',
)
_LONGER_S: Final = 30.0
SILENT: Final = 30
"""So many connections that say nothing are held open."""


class Channel(Protocol):
    """One connection to a relay, from a program's side."""

    def write(self, content: bytes) -> None:
        """Send a packet."""

    def read(self, timeout_s: float) -> bytes:
        """The answer. Raises OSError where there is none in time."""

    def close(self) -> None:
        """Hang up."""


Opener = Callable[[], Channel]


class MemoryChannel:
    """Over a pipe that exists in memory alone."""

    def __init__(self, pipe: MemoryPipe) -> None:
        self._pipe = pipe

    def write(self, content: bytes) -> None:
        if self._pipe.closed:
            raise BrokenPipeError("the relay has hung up")
        self._pipe.speak(content)

    def read(self, timeout_s: float) -> bytes:
        try:
            return self._pipe.answers.get(timeout=timeout_s)
        except queue.Empty as none_came:
            raise TimeoutError("no answer") from none_came

    def close(self) -> None:
        self._pipe.leave()


class PipeChannel:
    """Over the real named pipe of Windows."""

    def __init__(self, name: str) -> None:
        from agent.files.pipe_endpoints import open_pipe

        self._end = open_pipe(name, 2.0)

    def write(self, content: bytes) -> None:
        self._end.write(content)

    def read(self, timeout_s: float) -> bytes:
        return self._end.read(timeout_s).content

    def close(self) -> None:
        self._end.close()


def memory_opener(pipes: MemoryPipes, account: str, pid: int) -> Opener:
    """As a process of an account."""
    return lambda: MemoryChannel(pipes.connect(pid, account))


def an_alert() -> bytes:
    """A valid alert that says of itself that it is critical."""
    fields = {"form": 1, "finding_id": str(uuid.uuid4()), "record_id": str(uuid.uuid4()), "kind": "intruder"}
    fields |= {
        "activity": 1,
        "severity": 5,
        "time_unix_ns": 1,
        "user": "ceo",
        "host": "h",
        "message": "m" * 2000,
    }
    return json.dumps(fields | {"reasons": [], "detail": {}}).encode()


class Storm(NamedTuple):
    """What the attacker's programs have done."""

    connections: int
    packets: int
    taken: int
    refused: int


def storm(open_channel: Opener, seconds: float) -> Storm:
    """All three programs at once, each on a thread."""
    end_s = time.monotonic() + seconds
    with ThreadPoolExecutor(3) as threads:
        silent = threads.submit(_open_many, open_channel, end_s)
        garbage = threads.submit(_send_garbage, open_channel, end_s)
        alerts = threads.submit(_send_alerts, open_channel, end_s)
    return Storm(silent.result(), garbage.result(), *alerts.result())


def _open_many(open_channel: Opener, end_s: float) -> int:
    """Opens connections as fast as it can; most it keeps for a while, none says anything."""
    rng, held, count = random.Random(7), list[Channel](), 0
    while time.monotonic() < end_s:
        try:
            held.append(open_channel())
            count += 1
        except OSError:
            time.sleep(0.001)
        if len(held) > SILENT:
            held.pop(rng.randrange(len(held))).close()
    for channel in held:
        channel.close()
    return count


def _send_garbage(open_channel: Opener, end_s: float) -> int:
    """Garbage of every kind, answers that are not read, connections dropped at any moment."""
    rng, count = random.Random(8), 0
    while time.monotonic() < end_s:
        with suppress(OSError), closing(open_channel()) as channel:
            for _ in range(rng.randrange(1, 6)):
                packet = bytearray(rng.choice((*HOSTILE, an_alert()[:300])))
                packet[rng.randrange(len(packet))] = rng.randrange(256)
                channel.write(bytes(packet))
                count += 1
                if rng.random() < 0.5:
                    channel.read(2.0)
    return count


def _send_alerts(open_channel: Opener, end_s: float) -> tuple[int, int]:
    """Valid alerts, all critical, beyond the account's share: how many were taken and refused."""
    taken = refused = 0
    # A slow computer takes longer to use the share up.
    while time.monotonic() < end_s or (not refused and time.monotonic() < end_s + _LONGER_S):
        with suppress(OSError), closing(open_channel()) as channel:
            for _ in range(20):
                channel.write(an_alert())
                content = channel.read(2.0)
                if not content:
                    break
                taken, refused = taken + (b'"taken"' in content), refused + (b'"refused"' in content)
    return taken, refused


if __name__ == "__main__":
    sys.stdout.write(json.dumps(storm(lambda: PipeChannel(sys.argv[1]), float(sys.argv[2]))))
