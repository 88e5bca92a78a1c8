"""SapiMouse: pieces, rotations, trials."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.events import EventBatch
from enroll.datasets.formats import SAPIMOUSE
from enroll.datasets.session import DataSession, TableSession
from enroll.example import table_line
from enroll.protocols import sapimouse
from enroll.protocols.run import ProtocolRun
from tests.enroll.people import events_of


def write_table(path: Path, batch: EventBatch, seconds: float) -> None:
    """Events as SapiMouse has them: milliseconds, no network time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["client timestamp,button,state,x,y"]
    for t_ns, kind, button, x, y in zip(batch.t_ns, batch.kind, batch.button, batch.x, batch.y, strict=True):
        t_s = (int(t_ns) - int(batch.t_ns[0])) / 1e9
        if t_s <= seconds:
            rest = table_line(t_s, int(kind), int(button), float(x), float(y)).split(",", 2)[2]
            lines.append(f"{1000 * t_s:.0f},{rest}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people, numbers 1, 2 and 3; the third hardly moves."""
    root = tmp_path_factory.mktemp("sapimouse")
    for who in (1, 2, 3):
        long_s = 10.0 if who == 3 else 1000.0
        write_table(root / f"user{who}/session_3min.csv", events_of(who, 1, 300), long_s)
        write_table(root / f"user{who}/session_1min.csv", events_of(who, 2, 100), 60.0)
    return root


def moves(path: Path, seconds: float) -> DataSession:
    """A move every 100 ms, for so long."""
    lines = [f"{100 * i},NoButton,Move,{i % 500},{(3 * i) % 400}" for i in range(round(seconds * 10) + 1)]
    path.write_text("\n".join(["client timestamp,button,state,x,y", *lines]) + "\n")
    return TableSession("user1", "session_1min", path, SAPIMOUSE)


@pytest.mark.parametrize(
    ("lasts", "seconds", "count"),
    [
        (60.0, 60.0, 1),
        (54.0, 60.0, 1),
        (53.9, 60.0, 0),
        (119.0, 60.0, 1),
        (60.0, 20.0, 3),
        (57.9, 20.0, 2),
        (60.0, 45.0, 1),
        (17.9, 20.0, 0),
        (60.0, 17.0, 3),
    ],
)
def test_pieces_of_the_first_minute(tmp_path: Path, lasts: float, seconds: float, count: int) -> None:
    told = sapimouse.cut(moves(tmp_path / "m.csv", lasts), seconds)
    assert [piece.name for piece in told] == [f"session_1min/{i}" for i in range(count)]
    for number, piece in enumerate(told):
        assert piece.rows.start_ns[0] >= number * seconds * 1e9
        assert piece.rows.end_ns[-1] < (number + 1) * seconds * 1e9


def test_the_minute_begins_with_the_first_action(tmp_path: Path) -> None:
    session = moves(tmp_path / "m.csv", 60.0)
    header, *lines = session.path.read_text().splitlines()
    later = [f"{int(at) + 90_000},{rest}" for at, rest in (line.split(",", 1) for line in lines)]
    session.path.write_text("\n".join([header, "70,NoButton,Move,9,9", *later]) + "\n")
    (piece,) = sapimouse.cut(session, 60.0)
    assert len(piece.rows) > 0
    assert piece.rows.start_ns[0] == 90_000 * 1_000_000


def test_every_piece_is_tried_against_everybody_who_could_be_enrolled(folder: Path) -> None:
    done: list[str] = []
    told = sapimouse.evaluate(
        folder,
        ProtocolRun(progress=done.append, clock=iter([0.0, 2.0]).__next__),
        background=range(10, 12),
        test=range(1, 4),
    )
    assert (told["protocol"], told["piece_seconds"], told["run_seconds"]) == ("sapimouse", 60.0, 2.0)
    assert done == ["user1", "user2", "user3"]
    # Three people's pieces against two enrolments.
    assert (told["sessions"], told["users"]) == (6, 2)
    assert list(told["not_enrolled"]) == ["user3"]
    assert "record at least" in told["not_enrolled"]["user3"]
    assert told["auc"] > 0.8
    json.dumps(told, allow_nan=False)


def test_rotations_cover_everybody_once(tmp_path: Path) -> None:
    for number in (*range(1, 73), 80):
        for name in ("session_3min", "session_1min"):
            path = tmp_path / f"user{number}" / f"{name}.csv"
            path.parent.mkdir(exist_ok=True)
            path.write_text("")
    told = sapimouse.rotations(tmp_path)
    assert [(len(one.tested), len(one.background)) for one in told] == [(24, 48)] * 3
    assert sorted(p.number for one in told for p in one.tested) == list(range(1, 73))
    assert all(not set(one.tested) & set(one.background) for one in told)
    (chosen,) = sapimouse.rotations(tmp_path, range(1, 11), range(60, 121))
    assert [len(chosen.background), len(chosen.tested)] == [10, 14]


def test_wrong_calls(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="both or neither"):
        sapimouse.evaluate(folder, test=range(1, 3))
    with pytest.raises(SteadyhandError, match="share people"):
        sapimouse.evaluate(folder, background=range(1, 3), test=range(2, 4))
    with pytest.raises(SteadyhandError, match="people 60-70: 0 in the folder"):
        sapimouse.evaluate(folder, background=range(1, 4), test=range(60, 71))
    with pytest.raises(SteadyhandError, match="seconds 90"):
        sapimouse.evaluate(folder, background=range(9, 10), test=range(1, 4), seconds=90.0)
    with pytest.raises(SteadyhandError, match="nobody in it"):
        sapimouse.evaluate(tmp_path)


def test_two_processes_bring_the_reason_home(folder: Path) -> None:
    (planned,) = sapimouse.rotations(folder, range(10, 12), range(2, 4))
    told = sapimouse.scored_people([planned], ProtocolRun(jobs=2))
    assert list(told.not_enrolled) == ["user3"]
    assert [s.is_impostor for s in told.scored] == [False, True]


@pytest.mark.data
def test_the_real_people_are_there(data: Path) -> None:
    told = sapimouse.rotations(data / "sapimouse")
    assert sum(len(one.tested) for one in told) == 70
    assert len(sapimouse.cut(told[0].tested[0].test, 60.0)) == 1
