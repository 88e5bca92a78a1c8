"""The Balabit Mouse Dynamics Challenge: ten accounts, long training sessions, short labelled test sessions.

Fülöp, Kovács, Kurics, Windhager-Pokol (2016), github.com/balabit/Mouse-Dynamics-Challenge.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from enroll.datasets.formats import BALABIT
from enroll.datasets.session import DataSession, TableSession, session_name

_LAYOUT = "give the folder that holds training_files, test_files and public_labels.csv"


@dataclass(frozen=True, slots=True)
class LabelledSession:
    """A test session and whether somebody else than the account's owner was at work in it."""

    session: DataSession
    is_impostor: bool


def accounts(folder: Path) -> tuple[str, ...]:
    """Names of the accounts with training files, in bytewise order.

    Raises
    ------
    SteadyhandError
        If there are none.
    """
    root = folder / "training_files"
    names = sorted((p.name for p in root.iterdir() if p.is_dir()), key=str.encode) if root.is_dir() else []
    if not names:
        missing = (
            "" if folder.is_dir() else f"{folder} {'is no folder' if folder.exists() else 'does not exist'}; "
        )
        raise SteadyhandError(f"{missing}{root}: no accounts in it", _LAYOUT)
    return tuple(names)


def training_sessions(folder: Path, account: str) -> tuple[DataSession, ...]:
    """The training sessions of an account, in order of their file names.

    Raises
    ------
    SteadyhandError
        If there are none.
    """
    return _sessions(folder / "training_files" / account, account)


def labelled_sessions(folder: Path) -> tuple[LabelledSession, ...]:
    """The test sessions that `public_labels.csv` names, in order of account and file name.

    Raises
    ------
    SteadyhandError
        If the table is missing or malformed, or names a session that is not there.
    """
    labels = _labels(folder / "public_labels.csv")
    by_name: dict[str, LabelledSession] = {}
    for account in accounts(folder):
        for session in _sessions(folder / "test_files" / account, account):
            if session.name in labels:
                by_name[session.name] = LabelledSession(session, labels[session.name])
    missing = sorted(set(labels) - set(by_name))
    if missing:
        raise SteadyhandError(
            f"{folder / 'public_labels.csv'}: {quantity(len(missing), 'session is', 'sessions are')} "
            f"not in test_files, as {missing[0]}",
            _LAYOUT,
        )
    return tuple(by_name.values())


def _sessions(folder: Path, account: str) -> tuple[DataSession, ...]:
    files = sorted(folder.glob("session_*")) if folder.is_dir() else []
    if not files:
        raise SteadyhandError(f"{folder}: no session in it", _LAYOUT)
    return tuple(TableSession(account, session_name(file), file, BALABIT) for file in files)


def _labels(path: Path) -> dict[str, bool]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except OSError as error:
        raise SteadyhandError(f"{path} cannot be read ({error.strerror})", _LAYOUT) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise SteadyhandError(f"{path} is no table of labels", _LAYOUT) from error
    if not rows or rows[0] != ["filename", "is_illegal"]:
        raise SteadyhandError(
            f"{path}, line 1: other columns", "the first line must be 'filename,is_illegal'"
        )
    labels: dict[str, bool] = {}
    for number, row in enumerate(rows[1:], 2):
        if len(row) != 2 or row[1] not in ("0", "1"):
            raise SteadyhandError(
                f"{path}, line {number}: {','.join(row)!r}", "write the session's name, then 0 or 1"
            )
        labels[row[0]] = row[1] == "1"
    if not labels:
        raise SteadyhandError(f"{path}: no label in it", "give at least one line 'filename,is_illegal'")
    return labels
