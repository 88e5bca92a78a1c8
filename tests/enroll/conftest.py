"""Synthetic people, and folders as the data sets lay them out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from enroll.example import write_table
from enroll.sessions import SessionRows
from tests.enroll.people import events_of, rows_of


@pytest.fixture(scope="session")
def owner_sessions() -> tuple[SessionRows, ...]:
    """Three sessions of one synthetic person."""
    return tuple(rows_of(1, session, 250) for session in range(3))


@pytest.fixture(scope="session")
def balabit_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two accounts with two training sessions and four labelled test sessions each."""
    root = tmp_path_factory.mktemp("balabit")
    labels = ["filename,is_illegal"]
    for who, other in ((1, 2), (2, 1)):
        for session in range(2):
            write_table(
                root / f"training_files/user{who}/session_{who}{session}", events_of(who, session, 150)
            )
        for session, hand in enumerate((who, who, other, other)):
            name = f"session_9{who}{session}"
            write_table(root / f"test_files/user{who}/{name}", events_of(hand, 50 + 10 * who + session, 60))
            labels.append(f"{name},{int(hand != who)}")
    (root / "public_labels.csv").write_text("\n".join(labels) + "\n", encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def data() -> Path:
    """The public data sets."""
    told = os.environ.get("STEADYHAND_DATA", "")
    if not told or not Path(told).is_dir():
        pytest.skip("STEADYHAND_DATA does not name the folder of the public data sets")
    return Path(told)
