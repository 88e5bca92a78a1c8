"""The folders of the data sets."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from enroll.datasets import balabit, sapimouse


def test_balabit_accounts_sessions_and_labels(balabit_folder: Path) -> None:
    assert balabit.accounts(balabit_folder) == ("user1", "user2")
    assert [s.name for s in balabit.training_sessions(balabit_folder, "user1")] == [
        "session_10",
        "session_11",
    ]
    told = balabit.labelled_sessions(balabit_folder)
    assert [(s.session.account, s.is_impostor) for s in told] == [
        (f"user{who}", impostor) for who in (1, 2) for impostor in (False, False, True, True)
    ]


def test_sessions_are_read_as_often_as_is_asked(balabit_folder: Path) -> None:
    session = balabit.training_sessions(balabit_folder, "user1")[0]
    assert sum(1 for _ in session) == sum(1 for _ in session) > 0


def test_labels_for_files_that_are_not_there(balabit_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(balabit_folder, folder)
    with (folder / "public_labels.csv").open("a") as file:
        file.write("session_404,1\n")
    with pytest.raises(SteadyhandError, match="session_404"):
        balabit.labelled_sessions(folder)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("name,label\na,1\n", "line 1"),
        ("filename,is_illegal\na,2\n", "line 2: 'a,2'"),
        ("filename,is_illegal\n", "no label"),
    ],
)
def test_malformed_labels(balabit_folder: Path, tmp_path: Path, text: str, what: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(balabit_folder, folder)
    (folder / "public_labels.csv").write_text(text)
    with pytest.raises(SteadyhandError, match=what):
        balabit.labelled_sessions(folder)


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="no accounts"):
        balabit.accounts(tmp_path)
    with pytest.raises(SteadyhandError, match="nobody"):
        sapimouse.people(tmp_path)
    (tmp_path / "user3").mkdir()
    with pytest.raises(SteadyhandError, match=r"session_3min\.csv is missing"):
        sapimouse.people(tmp_path)


def test_sapimouse_people_by_number(tmp_path: Path) -> None:
    for number in (10, 2):
        for name in ("session_1min", "session_3min"):
            path = tmp_path / f"user{number}" / f"{name}.csv"
            path.parent.mkdir(exist_ok=True)
            path.write_text("client timestamp,button,state,x,y\n5,NoButton,Move,1,2\n")
    told = sapimouse.people(tmp_path)
    assert [p.number for p in told] == [2, 10]
    assert told[0].enrolment.name == "session_3min"


@pytest.mark.data
def test_the_real_folders(data: Path) -> None:
    assert len(balabit.accounts(data / "balabit")) == 10
    assert len(sapimouse.people(data / "sapimouse")) >= 70
    for session in balabit.training_sessions(data / "balabit", "user7")[:1]:
        assert sum(len(item) for item in session) > 80_000  # type: ignore[arg-type]
