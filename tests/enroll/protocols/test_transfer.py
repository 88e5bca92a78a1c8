"""Transfer between mouse configurations: tables, normaliser, trials, shares."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from agent.engine.errors import SteadyhandError
from enroll.datasets.configuration import TABLES, ConfigurationTable, read_table, read_tables
from enroll.metrics import auc
from enroll.protocols import normalise, transfer
from enroll.protocols.people_auc import PeopleAuc, Trials
from enroll.protocols.run import ProtocolRun

HEAD = "respondent_id;session_id;task_id;age;sex;speed;curve;dpi;sens"


def made(people: int = 6, configurations: int = 3, tasks: int = 3, gain: float = 4.0) -> ConfigurationTable:
    """People with ways of their own in eight features; configurations scale half of them."""
    rng = np.random.default_rng(5)
    grid = np.indices((people, configurations, tasks)).reshape(3, -1)
    own = rng.normal(0.0, 1.0, (people, 8))
    values = own[grid[0]] + rng.normal(0.0, 0.5, (grid.shape[1], 8))
    values[:, :4] = np.exp(values[:, :4]) * (1.0 + gain * grid[1])[:, None]
    return ConfigurationTable(
        "made",
        tuple(f"f{j}" for j in range(8)),
        values,
        *(g.astype(np.intp) for g in grid),
        age=tuple(range(20, 20 + people)),
        sex=("man", "woman") * (people // 2),
    )


def test_a_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lines = [
        f"{who};6;F1;{20 + who};woman;{who}.5;2;{dpi}.0;10.0" for who in range(4) for dpi in (1000, 2400)
    ]
    path.write_text("\n".join([HEAD, *lines]) + "\n")
    told = read_table(path, "points")
    assert told.features == ("speed", "curve")
    assert told.values[2].tolist() == [1.5, 2.0]
    assert told.person.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert told.configuration.tolist() == [0, 1] * 4
    assert (told.people, told.age[3], told.sex[0]) == (4, 23.0, "woman")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no row"),
        (HEAD + "\n", "no row"),
        ("a;b\n1;2\n", "no column respondent_id"),
        (HEAD.replace("task_id", "x") + "\n1;6;F1;20;man;1;2;1;1\n", "no column game_number"),
        (HEAD + "\n1;6;F1;20;man;1;2;1\n", "line 2: 8 values for 9 columns"),
        (HEAD + "\n1;6;F1;20;man;fast;2;1;1\n", "line 2: could not convert"),
        (HEAD + "\n1;6;F1;20;man;nan;2;1;1\n", "line 2: a value is not finite"),
        (HEAD + "\n1;6;F1;20;man;1;2;1;1\n", "1 person"),
    ],
)
def test_a_table_that_is_not_one(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "points_aggregated_data.csv"
    path.write_text(text)
    with pytest.raises(SteadyhandError, match=said):
        read_table(path, "points")


def test_a_folder_without_tables(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="minigame_aggregated_data"):
        transfer.evaluate(tmp_path)


def test_friedman_counts_what_the_configuration_changes() -> None:
    p = transfer.changed_p(made())
    assert (p[:4] < 0.01).all()
    assert (p[4:] > 0.01).all()
    flat = made()
    flat.values[:] = 1.0
    assert (transfer.changed_p(flat) == 1.0).all()


def test_auc_of_people_is_the_plain_auc_and_takes_weights() -> None:
    rng = np.random.default_rng(1)
    owner, tester = rng.integers(4, size=(2, 500))
    score = rng.integers(20, size=500) + 3.0 * (owner == tester)
    told = PeopleAuc.of(Trials(owner, tester, score), 4)
    own = owner == tester
    assert told.weighted(np.ones(4)) == pytest.approx(auc(score[~own], score[own]))
    # Leaving a person out is a weight of 0; counting one twice is the same as having the trials twice.
    here = (owner != 3) & (tester != 3)
    expected = auc(score[here & ~own], score[here & own])
    assert told.weighted(np.array([1.0, 1.0, 1.0, 0.0])) == pytest.approx(expected)
    assert told.weighted(np.array([1.0, 0.0, 0.0, 0.0])) is None


def test_ranks_among_the_others_by_hand() -> None:
    known = (np.array([[1.0], [2.0], [3.0]]), np.empty((0, 1)))
    told = normalise.ranked(known, np.array([[2.0], [0.0], [9.0], [9.0]]), np.array([0, 0, 0, 1]))
    assert told[:, 0] == pytest.approx([0.0, -1.1503, 1.1503, 0.0], abs=1e-4)


def test_a_normaliser_takes_the_configuration_away() -> None:
    table = made(people=20)
    told = normalise.fit(table.values, table.configuration, table.person, 3)(
        table.values, table.configuration
    )
    means = np.stack([told[table.configuration == c].mean(axis=0) for c in range(3)])
    assert np.ptp(means, axis=0).max() < 0.2
    assert normalise.cosine(np.eye(2), np.array([[2.0, 0.0], [3.0, 0.0]])) == pytest.approx([1.0, 0.0])


def test_the_normaliser_of_a_trial_sees_neither_of_its_people(monkeypatch: pytest.MonkeyPatch) -> None:
    table, seen = made(), []
    fit = normalise.fit

    def watched(values: np.ndarray, configuration: np.ndarray, person: np.ndarray, count: int) -> object:
        seen.append(frozenset(range(table.people)) - set(person.tolist()))
        return fit(values, configuration, person, count)

    monkeypatch.setattr(transfer, "fit", watched)
    told = transfer.normalised_trials(table)
    pairs = {frozenset((o, t)) for o, t in zip(told.cross.owner, told.cross.tester, strict=True)}
    assert set(seen) == pairs == {frozenset((a, b)) for a in range(6) for b in range(6)}


def test_a_tested_task_is_never_in_the_enrolment() -> None:
    table = made(tasks=1)
    told = transfer.baseline_trials(table)
    assert len(told.same.score) == len(told.cross.score) == 0
    told = transfer.baseline_trials(made(tasks=2))
    # 36 pairs, 6 rows, each against one of three configurations that is its own.
    assert (len(told.same.score), len(told.cross.score)) == (36 * 6, 36 * 12)


def test_figures_of_a_table() -> None:
    done: list[str] = []
    told = transfer.table_figures(made(people=12), ProtocolRun(progress=done.append))
    assert len(done) == 12
    assert told["features_changed"] == 4
    assert told["cross_auc"] < told["same_auc"]
    assert told["recovered_share"] > 0.5
    assert told["recovered_ci95"][0] < told["recovered_share"] < told["recovered_ci95"][1]
    assert [group["people"] for group in told["groups"]] == [6, 6, 6, 6]
    json.dumps(told, allow_nan=False)
    alone = transfer.table_figures(made(tasks=1))
    assert (alone["same_auc"], alone["recovered_share"], alone["recovered_ci95"]) == (None, None, None)


@pytest.mark.data
def test_the_real_tables(data: Path) -> None:
    told = {table.name: table for table in read_tables(data / "mouse-configuration")}
    assert tuple(told) == TABLES
    assert {(t.people, len(t.features), int(t.configuration.max()) + 1) for t in told.values()} == {
        (32, 121, 5)
    }
    assert 85 <= int((transfer.changed_p(told["points"]) < 0.05).sum()) <= 95
