"""A recording whose writer is killed at any moment keeps every chunk that was acknowledged."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from agent.engine.events import EventBatch
from agent.files.recording import open_recording, read_recording

KEY = bytes(range(32))
KILLS = 50

# Forks a writer each time it is told to, so that fifty kills cost fifty forks and one start of Python.
NURSERY = """
import os, sys
sys.path[:0] = {path!r}
from pathlib import Path
import numpy as np
from agent.engine.events import EventBatch
from agent.files.recording import open_recording

def work(first):
    with open_recording(Path({file!r}), {key!r}) as writer:
        while True:
            n = 1 + first % 400
            t = np.arange(n, dtype=np.int64)
            x = np.full(n, first + 0.5)
            zero = np.zeros(n, np.uint8)
            writer.append([EventBatch.of(t, x, x * t, zero, zero)])
            os.write(1, b"%d %d\\n" % (writer.commit(), first))
            first += 1

for line in sys.stdin:
    child = os.fork()
    if not child:
        work(int(line))
    os.write(1, b"pid %d\\n" % child)
    os.waitpid(child, 0)
    os.write(1, b"gone\\n")
"""


class Nursery:
    """The parent of the writers, and the lines that they say."""

    def __init__(self, file: Path) -> None:
        script = NURSERY.format(path=sys.path, file=str(file), key=KEY)
        self.process = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._rest = b""

    def start(self, first: int) -> None:
        assert self.process.stdin
        self.process.stdin.write(b"%d\n" % first)
        self.process.stdin.flush()

    def line(self) -> list[str]:
        """The next line's words; a writer that says nothing for 10 s fails the test."""
        assert self.process.stdout
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self.process.stdout], [], [], 10)
            assert ready, "the writer says nothing"
            told = os.read(self.process.stdout.fileno(), 65536)
            assert told, "the nursery died"
            self._rest += told
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode().split()

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def found(path: Path) -> list[int]:
    """The numbers of the batches in the file, each checked to be whole."""
    told = []
    for item in read_recording(path, KEY):
        assert isinstance(item, EventBatch)
        first = int(item.x[0])
        assert len(item) == 1 + first % 400
        np.testing.assert_array_equal(item.y, (first + 0.5) * np.arange(len(item)))
        told.append(first)
    return told


@pytest.mark.skipif(os.name == "nt", reason="forks and kills as POSIX does")
def test_fifty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "r" / "a.recording"
    nursery = Nursery(path)
    rng = random.Random(23)
    in_file = 0
    for _ in range(KILLS):
        start = acknowledged = in_file
        wanted, pid = rng.randrange(4), 0
        nursery.start(in_file + 1)
        while (words := nursery.line()) != ["gone"]:
            if words[0] == "pid":
                pid = int(words[1])
            else:
                assert words[0] == words[1], "one chunk a batch"
                acknowledged = int(words[1])
            if pid and acknowledged - start >= wanted:
                time.sleep(rng.uniform(0.0, 0.005))
                os.kill(pid, signal.SIGKILL)
                pid = 0
        numbers = found(path) if path.exists() else []
        in_file = len(numbers)
        assert numbers == list(range(1, in_file + 1))
        assert acknowledged <= in_file <= acknowledged + 1
    nursery.close()
    assert in_file > KILLS, "the writers had no time to write"
    with open_recording(path, KEY) as writer:
        assert writer.append([]) == in_file
