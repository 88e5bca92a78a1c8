"""What the mouse service notices reaches the relay once, and waits where there is none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from agent.alerts.alert import AlertKind, Severity
from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.mouse_service.admission import Breach
from agent.mouse_service.relay_reporter import RelayReporter
from agent.mouse_service.tally import Deviation


class Link:
    """A relay that takes what it is handed, or is not there."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.is_there = True
        self.asked = threading.Event()

    def send(self, records: list[Record]) -> Sent:
        self.asked.set()
        if not self.is_there:
            return Sent(0, DeliveryOutcome.RETRY, "no relay")
        self.records += records
        return Sent(len(records), DeliveryOutcome.OK)


def eventually(ready: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 5.0
    while not ready():
        assert time.monotonic() < end_s
        time.sleep(0.005)


class Clocked:
    def __init__(self) -> None:
        self.now_ns = 10**12

    def __call__(self) -> int:
        return self.now_ns


def reporter(link: Link, clock: Clocked) -> RelayReporter:
    made = RelayReporter(lambda: link, {1000: "anna"}.__getitem__, "desk-7", clock, lambda: 9)
    made.start()
    return made


def test_what_is_alike_is_reported_at_once_and_counted_for_ten_minutes() -> None:
    link, clock = Link(), Clocked()
    reports = reporter(link, clock)
    for _ in range(3):
        reports.breach(1000, 42, Breach.FOREIGN_PROGRAM, "/usr/bin/python3.11")
    reports.deviation(1000, 42, Deviation.DRAINS)
    clock.now_ns += 601 * 10**9
    reports.breach(1000, 43, Breach.FOREIGN_PROGRAM, "/usr/bin/python3.11")
    eventually(lambda: len(link.records) == 3)
    reports.stop(1.0)
    first, second, third = (record.alert for record in link.records)
    assert (first.kind, first.severity, first.user) == (AlertKind.MOUSE_TAMPERING, Severity.HIGH, "anna")
    assert first.detail == {
        "how": "foreign_program",
        "account_uid": 1000,
        "pid": 42,
        "program": "/usr/bin/python3.11",
        "held_back": 0,
    }
    assert first.message == (
        "A program that is not the agent asks for the mouse's movement (/usr/bin/python3.11)"
    )
    assert second.detail["how"] == "drains"
    assert third.detail["held_back"] == 2


def test_without_a_relay_it_waits_and_is_not_lost() -> None:
    link = Link()
    link.is_there = False
    reports = reporter(link, Clocked())
    reports.deviation(1000, 42, Deviation.FORGED)
    assert link.asked.wait(5.0)
    link.is_there = True
    reports.stop(5.0)
    assert [record.alert.detail["how"] for record in link.records] == ["forged"]


def test_nothing_to_report_makes_no_link() -> None:
    def refuse() -> Link:
        raise AssertionError("made")

    reports = RelayReporter(refuse, str, "desk-7")
    reports.start()
    reports.stop(1.0)
