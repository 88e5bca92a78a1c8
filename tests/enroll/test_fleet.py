"""Many users: the same profiles on every back-end, and nobody's trouble is anybody else's."""

from __future__ import annotations

import csv
import json
import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.config.schema import JudgementSettings
from agent.engine.errors import SteadyhandError
from enroll.backends import WorkerPool, worker_pool
from enroll.background.shipped import shipped_background
from enroll.cli import main
from enroll.fleet import Failed, Shared, Trained, run, seed_of, train_user
from enroll.manifest import User, read_manifest

# Processes start slowly on a busy computer.
pytestmark = pytest.mark.timeout(300)

SHARED = Shared(JudgementSettings(), datetime(2026, 1, 2, tzinfo=UTC))


@pytest.fixture
def manifest(balabit_folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "users.csv"
    with path.open("w", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(["user", "source"])
        for name in ("user1", "user2"):
            table.writerow([name, balabit_folder / "training_files" / name])
    return path


def trained(users: Iterable[User], name: str, jobs: int) -> tuple[dict[str, bytes], list[Failed]]:
    kept: dict[str, bytes] = {}
    with worker_pool(name, jobs) as workers:
        failed = run(tuple(users), SHARED, workers, lambda told: kept.update({told.user: told.profile}))
    return kept, failed


def test_everybody_is_trained_with_the_background(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[object] = []

    def train(*_enrolment: object, background: object, **_how: object) -> None:
        used.append(background)
        raise SteadyhandError("stopped", "nothing")

    monkeypatch.setattr("enroll.fleet.train", train)
    shared = replace(SHARED, background=shipped_background())
    for user in read_manifest(manifest):
        assert isinstance(train_user(user, shared), Failed)
    assert used == [shipped_background()] * 2


def test_both_backends_give_the_same_profiles_to_the_byte(manifest: Path) -> None:
    pytest.importorskip("distributed")
    users = read_manifest(manifest)
    here = {user.name: train_user(user, SHARED) for user in users}
    for name in ("loky", "dask"):
        told, failed = trained(users, name, 2)
        assert failed == []
        assert told == {user: one.profile for user, one in here.items() if isinstance(one, Trained)}
        assert sorted(told) == ["user1", "user2"]


def test_a_user_who_fails_is_told_and_the_rest_goes_on(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nothing").mkdir()
    with manifest.open("a", newline="") as lines:
        lines.write("carol,nothing\r\n")
    out = tmp_path / "profiles"
    call = ["fleet", str(manifest), "--out", str(out), "--root", str(tmp_path / "root")]
    assert main(call) == 1
    told = capsys.readouterr().out
    assert "3 users: 2 trained, 0 there already, 1 failed" in told
    assert "carol" in told
    assert "no table of events" in told
    figures = json.loads((out / "user1.json").read_text())
    assert figures["actions"] > 100
    assert figures["rate_bound_per_40h"] > 0
    stamps = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    assert main([*call, "--json"]) == 1
    again = json.loads(capsys.readouterr().out)
    assert (again["there_already"], again["trained"], list(again["failed"])) == (2, 0, ["carol"])
    assert stamps == {path.name: path.stat().st_mtime_ns for path in out.iterdir()}


@dataclass(frozen=True)
class Deadly:
    """A source that kills the process that first looks at it, and is a folder of tables from then on."""

    source: Path
    mark: Path
    always: bool = False
    spared: int = field(default_factory=os.getpid)

    def __fspath__(self) -> str:
        return str(self.source)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.always or not self.mark.exists():
            assert os.getpid() != self.spared, "this is no worker but the process that starts them"
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return getattr(self.source, name)


def test_a_killed_worker_costs_nothing(manifest: Path, tmp_path: Path) -> None:
    one, other = read_manifest(manifest)
    deadly = User(one.name, Deadly(one.source, tmp_path / "killed"))  # type: ignore[arg-type]
    told, failed = trained((deadly, other), "loky", 2)
    assert (tmp_path / "killed").exists()
    assert failed == []
    expected = [train_user(user, SHARED) for user in (one, other)]
    assert told == {o.user: o.profile for o in expected if isinstance(o, Trained)}


def test_a_user_whose_worker_always_dies_is_given_up(manifest: Path, tmp_path: Path) -> None:
    one, other = read_manifest(manifest)
    deadly = User("mallory", Deadly(one.source, tmp_path / "m", always=True))  # type: ignore[arg-type]
    told, failed = trained((deadly, other), "loky", 2)
    assert sorted(told) == ["user2"]
    assert [one.user for one in failed] == ["mallory"]
    assert "killed" in failed[0].why


def test_whatever_befalls_a_user_is_told(tmp_path: Path) -> None:
    told = train_user(User("u", tmp_path / "nowhere"), SHARED)
    assert isinstance(told, Failed)
    assert "nowhere" in told.why


def test_seeds_belong_to_the_name() -> None:
    assert seed_of("user1") == seed_of("user1") != seed_of("user2")
    assert 0 <= seed_of("användare") < 1 << 30


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no users"),
        ("name,source\nann,x\n", "no users"),
        ("user,source\nann,\n", "line 2"),
        ("user,source\nann,x\nann,y\n", "ann is there already"),
        ("user,source,cohort_number\nann,x,three\n", "line 2"),
    ],
)
def test_a_manifest_that_says_too_little_is_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "users.csv"
    path.write_text(text)
    with pytest.raises(SteadyhandError, match=what):
        read_manifest(path)


def test_backends_that_cannot_start_say_so() -> None:
    with pytest.raises(SteadyhandError, match="--scheduler is of dask"), worker_pool("loky", 1, "tcp://x:1"):
        pass


def test_a_backend_hands_on_what_is_done() -> None:
    @contextmanager
    def nothing() -> Iterator[WorkerPool]:
        yield WorkerPool(1, (RuntimeError,))

    with nothing() as workers:
        assert run((), SHARED, workers, lambda told: None) == []


def _leave_mark(name: str, folder: str) -> str:
    """Says that it ran; where it is to die, its process does so the first time, when two others were handed on."""
    marks = Path(folder)
    ran = len(list(marks.glob(f"ran-{name}-*")))
    (marks / f"ran-{name}-{ran}").touch()
    if name == "user3" and ran == 0:
        while len(handed_on := list(marks.glob("handed-on-*"))) < 2:
            time.sleep(0.02)
        (marks / "before-the-kill").write_text(
            "\n".join(mark.name.removeprefix("handed-on-") for mark in handed_on)
        )
        os.kill(os.getpid(), signal.SIGKILL)
    return name


def test_a_killed_worker_of_a_cluster_costs_only_what_was_under_way(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    names = [f"user{n}" for n in range(8)]
    returned = []
    with worker_pool("dask", 2) as pool:
        for name in pool.results(_leave_mark, names, str(tmp_path)):
            (tmp_path / f"handed-on-{name}").touch()
            returned.append(name)
    assert sorted(returned) == names
    runs = {name: len(list(tmp_path.glob(f"ran-{name}-*"))) for name in names}
    assert runs["user3"] == 2
    done_before = (tmp_path / "before-the-kill").read_text().split()
    assert [runs[name] for name in done_before] == [1] * len(done_before), "what was done is not done again"
