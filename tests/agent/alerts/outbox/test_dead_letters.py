"""What a destination will never take stays readable: after a restart, in an older file, from memory, within a bound."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agent.alerts.outbox import dead_letters
from agent.alerts.outbox.dead_letters import read_dead_letters
from agent.alerts.outbox.queue import Outbox
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.wire import alert_from_json
from tests.agent.alerts.fakes import make_alert


def opened(path: Path | None) -> Outbox:
    return open_outbox(path, 1_000_000, ("a", "b"))[0]


def test_a_letter_survives_a_restart_and_the_other_destination_still_gets_the_alert(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = opened(path)
    bad, good = make_alert(), make_alert()
    outbox.put(bad)
    outbox.put(good)
    outbox.bury("a", 1, "400 bad field", "a refuses them")
    assert [record.alert for record in outbox.pending("a", 9)] == [good]
    assert [record.alert for record in outbox.pending("b", 9)] == [bad, good]
    assert outbox.losses() == {"a refuses them": 1}
    outbox.close()
    (letter,) = read_dead_letters(path)
    assert (letter.destination, letter.record_id, letter.reason) == ("a", bad.record_id, "400 bad field")
    assert alert_from_json(letter.body) == bad


def test_a_file_of_an_older_version_gets_a_place_for_letters(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = opened(path)
    outbox.put(make_alert())
    outbox.close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE dead_letter")
        db.commit()
    assert read_dead_letters(path) == ()
    outbox = opened(path)
    assert outbox.depth() == 1
    outbox.bury("a", 1, "no", "")
    assert len(outbox.dead_letters()) == 1
    assert outbox.losses() == {}
    outbox.close()


def test_letters_in_memory_move_to_the_disk_with_the_alerts(tmp_path: Path) -> None:
    spare, disk = opened(None), opened(tmp_path / "outbox.db")
    alert = make_alert()
    spare.put(alert)
    spare.bury("a", 1, "no", "")
    spare.move_to(disk)
    assert spare.dead_letters() == ()
    assert [letter.record_id for letter in disk.dead_letters()] == [alert.record_id]


def test_the_oldest_go_first_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "MOST_BYTES", 3000)
    outbox = opened(None)
    alerts = [make_alert() for _ in range(20)]
    for at, alert in enumerate(alerts, 1):
        outbox.put(alert)
        outbox.bury("a", at, "no", "")
    ids = [letter.record_id for letter in outbox.dead_letters()]
    assert 2 < len(ids) < 10
    assert ids == [alert.record_id for alert in alerts[-len(ids) :]]


def test_no_file_no_letters_and_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    assert read_dead_letters(tmp_path / "none.db") == ()
    (tmp_path / "text.db").write_text("no database" * 100)
    with pytest.raises(OSError, match="not a database"):
        read_dead_letters(tmp_path / "text.db")
