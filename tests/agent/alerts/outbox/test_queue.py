"""What the outbox promises while the disk and its file are sound."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind, LaterKind, Severity
from agent.alerts.outbox.queue import FULL, Outbox
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.outbox.rows import ROW_BYTES
from agent.alerts.wire import alert_to_json
from tests.agent.alerts.fakes import make_alert

MB = 1_000_000


def opened(path: Path | None, destinations: tuple[str, ...] = ("a",), most_bytes: int = MB) -> Outbox:
    outbox, problems = open_outbox(path, most_bytes, destinations)
    assert problems == ()
    return outbox


def ids(outbox: Outbox, destination: str = "a", limit: int = 1000) -> list[str]:
    return [record.alert.record_id for record in outbox.pending(destination, limit)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "outbox.db"


def test_an_alert_comes_out_as_it_went_in_also_after_a_restart(path: Path) -> None:
    alert = make_alert()
    outbox = opened(path)
    outbox.put(alert)
    assert [record.alert for record in outbox.pending("a", 10)] == [alert]
    outbox.close()
    assert [record.alert for record in opened(path).pending("a", 10)] == [alert]


def test_an_alert_of_a_later_version_waits_and_comes_out_as_it_went_in(path: Path) -> None:
    alert = replace(make_alert(), kind=LaterKind("teleported"))
    with closing(opened(path)) as outbox:
        outbox.put(alert)
    with closing(opened(path)) as again:
        assert [record.alert for record in again.pending("a", 10)] == [alert]
        assert again.losses() == {}


def test_order_is_kept_and_the_batch_is_limited() -> None:
    outbox = opened(None)
    alerts = [make_alert() for _ in range(7)]
    for alert in alerts:
        outbox.put(alert)
    assert ids(outbox, limit=3) == [alert.record_id for alert in alerts[:3]]
    outbox.ack("a", outbox.pending("a", 3)[-1].sequence)
    assert ids(outbox) == [alert.record_id for alert in alerts[3:]]


def test_sequences_go_on_after_the_outbox_was_empty(path: Path) -> None:
    outbox = opened(path)
    outbox.put(make_alert())
    first = outbox.pending("a", 1)[0]
    outbox.ack("a", first.sequence)
    outbox.close()
    outbox = opened(path)
    outbox.put(make_alert())
    second = outbox.pending("a", 1)[0]
    assert (second.stream, second.sequence) == (first.stream, first.sequence + 1)


def test_the_same_record_waits_once() -> None:
    outbox = opened(None)
    alert = make_alert()
    outbox.put(alert)
    outbox.put(alert)
    assert outbox.depth() == 1


def test_a_record_goes_when_every_destination_has_it() -> None:
    outbox = opened(None, ("a", "b"))
    outbox.put(make_alert())
    upto = outbox.pending("a", 1)[0].sequence
    outbox.ack("a", upto)
    assert (outbox.waiting("a"), outbox.waiting("b"), outbox.depth()) == (0, 1, 1)
    outbox.ack("b", upto)
    assert outbox.depth() == 0


def test_an_old_acknowledgement_does_not_move_a_destination_back() -> None:
    outbox = opened(None, ("a", "b"))
    for _ in range(3):
        outbox.put(make_alert())
    first, _, last = outbox.pending("a", 3)
    outbox.ack("a", last.sequence)
    outbox.ack("a", first.sequence)
    assert outbox.waiting("a") == 0


def test_a_new_destination_gets_what_waits_and_a_removed_one_holds_nothing_up(path: Path) -> None:
    outbox = opened(path, ("a", "b"))
    outbox.put(make_alert())
    outbox.put(make_alert())
    outbox.ack("a", outbox.pending("a", 2)[-1].sequence)
    outbox.close()
    outbox = opened(path, ("a", "c"))
    assert outbox.waiting("c") == 2
    assert outbox.losses() == {"b was taken out of the settings": 2}
    outbox.close()
    assert opened(path, ("a",)).depth() == 0


def test_the_back_off_is_kept_and_success_ends_it(path: Path) -> None:
    outbox = opened(path)
    outbox.put(make_alert())
    outbox.defer("a", 4, 12345)
    outbox.close()
    outbox = opened(path)
    assert outbox.deferred() == {"a": (4, 12345)}
    outbox.ack("a", outbox.pending("a", 1)[0].sequence)
    assert outbox.deferred() == {"a": (0, 0)}


def test_the_bound_costs_the_least_severe_oldest_and_counts_them() -> None:
    high = [make_alert(severity=Severity.HIGH) for _ in range(3)]
    low = [make_alert(severity=Severity.LOW) for _ in range(5)]
    each = len(alert_to_json(high[0]).encode()) + ROW_BYTES
    outbox = opened(None, most_bytes=6 * each + 100)
    for alert in [high[0], *low, high[1], high[2]]:
        outbox.put(alert)
    assert ids(outbox) == [alert.record_id for alert in [high[0], *low[2:], high[1], high[2]]]
    assert outbox.losses() == {FULL: 2}
    outbox.put(make_alert(severity=Severity.INFORMATIONAL))
    assert outbox.losses() == {FULL: 3}, "the newcomer is the least severe and goes itself"
    assert outbox.depth() == 6


def test_the_file_stays_near_its_bound(path: Path) -> None:
    outbox = opened(path, most_bytes=100_000)
    for number in range(300):
        outbox.put(make_alert(detail={"text": "x" * (number % 900)}))
    assert outbox.depth() < 300
    assert outbox.losses()[FULL] == 300 - outbox.depth()
    assert path.stat().st_size < 250_000


def test_the_bound_holds_after_a_restart(path: Path) -> None:
    outbox = opened(path)
    for _ in range(20):
        outbox.put(make_alert())
    outbox.close()
    outbox = opened(path, most_bytes=5000)
    outbox.put(make_alert())
    assert 0 < outbox.depth() < 10
    assert outbox.losses()[FULL] == 21 - outbox.depth()


def test_a_loss_is_announced_once_and_not_while_an_announcement_waits() -> None:
    outbox = opened(None)
    outbox.count_loss("why", 3)
    losses = outbox.losses()
    outbox.count_loss("why", 2)  # between reading and announcing
    outbox.put(make_alert(kind=AlertKind.LOSS), announces=losses)
    assert outbox.losses() == {}
    outbox.ack("a", outbox.pending("a", 1)[0].sequence)
    assert outbox.losses() == {"why": 2}


def test_an_announcement_outlives_everything_else_when_room_is_short() -> None:
    outbox = opened(None, most_bytes=4000)
    outbox.put(make_alert(kind=AlertKind.LOSS, severity=Severity.LOW))
    for _ in range(20):
        outbox.put(make_alert(severity=Severity.CRITICAL))
    assert outbox.pending("a", 1)[0].alert.kind is AlertKind.LOSS


def test_the_files_are_private_whatever_they_were(path: Path) -> None:
    before = os.umask(0)
    try:
        outbox = opened(path)
        outbox.put(make_alert())
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        assert modes == dict.fromkeys(("outbox.db", "outbox.db-wal", "outbox.db-shm"), 0o600)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        outbox.close()
        path.chmod(0o644)
        opened(path).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_durable_by_construction(path: Path) -> None:
    outbox = opened(path)
    with outbox._transaction() as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_failed_put_changes_nothing() -> None:
    outbox = opened(None)
    with outbox._transaction() as db:
        db.execute("CREATE TRIGGER no BEFORE INSERT ON alert BEGIN SELECT RAISE(ABORT, 'refused'); END")
    outbox.count_loss("why", 1)
    with pytest.raises(OSError, match="refused"):
        outbox.put(make_alert(), announces={"why": 1})
    assert outbox.depth() == 0
    assert outbox.losses() == {"why": 1}
    assert outbox._bytes == 0


def test_another_process_that_holds_the_file_is_an_error_and_not_a_hang(path: Path) -> None:
    outbox = opened(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match="locked") as caught:
            outbox.put(make_alert())
    assert caught.value.errno == errno.EBUSY
    outbox.put(make_alert())
    assert outbox.depth() == 1


def test_threads_share_it(path: Path) -> None:
    outbox = opened(path, ("a", "b"))
    taken: dict[str, list[str]] = {"a": [], "b": []}
    alerts = [make_alert() for _ in range(90)]

    def put(share: int) -> None:
        for alert in alerts[share::3]:
            outbox.put(alert)

    def take(name: str) -> None:
        while len(taken[name]) < len(alerts):
            for record in outbox.pending(name, 7):
                outbox.ack(name, record.sequence)
                taken[name].append(record.alert.record_id)

    threads = [threading.Thread(target=put, args=(share,)) for share in range(3)]
    threads += [threading.Thread(target=take, args=(name,)) for name in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert taken["a"] == taken["b"]
    assert sorted(taken["a"]) == sorted(alert.record_id for alert in alerts)
    assert (outbox.depth(), outbox._bytes) == (0, 0)


def test_a_closed_outbox_says_so() -> None:
    outbox = opened(None)
    outbox.close()
    outbox.close()
    with pytest.raises(OSError, match="closed"):
        outbox.put(make_alert())


def test_one_owners_flood_of_critical_alerts_pushes_out_only_its_own(tmp_path: Path) -> None:
    outbox = opened(tmp_path / "o.sqlite3", most_bytes=60_000)
    mine = [make_alert(severity=Severity.LOW, detail={"peer_uid": 1000}) for _ in range(5)]
    relays = make_alert(severity=Severity.INFORMATIONAL, detail={"by": "relay", "peer_uid": 1001})
    for alert in (*mine, relays):
        outbox.put(alert)
    for _ in range(300):
        outbox.put(make_alert(severity=Severity.CRITICAL, detail={"peer_uid": 1001, "peer_pid": 1}))
    left = {record.alert.record_id for record in outbox.pending("a", 1000)}
    assert {alert.record_id for alert in (*mine, relays)} <= left
    assert len(left) > 20
    assert outbox.losses() == {"the outbox was full": 306 - len(left)}
    outbox.close()


def test_user_numbers_that_nobody_knows_are_one_owner(tmp_path: Path) -> None:
    outbox = opened(tmp_path / "o.sqlite3", most_bytes=30_000)
    mine = [make_alert(severity=Severity.LOW, detail={"peer_uid": 1000}) for _ in range(5)]
    for alert in mine:
        outbox.put(alert)
    for number in range(300):
        flood = {"peer_uid": 100_000 + number, "peer_unknown": True}
        outbox.put(make_alert(severity=Severity.CRITICAL, detail=flood))
    assert {alert.record_id for alert in mine} <= {
        record.alert.record_id for record in outbox.pending("a", 1000)
    }
    outbox.close()


def test_an_outbox_of_an_earlier_version_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "o.sqlite3"
    outbox = opened(path)
    alert = make_alert()
    outbox.put(alert)
    outbox.close()
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE alert DROP COLUMN owner")
    again = opened(path)
    again.put(make_alert())
    assert next(record.alert.record_id for record in again.pending("a", 9)) == alert.record_id
    again.close()


def test_a_body_that_is_not_what_was_written_is_never_brought_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "o.sqlite3"
    outbox = opened(path)
    first, changed, last = make_alert(), make_alert(), make_alert()
    for alert in (first, changed, last):
        outbox.put(alert)
    outbox.close()
    with closing(sqlite3.connect(path)) as db, db:
        # Another whole alert: only the checksum tells.
        body = alert_to_json(make_alert(message="Nothing happened.")).encode()
        db.execute("UPDATE alert SET body = ? WHERE record_id = ?", (body, changed.record_id))
    outbox = opened(path)
    assert ids(outbox) == [first.record_id, last.record_id]
    assert outbox.losses() == {"their records in the outbox were damaged": 1}
    assert outbox.depth() == 2
    outbox.close()


def test_what_moves_to_another_outbox_leaves_this_one(tmp_path: Path) -> None:
    spare, disk = opened(None), opened(tmp_path / "o.sqlite3")
    alerts = [make_alert() for _ in range(3)]
    for alert in alerts:
        spare.put(alert)
    spare.move_to(disk)
    assert (ids(disk), spare.depth()) == ([alert.record_id for alert in alerts], 0)
    assert (spare._bytes, spare.losses()) == (0, {})
    disk.close()


def test_room_counts_the_body_and_what_a_row_costs() -> None:
    alert = make_alert()
    each = len(alert_to_json(alert).encode()) + 256
    outbox = opened(None, most_bytes=2 * each)
    outbox.put(make_alert())
    outbox.put(make_alert())
    assert (outbox.depth(), outbox._bytes, outbox.losses()) == (2, 2 * each, {})
    outbox.put(make_alert())
    assert (outbox.depth(), outbox.losses()) == (2, {FULL: 1})
