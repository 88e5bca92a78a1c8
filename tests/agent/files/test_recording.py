"""Recordings: whole after a crash, unreadable without the key, refused when changed."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.files.chunks import HEAD_BYTES, ChunkCipher
from agent.files.recording import open_recording, read_recording
from agent.files.recordings import erase_recordings, list_recordings
from agent.files.stream import Session

KEY = bytes(range(32))
MOUSE = MouseConfiguration("evdev", "usb", "046d", "c077", cpi=1000)


def events(number: int, n: int = 12) -> EventBatch:
    """A batch that says which one it is: every x is `number`."""
    t_ns = number * 1_000_000_000 + np.arange(n, dtype=np.int64) * 8_000_000
    x = np.full(n, float(number))
    return EventBatch.of(t_ns, x, np.arange(n, dtype=float), np.zeros(n, np.uint8), np.zeros(n, np.uint8))


def numbers(items: list[StreamItem]) -> list[int]:
    return [int(item.x[0]) for item in items if isinstance(item, EventBatch)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recordings" / "a.recording"


@pytest.fixture
def recorded(path: Path) -> Path:
    """Five chunks: a session, events 1 and 2 with a boundary between, events 3, events 4."""
    with open_recording(path, KEY) as writer:
        for items in (
            [Session(MOUSE, 0, 1)],
            [events(1), Boundary(5, Cause.SLEEP, "lid"), events(2)],
            [events(3)],
            [events(4)],
        ):
            writer.append(items)
    return path


def chunk_starts(data: bytes) -> list[int]:
    """Where each chunk begins, and the end."""
    starts = [HEAD_BYTES]
    while starts[-1] < len(data):
        starts.append(starts[-1] + 12 + int.from_bytes(data[starts[-1] : starts[-1] + 4], "little"))
    return starts


def test_a_recording_comes_back_in_order(recorded: Path) -> None:
    reader = read_recording(recorded, KEY)
    items = list(reader)
    assert numbers(items) == [1, 2, 3, 4]
    assert items[1] == Boundary(5, Cause.SLEEP, "lid")
    assert reader.session == Session(MOUSE, 0, 1)
    assert reader.torn_bytes == 0
    assert recorded.stat().st_mode & 0o777 == 0o600


def test_nothing_of_it_can_be_read_without_the_key(recorded: Path) -> None:
    data = recorded.read_bytes()
    for told in (b"evdev", b"046d", b"SLEEP", b"lid", events(3).y.tobytes()):
        assert told not in data
    with pytest.raises(SteadyhandError, match="chunk 0 was changed, or was encrypted with another key"):
        list(read_recording(recorded, b"x" * 32))
    with pytest.raises(SteadyhandError, match="another key"):
        open_recording(recorded, b"x" * 32)


def test_two_files_of_one_content_have_nothing_in_common(tmp_path: Path) -> None:
    private = tmp_path / "r"
    for name in ("a", "b"):
        with open_recording(private / name, KEY) as writer:
            writer.append([events(1)])
    a, b = ((private / name).read_bytes()[HEAD_BYTES + 12 :] for name in ("a", "b"))
    assert a != b
    assert sum(x == y for x, y in zip(a, b, strict=True)) < len(a) / 10


def test_it_is_read_as_it_is_asked_for(path: Path) -> None:
    with open_recording(path, KEY) as writer:
        writer.append([events(1)])
        writer.append([events(2)])
        reader = iter(read_recording(path, KEY))
        first = next(reader)
        assert isinstance(first, EventBatch)
        writer.append([events(3)])
        assert numbers(list(reader)) == [2]


def test_appending_goes_on_where_it_ended(recorded: Path) -> None:
    with open_recording(recorded, KEY) as writer:
        assert writer.torn_bytes == 0
        assert writer.append([Session(MOUSE, 9, 2), events(5)]) == 5
    reader = read_recording(recorded, KEY)
    items = list(reader)
    assert numbers(items) == [1, 2, 3, 4, 5]
    assert items[-2] == Boundary(9, Cause.CAPTURE_RESTARTED, "new session")
    assert reader.session == Session(MOUSE, 9, 2)


def test_another_mouse_in_one_file_is_a_boundary(path: Path) -> None:
    other = MouseConfiguration("evdev", "usb", "1532", "0084", cpi=1600)
    with open_recording(path, KEY) as writer:
        writer.append([Session(MOUSE, 0, 1), events(1), Session(other, 7, 2), events(2)])
    reader = read_recording(path, KEY)
    told = [(reader.session, item) for item in reader]
    assert [session.mouse for session, _ in told if session] == [MOUSE, other, other]
    assert told[1][1] == Boundary(7, Cause.MOUSE_CHANGED, "new session")


def test_every_cut_leaves_what_was_whole_and_tells_the_rest(recorded: Path) -> None:
    data = recorded.read_bytes()
    starts = chunk_starts(data)
    assert len(starts) == 5
    for cut in range(len(data)):
        recorded.write_bytes(data[:cut])
        reader = read_recording(recorded, KEY)
        items = list(reader)
        whole = [start for start in starts if start <= cut]
        assert numbers(items) == [[], [], [1, 2], [1, 2, 3]][max(len(whole) - 1, 0)]
        assert reader.torn_bytes == cut - (whole[-1] if whole else 0)


@pytest.mark.parametrize("cut", [0, 3, 20, 23, 24, 30, 60, 400, -1])
def test_a_torn_recording_goes_on_after_what_was_whole(recorded: Path, cut: int) -> None:
    recorded.write_bytes(recorded.read_bytes()[:cut])
    before = numbers(list(read_recording(recorded, KEY)))
    with open_recording(recorded, KEY) as writer:
        writer.append([events(7)])
    reader = read_recording(recorded, KEY)
    assert numbers(list(reader)) == [*before, 7]
    assert reader.torn_bytes == 0


def test_what_a_power_cut_leaves_is_a_torn_tail(recorded: Path) -> None:
    data = recorded.read_bytes()
    last = chunk_starts(data)[-2]
    for tail in (bytes(5000), data[last : last + 30] + bytes(len(data) - last - 30)):
        recorded.write_bytes(data[:last] + tail)
        reader = read_recording(recorded, KEY)
        assert numbers(list(reader)) == [1, 2, 3]
        assert reader.torn_bytes == len(tail)
        with open_recording(recorded, KEY) as writer:
            assert writer.torn_bytes == len(tail)
        assert recorded.read_bytes() == data[:last]


def test_a_changed_byte_is_refused_and_resuming_keeps_its_hands_off(recorded: Path) -> None:
    data = recorded.read_bytes()
    last = chunk_starts(data)[-2]
    for at in range(8, last, 5):
        bad = bytearray(data)
        bad[at] ^= 0x10
        recorded.write_bytes(bad)
        with pytest.raises(SteadyhandError, match=r"chunk \d (does not begin|is damaged|was changed)"):
            list(read_recording(recorded, KEY))
        with pytest.raises(SteadyhandError, match="restore it from a copy"):
            open_recording(recorded, KEY)
        assert recorded.read_bytes() == bad


def test_forged_checksums_do_not_help(recorded: Path) -> None:
    data = recorded.read_bytes()
    starts = chunk_starts(data)
    foreign = ChunkCipher(b"x" * 32, data[8:HEAD_BYTES])
    forged = data[: starts[2]] + foreign.seal(2, b"junk") + data[starts[3] :]
    recorded.write_bytes(forged)
    with pytest.raises(SteadyhandError, match="chunk 2 was changed"):
        list(read_recording(recorded, KEY))


def test_chunks_cannot_be_exchanged_left_out_or_brought_in(recorded: Path, tmp_path: Path) -> None:
    data = recorded.read_bytes()
    starts = chunk_starts(data)
    chunks = [data[a:b] for a, b in pairwise(starts)]
    with open_recording(tmp_path / "other" / "b", KEY) as writer:
        for n in range(4):
            writer.append([events(n)])
    other = (tmp_path / "other" / "b").read_bytes()
    brought = other[chunk_starts(other)[1] : chunk_starts(other)[2]]
    for order in ((0, 2, 1, 3), (0, 2, 3), (0, 1, 1, 2, 3)):
        recorded.write_bytes(data[:HEAD_BYTES] + b"".join(chunks[i] for i in order))
        with pytest.raises(SteadyhandError, match=r"chunk [12]"):
            list(read_recording(recorded, KEY))
    recorded.write_bytes(data[:HEAD_BYTES] + chunks[0] + brought + chunks[2])
    with pytest.raises(SteadyhandError, match="chunk 1 was changed"):
        list(read_recording(recorded, KEY))


@pytest.mark.parametrize("content", [b"not a recording", b"SHREC\x00\x00\x02" + bytes(40), b"\x00" * 40])
def test_what_is_no_recording_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SteadyhandError, match=r"a\.recording is not a recording"):
        list(read_recording(path, KEY))
    with pytest.raises(SteadyhandError, match="is not a recording"):
        open_recording(path, KEY)
    assert path.read_bytes() == content


class Disk:
    """Counts what is brought to disk; a clock that stands until it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_ns = 10_000_000_000
        self.syncs = 0
        self.fails = False
        self._fsync = os.fsync
        monkeypatch.setattr(os, "fsync", self.fsync)

    def fsync(self, fd: int) -> None:
        self.syncs += 1
        if self.fails:
            raise OSError(5, "Input/output error")
        self._fsync(fd)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_it_is_synced_once_a_second_and_when_asked(path: Path, disk: Disk) -> None:
    writer = open_recording(path, KEY, clock=lambda: disk.now_ns)
    at_start = disk.syncs
    for _ in range(10):
        disk.now_ns += 99_000_000
        writer.append([events(1)])
    assert disk.syncs == at_start
    disk.now_ns += 10_000_000
    assert writer.append([events(2)]) == 11
    assert disk.syncs == at_start + 1
    assert writer.commit() == 11
    assert disk.syncs == at_start + 1
    writer.append([events(3)])
    assert writer.commit() == 12
    assert disk.syncs == at_start + 2
    assert writer.append([]) == 12
    writer.close()
    writer.close()
    with pytest.raises(SteadyhandError, match="takes no more"):
        writer.append([events(4)])


def test_what_is_appended_is_there_for_others_at_once(path: Path, disk: Disk) -> None:
    with open_recording(path, KEY, clock=lambda: disk.now_ns) as writer:
        writer.append([events(1)])
        assert numbers(list(read_recording(path, KEY))) == [1]


def test_after_a_failed_sync_nothing_is_promised(path: Path, disk: Disk) -> None:
    writer = open_recording(path, KEY, clock=lambda: disk.now_ns)
    writer.append([events(1)])
    disk.fails = True
    with pytest.raises(SteadyhandError, match=r"cannot bring to disk .*Input/output error"):
        writer.commit()
    disk.fails = False
    with pytest.raises(SteadyhandError, match="begin a new recording"):
        writer.append([events(2)])
    with pytest.raises(SteadyhandError, match="begin a new recording"):
        writer.commit()
    writer.close()


def test_a_full_disk_loses_no_whole_chunk_and_can_be_mended(path: Path) -> None:
    """A process may not grow its files past a limit, then may: as on a disk that fills and is cleared."""
    script = f"""
import resource, sys
sys.path[:0] = {sys.path!r}
from pathlib import Path
from agent.engine.errors import SteadyhandError
from agent.files.recording import open_recording
import numpy as np
from agent.engine.events import EventBatch
def events(k, n=50):
    t, zero = np.arange(n), np.zeros(n, np.uint8)
    return EventBatch.of(t, np.full(n, k) + 0.5, t + 0.5, zero, zero)
writer = open_recording(Path({str(path)!r}), {KEY!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, -1))
kept = 0
try:
    for k in range(100):
        writer.append([events(k)]); kept += 1
except SteadyhandError as error:
    print(error)
size = Path({str(path)!r}).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
writer.append([events(kept)])
writer.close()
print(kept, size)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True
    )
    message, told = done.stdout.strip().splitlines()
    kept, size = map(int, told.split())
    assert "cannot write to the recording" in message
    assert message.endswith("make room: the file may not grow any further")
    assert kept > 2
    assert size == 5000, "the last chunk was cut short by the limit"
    reader = read_recording(path, KEY)
    assert numbers(list(reader)) == list(range(kept + 1))
    assert reader.torn_bytes == 0


def test_recordings_are_listed_and_erased(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    assert list_recordings(folder) == ()
    for n, name in enumerate(("b", "a")):
        with open_recording(folder / f"{name}.recording", KEY) as writer:
            writer.append([events(1)])
        os.utime(folder / f"{name}.recording", (1000 + n, 1000 + n))
    (folder / "other.txt").touch()
    told = list_recordings(folder)
    assert [(info.path.name, info.changed_unix_s) for info in told] == [
        ("b.recording", 1000),
        ("a.recording", 1001),
    ]
    assert all(info.size_bytes > HEAD_BYTES for info in told)
    assert erase_recordings(told[:1]) == 1
    assert erase_recordings(told) == 1
    assert os.listdir(folder) == ["other.txt"]


def test_a_recording_that_others_can_read_is_not_written(recorded: Path) -> None:
    recorded.chmod(0o644)
    with pytest.raises(SteadyhandError, match="open to others"):
        open_recording(recorded, KEY)


def test_the_session_is_that_of_the_items_just_read(recorded: Path, path: Path) -> None:
    reader = read_recording(recorded, KEY)
    assert reader.session is None
    seen = [reader.session for _ in reader]
    assert seen == [Session(MOUSE, 0, 1)] * 5
