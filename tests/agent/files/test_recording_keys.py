"""Keys of recordings: one each, gone for good with what it opened, also from the disk's blocks."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.files.keys import recording_key
from agent.files.ledger import LEARNT, RecordingLedger
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.recording import open_recording, read_recording
from agent.files.recording_keys import RecordingKeys
from agent.files.recordings import list_recordings
from agent.files.stream import Session
from agent.runtime.learning.erase import erase_as_owner
from tests.agent.runtime.fakes import MOUSE, clicks

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="reads a file that was deleted while open")


class Owner:
    def available(self) -> bool:
        return True

    def confirm(self, why: str) -> bool:
        return True


def under(folder: Path) -> Paths:
    paths = Paths.under(private_dir(folder / "home"))
    private_dir(paths.recordings_dir)
    return paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return under(tmp_path)


def record(paths: Paths, name: str) -> Path:
    path = paths.recordings_dir / f"{name}.recording"
    with open_recording(path, RecordingKeys(paths).create(path)) as writer:
        writer.append([Session(MOUSE, 0, 0), clicks(10)])
    return path


def key_file(paths: Paths, recording: Path) -> Path:
    return paths.keys_dir / "recordings" / f"{recording.name}.key"


def readable(paths: Paths, recording: Path) -> bool:
    try:
        return bool(list(read_recording(recording, RecordingKeys(paths).of(recording)).items()))
    except SteadyhandError:
        return False


def test_every_recording_has_a_private_key_of_its_own(paths: Paths) -> None:
    first, second = record(paths, "a"), record(paths, "b")
    keys = RecordingKeys(paths)
    assert keys.of(first) == keys.create(first) == key_file(paths, first).read_bytes()
    assert keys.of(first) != keys.of(second)
    assert len(keys.of(first)) == 32
    assert key_file(paths, first).stat().st_mode & 0o777 == 0o600
    assert key_file(paths, first).parent.stat().st_mode & 0o777 == 0o700
    assert readable(paths, first)
    assert not paths.recording_key_file.exists(), "nothing is encrypted with the shared key"


def test_recordings_of_before_are_read_with_the_key_that_they_share(paths: Paths) -> None:
    old = paths.recordings_dir / "old.recording"
    with open_recording(old, recording_key(paths)) as writer:
        writer.append([Session(MOUSE, 0, 0), clicks(10)])
    assert readable(paths, old)
    RecordingKeys(paths).destroy(old)
    assert readable(paths, old), "a key that others need is left"


def test_a_recording_whose_key_has_gone_says_so(paths: Paths) -> None:
    path = record(paths, "a")
    RecordingKeys(paths).destroy(path)
    with pytest.raises(SteadyhandError, match=r"a\.recording.*another key.*erase it and record again"):
        list(read_recording(path, RecordingKeys(paths).of(path)).items())


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_length_is_refused(paths: Paths, size: int) -> None:
    path = record(paths, "a")
    key_file(paths, path).write_bytes(bytes(size))
    with pytest.raises(SteadyhandError, match=r"a\.recording\.key"):
        RecordingKeys(paths).of(path)


def by_owner(paths: Paths) -> None:
    erase_as_owner(paths, list_recordings(paths.recordings_dir), Owner())


def when_learnt(paths: Paths) -> None:
    ledger = RecordingLedger(paths)
    recordings = [recording.path for recording in list_recordings(paths.recordings_dir)]
    ledger.allow([path.name for path in recordings], LEARNT)
    ledger.erase(recordings)


WAYS = pytest.mark.parametrize("erase", [by_owner, when_learnt])


@WAYS
def test_erasing_overwrites_the_keys_own_blocks(paths: Paths, erase: Callable[[Paths], None]) -> None:
    path = record(paths, "a")
    before = RecordingKeys(paths).of(path)
    with key_file(paths, path).open("rb") as same_inode:
        erase(paths)
        assert os.fstat(same_inode.fileno()).st_nlink == 0
        after = same_inode.read()
    assert len(after) == 32
    assert after != before
    assert not path.exists()
    assert not any(before in file.read_bytes() for file in paths.state_dir.rglob("*") if file.is_file())


class KilledError(BaseException):
    """The process ends here."""


class KillAt:
    """Ends the process before the system call with this number, counted over those that change the disk."""

    CALLS = ("write", "fsync", "unlink", "replace")

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        self._left = number
        for name in self.CALLS:
            monkeypatch.setattr(os, name, self._counted(getattr(os, name)))

    def _counted(self, call: Callable[..., object]) -> Callable[..., object]:
        def counting(*args: object, **options: object) -> object:
            if self._left == 0:
                raise KilledError
            self._left -= 1
            return call(*args, **options)

        return counting


@WAYS
def test_killed_between_any_two_steps_nothing_opens_by_halves_and_the_next_start_finishes(
    tmp_path: Path, erase: Callable[[Paths], None]
) -> None:
    ends: list[tuple[bool, bool]] = []
    for number in range(60):
        paths = under(private_dir(tmp_path / str(number)))
        path = record(paths, "a")
        with pytest.MonkeyPatch.context() as monkeypatch:
            KillAt(monkeypatch, number)
            try:
                erase(paths)
                killed = False
            except KilledError:
                killed = True
        allowed = paths.recordings_erased_file.exists()
        if not allowed:
            assert readable(paths, path), "nothing was begun"
        ends.append((allowed, path.exists() and readable(paths, path)))
        RecordingLedger(paths).finish_erasures()
        assert path.exists() == key_file(paths, path).exists() == (not allowed)
        if not killed:
            break
    assert not killed, "some number is beyond the last step"
    assert {(False, True), (True, True), (True, False)} == set(ends), "killed before, between and after"


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[tuple[Path, Path]]:
    """An ext4 file system in a file, mounted: the file and the folder."""
    image, mounted = folder / "image", folder / "mounted"
    mounted.mkdir()
    with image.open("wb") as file:
        file.truncate(16 << 20)
    try:
        subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True, capture_output=True, timeout=30)
        subprocess.run(["mount", "-o", "loop", image, mounted], check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    try:
        yield image, mounted
    finally:
        subprocess.run(["umount", mounted], check=True, timeout=30)


@WAYS
def test_a_disk_image_no_longer_holds_the_key(tmp_path: Path, erase: Callable[[Paths], None]) -> None:
    with small_disk(tmp_path) as (image, mounted):
        mounted.chmod(0o700)
        paths = under(mounted)
        path = record(paths, "a")
        key, recorded = RecordingKeys(paths).of(path), path.read_bytes()[-64:]
        os.sync()
        assert key in image.read_bytes(), "the search finds it while it is there"
        erase(paths)
        os.sync()
        found = image.read_bytes()
    assert recorded in found, "what was recorded is found again, and stays closed"
    assert key not in found
    assert key not in image.read_bytes()
