"""The status that everybody sees."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.runtime.lifecycle.single_instance import SingleInstance, is_held
from agent.runtime.status.snapshot import State, Status
from agent.runtime.status.status_file import read_status
from agent.runtime.status.status_merge import StatusMerge
from tests.agent.runtime.fakes import MOUSE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    os.chmod(tmp_path, 0o700)
    return tmp_path


def test_the_workers_view_leaves_the_others_posts_alone(folder: Path) -> None:
    board = StatusMerge(folder / "status.json", Status())
    board.post(last_lock="locked")
    board.note("a tray without a menu", holds=True)
    board.post_worker(Status(state=State.PROTECTING, trust=88, actions=7))
    status = board.status
    assert (status.state, status.trust, status.actions) == (State.PROTECTING, 88, 7)
    assert (status.last_lock, status.notes) == ("locked", ("a tray without a menu",))
    board.note("a tray without a menu", holds=False)
    assert board.status.notes == ()


def test_the_listener_hears_each_change_once(folder: Path) -> None:
    board = StatusMerge(folder / "status.json", Status())
    heard: list[Status] = []
    board.listen(heard.append)
    board.post(trust=50)
    board.post(trust=50)
    assert [status.trust for status in heard] == [None, 50]


def test_what_could_not_be_written_is_not_left_old_and_is_written_later(folder: Path) -> None:
    path = folder / "status.json"
    board = StatusMerge(path, Status())
    board.post(trust=90)
    path.unlink()
    path.mkdir()
    (path / "in the way").touch()
    board.post(trust=10)
    (path / "in the way").unlink()
    path.rmdir()
    with SingleInstance(folder / "lock"), pytest.raises(SteadyhandError, match="cannot write"):
        read_status(path, folder / "lock")
    heard: list[Status] = []
    board.listen(heard.append)
    board.post(trust=10)
    assert read_status(path, folder / "lock")["trust"] == 10
    assert len(heard) == 1, "nothing new for the listener"


def test_the_file_can_be_read_back_and_says_whether_an_agent_lives(folder: Path) -> None:
    board = StatusMerge(folder / "status.json", Status())
    board.post(state=State.LEARNING, enrolled_share=0.25)
    lock = folder / "lock"
    with SingleInstance(lock):
        told = read_status(folder / "status.json", lock)
        assert (told["state"], told["enrolled_share"], told["running"]) == ("learning", 0.25, True)
    assert not read_status(folder / "status.json", lock)["running"]


def test_a_status_comes_back_from_its_file(folder: Path) -> None:
    status = Status(
        State.PROTECTING, trust=88, configuration=MOUSE, hours_left=1.5, doubted_unix_s=7.0, notes=("a", "b")
    )
    StatusMerge(folder / "status.json", Status()).post_worker(status)
    with SingleInstance(folder / "lock"):
        told = read_status(folder / "status.json", folder / "lock")
    read = Status.from_json(told)
    assert (read.state, read.trust, read.configuration) == (State.PROTECTING, 88, MOUSE)
    assert Status.from_json(status.to_json()) == status
    assert Status.from_json({"state": "learning", "of a later version": 1}).state is State.LEARNING
    with pytest.raises(ValueError, match="hibernating"):
        Status.from_json({"state": "hibernating"})


def test_no_status_and_a_damaged_one_say_what_to_do(folder: Path) -> None:
    with pytest.raises(SteadyhandError, match="start it with: steadyhand"):
        read_status(folder / "status.json", folder / "lock")
    (folder / "status.json").write_text("{")
    os.chmod(folder / "status.json", 0o600)
    with pytest.raises(SteadyhandError, match="damaged"):
        read_status(folder / "status.json", folder / "lock")


def test_one_agent_for_a_user(folder: Path) -> None:
    with SingleInstance(folder / "lock"), pytest.raises(SteadyhandError, match="already runs"):
        SingleInstance(folder / "lock").__enter__()
    assert not is_held(folder / "lock")
    with SingleInstance(folder / "lock"):
        assert is_held(folder / "lock")
