"""How much sooner a second mouse is enrolled: on the tables, and on a made-up mouse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause
from enroll.datasets.configuration import ConfigurationTable
from enroll.example import write_table
from enroll.protocols import simulated, sooner
from enroll.protocols.normalise import nearness
from enroll.protocols.people_auc import Trials
from enroll.protocols.rows import RowReader
from enroll.protocols.run import ProtocolRun
from tests.enroll.people import events_of


def numbered(people: int = 2, configurations: int = 2, tasks: int = 3) -> ConfigurationTable:
    """One feature that says which person, configuration and task a row is of."""
    grid = np.indices((people, configurations, tasks)).reshape(3, -1)
    values = (grid * [[100.0], [10.0], [1.0]]).sum(axis=0)[:, None]
    numbers = (g.astype(np.intp) for g in grid)
    return ConfigurationTable("made", ("f",), values, *numbers, age=(20.0,) * people, sex=("man",) * people)


def test_an_enrolment_grows_task_by_task_and_never_by_the_tested_one() -> None:
    table = numbered()
    seen: list[np.ndarray] = []

    def watched(enrolled: np.ndarray, tested: np.ndarray) -> np.ndarray:
        seen.append(enrolled[:, 0])
        return nearness(enrolled, tested)

    told = sooner.grown(table, table.values, 0, 1, watched, 1.0)
    assert (len(told.alone), len(told.transferred)) == (2, 3)
    # Six rows of person 1 are tried; each against the owner's other configuration.
    alone_one, alone_two, old, with_one, with_two = seen
    tested = table.values[6:, 0] - 100.0
    assert alone_one.tolist() == [1.0, 2.0, 0.0, 11.0, 12.0, 10.0]
    assert alone_two.tolist() == [1.5, 1.0, 0.5, 11.5, 11.0, 10.5]
    assert old.tolist() == [11.5, 11.0, 10.5, 1.5, 1.0, 0.5]
    assert with_one == pytest.approx((old + alone_one) / 2.0)
    assert with_two == pytest.approx((old + 2.0 * alone_two) / 3.0)
    assert (alone_one != tested).all(), "the tested task of the same configuration is not enrolled"
    evenly = sooner.grown(table, table.values, 0, 1, nearness, None)
    assert evenly.transferred[1].score[0] == pytest.approx(-abs(100.0 - (2 * 11.5 + 1.0) / 3.0))


def test_nothing_to_grow_by() -> None:
    table = numbered(tasks=1)
    assert sooner.most_rows(table) == 0
    assert sooner.grown(table, table.values, 0, 1, nearness, 1.0).alone == ()


def trials(quality: float, seed: int) -> Trials:
    rng = np.random.default_rng(seed)
    owner, tester = rng.integers(6, size=(2, 900))
    return Trials(owner, tester, rng.normal(size=900) + quality * (owner == tester))


def test_what_is_gained_and_how_much_alone_it_is_worth() -> None:
    growth = sooner.Growth(
        tuple(trials(q, n) for n, q in enumerate((0.5, 1.0, 2.0))),
        tuple(trials(q, 9 + n) for n, q in enumerate((0.7, 1.5, 1.8, 2.0))),
    )
    told = sooner.figures((0, 10, 20, 30), growth, 6)
    assert told["alone"][0] is None
    assert told["alone"][1] < told["alone"][2] < told["alone"][3]
    assert told["gain_ci95"][1][0] > 0.0
    assert told["gain_ci95"][3][0] < 0.0 < told["gain_ci95"][3][1]
    assert 10.0 < told["alone_size"][0] < 20.0 < told["alone_size"][1] < 30.0
    assert all(a <= b <= c for b, (a, c) in zip(told["alone_size"], told["alone_size_ci95"], strict=True))


def test_a_made_up_mouse_scales_places_and_nothing_else() -> None:
    batch, boundary = events_of(1, 0, 5), Boundary(1, Cause.GAP)
    first, second = simulated.scaled([batch, boundary], 2.0)
    assert second is boundary
    assert np.array_equal(first.x, np.round(2.0 * batch.x))
    assert np.array_equal(first.t_ns, batch.t_ns)


def test_a_made_up_mouse_on_streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "SAMPLES", (100,))
    monkeypatch.setattr(simulated, "PIECE", 25)
    for who in (1, 2, 3):
        for session in range(3):
            path = tmp_path / f"training_files/user{who}/session_{session}"
            write_table(path, events_of(who, session, 130))
    done: list[str] = []
    told = simulated.evaluate(tmp_path, ProtocolRun(progress=done.append))
    assert done == told["accounts"] == ["user1", "user2", "user3"]
    assert told["sizes"] == [0, 100]
    assert told["as_it_is"] == told["transferred"][0] < told["same"]
    assert told["transferred"][1] > told["as_it_is"]
    assert len(told["pooled"]) == len(told["alone"]) == 2
    (tmp_path / "training_files/user2/session_0").unlink()
    with pytest.raises(SteadyhandError, match="2 training sessions"):
        simulated.evaluate(tmp_path)


def test_the_sample_and_the_tried_session_are_no_old_ones(tmp_path: Path) -> None:
    for session in range(4):
        write_table(tmp_path / f"training_files/user1/session_{session}", events_of(1, session, 30))
    told = simulated._account(tmp_path, "user1", RowReader())
    assert [one.name for one in told.old] == ["session_0", "session_1"]
    assert (told.sample.name, told.tried_new.name, told.tried_old.name) == (
        "session_2",
        "session_3",
        "session_3",
    )
