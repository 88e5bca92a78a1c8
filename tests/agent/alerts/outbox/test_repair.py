"""Damaged, foreign, unwritable: the outbox says so, keeps the old file and goes on."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agent.alerts.outbox import file as outbox_file
from agent.alerts.outbox.queue import Outbox
from agent.alerts.outbox.repair import MOST_KEPT_ASIDE, open_outbox
from agent.engine.errors import SteadyhandError
from tests.agent.alerts.fakes import make_alert

MB = 1_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


def filled(path: Path, count: int = 40) -> list[str]:
    """An outbox with that many alerts, closed; their ids."""
    outbox, _ = open_outbox(path, MB, ["a"])
    alerts = [make_alert() for _ in range(count)]
    for alert in alerts:
        outbox.put(alert)
    outbox.close()
    return [alert.record_id for alert in alerts]


def everything(outbox: Outbox) -> list[str]:
    return [record.alert.record_id for record in outbox.pending("a", 1000)]


def test_a_truncated_outbox_is_replaced_reported_and_kept(path: Path) -> None:
    expected = filled(path)
    size = path.stat().st_size
    for keep in (0, 1, 50, 100, 4096, size // 2, size - 4096, size - 5000):
        blob = path.read_bytes()
        path.write_bytes(blob[:keep])
        outbox, problems = open_outbox(path, MB, ["a"])
        assert len(problems) == 1, keep
        aside = sorted(path.parent.glob("outbox.db.damaged-*"))[-1]
        assert str(aside) in problems[0]
        assert aside.read_bytes() == blob[:keep]
        assert list(outbox.losses().values()) == [0]
        saved = everything(outbox)
        assert saved == expected[: len(saved)]
        new = make_alert()
        outbox.put(new)
        assert everything(outbox) == [*saved, new.record_id]
        outbox.close()
        path.write_bytes(blob)


def test_garbage_of_any_kind_is_replaced(path: Path) -> None:
    rng = random.Random(5)
    path.write_bytes(rng.randbytes(20_000))
    outbox, problems = open_outbox(path, MB, ["a"])
    assert "damaged" in problems[0]
    outbox.put(make_alert())
    assert outbox.depth() == 1


def test_random_damage_never_loses_an_alert_without_a_word(path: Path) -> None:
    expected = filled(path)
    blob = path.read_bytes()
    rng = random.Random(11)
    silent = 0
    for _ in range(60):
        damaged = bytearray(blob)
        start = rng.randrange(len(blob))
        damaged[start : start + 64] = rng.randbytes(len(damaged[start : start + 64]))
        path.write_bytes(damaged)
        outbox, problems = open_outbox(path, MB, ["a"])
        try:
            found = everything(outbox)
            told = bool(problems or outbox.losses())
        except OSError:
            found, told = [], True
        outbox.close()
        assert set(found) <= set(expected), "a damaged alert must not be brought as if it were sound"
        assert told or found == expected
        silent += not told
        for left in path.parent.glob("outbox.db*"):
            left.unlink()
    assert silent < 60, "the damage must have mattered at least once"


def test_what_can_be_read_is_saved(path: Path) -> None:
    expected = filled(path, 10)
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE loss")
        db.commit()
    outbox, problems = open_outbox(path, MB, ["a"])
    assert "10 alerts were saved" in problems[0]
    assert everything(outbox) == expected


@pytest.mark.parametrize(
    "change", ["PRAGMA user_version = 99", "DELETE FROM stream", "ALTER TABLE alert DROP COLUMN crc"]
)
def test_an_outbox_of_another_form_is_not_trusted(path: Path, change: str) -> None:
    filled(path, 2)
    with closing(sqlite3.connect(path)) as db:
        db.execute(change)
        db.commit()
    outbox, problems = open_outbox(path, MB, ["a"])
    assert len(problems) == 1
    outbox.put(make_alert())


def test_an_edited_record_is_dropped_and_counted(path: Path) -> None:
    expected = filled(path, 3)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE alert SET body = replace(body, 'alice', 'mallo') WHERE seq = 2")
        db.commit()
    outbox, problems = open_outbox(path, MB, ["a"])
    assert problems == ()
    assert everything(outbox) == [expected[0], expected[2]]
    assert list(outbox.losses().values()) == [1]


def test_damaged_files_do_not_pile_up(path: Path) -> None:
    for _ in range(MOST_KEPT_ASIDE + 3):
        path.write_bytes(b"nonsense" * 100)
        open_outbox(path, MB, ["a"])[0].close()
    assert len(list(path.parent.glob("outbox.db.damaged-*"))) == MOST_KEPT_ASIDE


def test_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    path.symlink_to(target)
    with pytest.raises(SteadyhandError, match="symbolic link"):
        open_outbox(path, MB, ["a"])
    assert target.read_text() == "precious"


def test_a_pipe_is_refused_without_blocking(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(SteadyhandError, match="is not a plain file"):
        open_outbox(path, MB, ["a"])


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
def test_another_users_file_is_refused(path: Path) -> None:
    filled(path, 1)
    os.chown(path, 12345, 12345)
    with pytest.raises(SteadyhandError, match="belongs to user number 12345"):
        open_outbox(path, MB, ["a"])


def test_a_folder_that_cannot_be_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        open_outbox(tmp_path / "file" / "outbox.db", MB, ["a"])


def test_a_file_that_could_not_be_finished_is_no_damaged_outbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "outbox.db"
    monkeypatch.setattr(outbox_file, "_SCHEMA", "CREATE TABLE a (b); SELECT zeroblob(1 << 40); %s")
    with pytest.raises((OSError, outbox_file.DamagedError)):
        outbox_file.connect(path)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    outbox, problems = open_outbox(path, 1_000_000, ["a"])
    assert problems == ()
    assert outbox.losses() == {}
    outbox.close()
