"""How many alerts wait and why stands beside the worker's status, not more than once a second."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.runtime.status.delivery_status import DeliveryStatus
from agent.runtime.status.snapshot import State, Status
from agent.runtime.status.status_merge import StatusMerge
from tests.agent.runtime.fakes import SECOND


class Delivery:
    def __init__(self) -> None:
        self.waiting, self.lines, self.looks = 0, (), 0  # type: ignore[var-annotated]

    def depth(self) -> int:
        self.looks += 1
        return self.waiting

    def problems(self) -> tuple[str, ...]:
        return self.lines


class Bench:
    def __init__(self, folder: Path) -> None:
        self.now_ns = 10 * SECOND
        self.delivery = Delivery()
        self.merge = StatusMerge(folder / "status.json", Status())
        self.publisher = DeliveryStatus(self.merge, self.delivery, lambda: self.now_ns)  # type: ignore[arg-type]

    @property
    def status(self) -> Status:
        return self.merge.status


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    tmp_path.chmod(0o700)
    return Bench(tmp_path)


def test_the_workers_status_and_the_deliverys_are_one(bench: Bench) -> None:
    bench.delivery.waiting, bench.delivery.lines = 3, ("syslog: refused",)
    bench.publisher.publish(Status(state=State.PROTECTING, trust=88))
    assert (bench.status.state, bench.status.trust) == (State.PROTECTING, 88)
    assert (bench.status.waiting_alerts, bench.status.trouble) == (3, "syslog: refused")


def test_delivery_is_looked_at_once_a_second(bench: Bench) -> None:
    for step in range(25):
        bench.now_ns = 10 * SECOND + step * SECOND // 10
        bench.publisher.publish(Status(events=step))
    assert bench.delivery.looks == 3
    assert bench.status.events == 24


def test_a_disk_that_refuses_stands_first_and_goes_when_it_takes_again(bench: Bench) -> None:
    bench.delivery.lines = ("syslog: refused",)
    bench.publisher.disk_trouble("alerts cannot be written to disk")
    assert bench.status.trouble == "alerts cannot be written to disk; syslog: refused"
    bench.publisher.disk_trouble("")
    assert bench.status.trouble == "syslog: refused"


def test_the_same_problem_twice_is_said_once(bench: Bench) -> None:
    bench.delivery.lines = ("no room", "no room")
    bench.publisher.disk_trouble("no room")
    assert bench.status.trouble == "no room"
