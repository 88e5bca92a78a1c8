"""The delivery thread: it wakes for alerts, rests without them, and ends when told to."""

from __future__ import annotations

import errno
import json
import random
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind
from agent.alerts.api import DeliveryOutcome, Sent, Transport
from agent.alerts.delivery import THREAD, LocalDelivery
from agent.alerts.destinations import Named, open_delivery
from agent.alerts.outbox.file import DamagedWhileOpenError
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.outbox.store import AlertStore
from agent.alerts.outbox_maintenance import Sender
from agent.alerts.settings import AlertSettings
from tests.agent.alerts.fakes import Scripted, make_alert


def until(true: Callable[[], bool]) -> None:
    """Wait for another thread, at most ten seconds."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)


def started(*transports: Transport, path: Path | None = None) -> LocalDelivery:
    names = [transport.name for transport in transports]
    delivery = LocalDelivery(
        AlertStore(partial(open_outbox, path, 1_000_000, names), open_outbox(None, 1_000_000, names)[0]),
        transports,
        Sender("alice", "laptop-17", time.monotonic_ns, time.time_ns),
        random.Random(1),
    )
    delivery.start()
    return delivery


def lines(path: Path) -> list[str]:
    return [json.loads(line)["metadata"]["uid"] for line in path.read_text().splitlines()]


def test_an_alert_arrives_without_anybody_asking() -> None:
    there = Scripted("there")
    delivery = started(there)
    for _ in range(5):
        alert = make_alert()
        delivery.submit(alert)
        until(partial(there.has, alert.record_id))
    until(lambda: delivery.depth() == 0)
    delivery.close(1.0)
    assert delivery.depth() == 0


def test_it_does_not_wake_while_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = started(Scripted("there"))
    delivery.submit(make_alert())
    until(lambda: delivery.depth() == 0)
    steps = 0
    (courier,) = delivery._workers.values()
    step = courier.step

    def counted() -> float | None:
        nonlocal steps
        steps += 1
        return step()

    time.sleep(0.05)
    monkeypatch.setattr(courier, "step", counted)
    time.sleep(0.2)
    assert steps == 0
    delivery.submit(make_alert())
    until(lambda: steps > 0)
    delivery.close(0.0)


def test_its_threads_have_names_and_do_not_hold_the_process() -> None:
    delivery = started(Scripted("there"))
    threads = [thread for thread in threading.enumerate() if thread.name.startswith(THREAD)]
    assert {thread.name for thread in threads} == {"alert-outbox", "alert-there"}
    assert all(thread.daemon for thread in threads)
    delivery.close(0.0)
    assert not any(thread.is_alive() for thread in threads)


def test_close_brings_what_waits_whatever_the_back_off_says() -> None:
    there = Scripted("there", [DeliveryOutcome.AUTH_FAILED])
    delivery = started(there)
    delivery.submit(make_alert())
    until(lambda: there.calls == 1)
    delivery.close(5.0)
    assert len(there.taken) == 1


def test_close_ends_in_time_and_what_is_left_comes_next_time(tmp_path: Path) -> None:
    delivery = started(Scripted("there", [DeliveryOutcome.RETRY] * 1000), path=tmp_path / "outbox.db")
    alert = make_alert()
    delivery.submit(alert)
    before = time.monotonic()
    delivery.close(0.3)
    delivery.close(0.3)
    assert time.monotonic() - before < 2.0
    with pytest.raises(OSError, match="closed"):
        delivery.submit(make_alert())
    there = Scripted("there")
    again = started(there, path=tmp_path / "outbox.db")
    again.close(20.0)
    assert there.taken == [alert.record_id]


def test_a_destination_that_hangs_hangs_neither_submit_nor_close_nor_another() -> None:
    release = threading.Event()

    class Hanging(Scripted):
        def send(self, records: object) -> Sent:
            self.calls += 1
            release.wait(20)
            return Sent(0, DeliveryOutcome.RETRY, "late")

    there, beside = Hanging("there"), Scripted("beside")
    delivery = started(there, beside)
    delivery.submit(make_alert())
    until(lambda: there.calls == 1)
    before = time.monotonic()
    second = make_alert()
    delivery.submit(second)
    assert time.monotonic() - before < 1.0
    until(partial(beside.has, second.record_id))
    delivery.close(0.0)
    assert time.monotonic() - before < 5.0
    release.set()


def test_a_bug_in_a_transport_is_a_problem_that_says_so_and_alerts_are_still_kept(tmp_path: Path) -> None:
    class Broken(Scripted):
        def send(self, records: object) -> Sent:
            raise RuntimeError("a bug in a transport")

    delivery = started(Broken("there"), path=tmp_path / "outbox.db")
    delivery.submit(make_alert())
    until(lambda: bool(delivery.problems()))
    assert delivery.problems() == ("there: an error in this program: RuntimeError: a bug in a transport",)
    delivery.submit(make_alert())
    assert delivery.depth() == 2
    delivery.close(0.0)


def test_from_settings_to_the_file(tmp_path: Path) -> None:
    delivery = open_delivery(
        AlertSettings(), tmp_path / "outbox.db", tmp_path / "alerts.jsonl", "laptop-17", "alice", "0.1.0"
    )
    alerts = [make_alert(), make_alert(detail={"x": "y" * 99_999})]
    for alert in alerts:
        delivery.submit(alert)
    delivery.close(10.0)
    assert delivery.problems() == ()
    assert lines(tmp_path / "alerts.jsonl") == [alert.record_id for alert in alerts]


def test_without_a_disk_alerts_still_go_out_and_the_caller_learns_of_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    delivery = open_delivery(
        AlertSettings(),
        tmp_path / "file" / "outbox.db",
        tmp_path / "alerts.jsonl",
        "laptop-17",
        "alice",
        "0.1.0",
    )
    assert "kept in memory only" in delivery.problems()[0]
    alert = make_alert()
    with pytest.raises(OSError, match="kept in memory"):
        delivery.submit(alert)
    until(lambda: delivery.depth() == 0)
    delivery.submit(alert)
    delivery.close(10.0)
    assert lines(tmp_path / "alerts.jsonl") == [alert.record_id]


def test_the_disk_is_tried_again_after_a_start_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.alerts.back_off.FIRST_S", 0.01)
    monkeypatch.setattr("agent.alerts.back_off.LEAST_S", 0.01)
    (tmp_path / "place").write_text("in the way")
    there = Scripted("there", [DeliveryOutcome.RETRY] * 1000)
    delivery = started(there, path=tmp_path / "place" / "outbox.db")
    assert "kept in memory only" in delivery.problems()[0]
    alert = make_alert()
    with pytest.raises(OSError, match="kept in memory"):
        delivery.submit(alert)
    (tmp_path / "place").unlink()
    until(lambda: "outbox" not in "".join(delivery.problems()))
    other = make_alert()
    delivery.submit(other)
    delivery.close(0.0)
    outbox, _ = open_outbox(tmp_path / "place" / "outbox.db", 1_000_000, ["there"])
    kept = [record.alert.record_id for record in outbox.pending("there", 10)]
    assert kept == [alert.record_id, other.record_id]


def test_an_outbox_that_goes_bad_while_it_is_open_is_opened_again(tmp_path: Path) -> None:
    there = Scripted("there")
    delivery = started(there, path=tmp_path / "outbox.db")

    def bad(*_: object, **__: object) -> None:
        raise DamagedWhileOpenError(errno.EIO, "outbox: database disk image is malformed")

    delivery._store.boxes[0].put = bad  # type: ignore[method-assign]
    alert = make_alert()
    with pytest.raises(OSError, match="malformed"):
        delivery.submit(alert)
    until(partial(there.has, alert.record_id))
    until(lambda: len(delivery._store.boxes) == 2)
    delivery.submit(second := make_alert())
    until(partial(there.has, second.record_id))
    delivery.close(5.0)


def test_a_full_disk_is_told_and_survived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = Scripted("there")
    delivery = started(there, path=tmp_path / "outbox.db")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "disk is full")

    monkeypatch.setattr(delivery._store.boxes[0], "put", full)
    alert = make_alert()
    with pytest.raises(OSError, match="disk is full"):
        delivery.submit(alert)
    until(lambda: there.taken == [alert.record_id])
    delivery.submit(alert)  # a caller that tries again until it is taken
    other = make_alert()
    with pytest.raises(OSError, match="disk is full"):
        delivery.submit(other)
    until(lambda: there.taken[1:] == [other.record_id])
    delivery.close(0.0)


def test_a_damaged_outbox_is_announced_to_the_receivers(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"not an outbox at all" * 100)
    delivery = open_delivery(AlertSettings(), path, tmp_path / "alerts.jsonl", "laptop-17", "alice", "0.1.0")
    assert "damaged" in delivery.problems()[0]
    delivery.close(10.0)
    (event,) = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    assert event["metadata"]["event_code"] == AlertKind.LOSS.value
    assert "damaged" in event["finding_info"]["desc"]


def test_settling_brings_to_disk_at_once_what_waits_for_it_and_leaves_receivers_alone(tmp_path: Path) -> None:
    there = Scripted("there")
    path = tmp_path / "folder" / "outbox"
    path.parent.touch()
    delivery = started(there, path=path)
    assert delivery.settle() is False
    path.parent.unlink()
    until(delivery.settle)
    assert path.exists()
    assert delivery.problems() == ()
    delivery.close(1.0)


def test_of_two_of_a_kind_one_that_is_away_holds_up_only_itself() -> None:
    there, away = Scripted("webhook"), Scripted("webhook", [DeliveryOutcome.RETRY] * 99)
    delivery = started(there, Named("webhook second", away))
    alert = make_alert()
    delivery.submit(alert)
    until(partial(there.has, alert.record_id))
    until(lambda: bool(delivery.problems()))
    assert [line.partition(":")[0] for line in delivery.problems()] == ["webhook second"]
    assert delivery.depth() == 1
    delivery.close(0.0)
